"""Every address × every role × own, related and foreign things, against the table."""

import os
from collections.abc import Iterator

import pytest
from sanic import Sanic

from server.app import create_app
from server.identity.roles import Role
from server.kernel.ids import new_id
from server.settings import Settings
from server.web.routes import ROUTES
from tests.access.conftest import Trial
from tests.access.expectations import OPEN, REFUSED, expected, is_in_sight, is_right
from tests.access.matrix import CASES, HALF_ADDRESSES, OPEN_ADDRESSES, Case
from tests.access.sending import Answer, ask, unknown
from tests.access.stored import changes, contents
from tests.access.things import MAKERS, MINE
from tests.access.world import RELATIONS

DOORS = ("mini", "admin", "pages")


class Faults(list[str]):
    """What is wrong, line by line: all of it for people, the first alone where guards are taken out."""

    def note(self, fault: str) -> None:
        """Keep a fault, if it is one."""
        if fault:
            self.append(fault)
            assert "GUARDS_PLAN" not in os.environ, fault


def door_of(case: Case) -> str:
    """The door by its addresses: the API, the desk, or the pages of everybody."""
    first = case.path.split("/")[1]
    return first if first in DOORS else "pages"


def reads(door: str) -> list[Case]:
    return [case for case in CASES if case.method == "GET" and door_of(case) == door]


def writes(door: str) -> list[Case]:
    return [case for case in CASES if case.method != "GET" and door_of(case) == door]


def test_table_is_complete_when_held_against_the_routes(settings: Settings) -> None:
    Sanic.unregister_app(create_app(settings, name=f"gwc_{new_id()}"))
    tabled = {case.key for case in CASES} | OPEN_ADDRESSES | HALF_ADDRESSES
    assert ROUTES.keys() - tabled == set(), "addresses without a line in the matrix"
    assert tabled - ROUTES.keys() == set(), "lines for addresses that are gone"
    assert not {case.key for case in CASES} & (OPEN_ADDRESSES | HALF_ADDRESSES)


def trials_of(case: Case) -> Iterator[tuple[Role, bool, str]]:
    """Who asks of which relation: everything for those who may, the telling part for all others."""
    for role in Role:
        is_of_interest = role in case.may or role in case.is_open_to
        for is_subtree in (False, True):
            if not case.thing:
                yield role, is_subtree, "none"
            elif is_of_interest:
                skipped = "neighbour" if is_subtree else "far"  # each of the two is tried once
                shown = [relation for relation in relations_of(case) if relation != skipped]
                yield from ((role, is_subtree, relation) for relation in shown)
            elif not is_subtree and case.thing in MAKERS:
                shown = [relation for relation in ("own", "neighbour") if relation in relations_of(case)]
                yield from ((role, is_subtree, relation) for relation in shown)


def relations_of(case: Case) -> tuple[str, ...]:
    """Where there may be such a thing."""
    if case.reach == "mine":
        # One's own unit is the unit of one's post.
        own = () if case.thing == "post" else ("own",)
        return ("mine", *own, "neighbour") if case.thing in MAKERS else ("mine",)
    if case.thing in {"borrowing", "security", "coming", "dictionary", "new_site", "new_warehouse"}:
        return ("own",)
    # A place of the unit below may be in sight of those who put things there.
    return ("own", "neighbour", "far") if case.thing == "new_card" else RELATIONS


async def asked(
    trial: Trial, case: Case, role: Role, is_subtree: bool, relation: str, *, is_fresh: bool = False
) -> tuple[Answer, Answer | None]:
    """The answer, and beside it the one about what does not exist."""
    actor = trial.world.asking[role, is_subtree]
    facts = {}
    if relation == "mine":
        facts = await MINE[case.thing](trial.world, actor)
    elif relation != "none":
        facts = await (trial.world.fresh if is_fresh else trial.world.thing)(case.thing, relation)
    shown = await trial.pass_for(actor, is_new=is_fresh)
    facts = {**facts, **trial.facts_of(role, is_subtree=is_subtree)}
    answer = await ask(trial.client, case.method, case.path, shown, facts, thing=case.thing)
    if relation in {"none", "mine", "own"} or is_fresh:
        return answer, None
    key = f"{case} {role} {is_subtree}"
    if key not in trial.unknown:
        other = await ask(trial.client, case.method, case.path, shown, unknown(facts), thing=case.thing)
        trial.unknown[key] = other
    return answer, trial.unknown[key]


def fault_of(case: Case, role: Role, is_subtree: bool, relation: str, answer: Answer, other: Answer | None) -> str:
    """What is wrong with an answer, in a line; empty where nothing is."""
    wanted = expected(case, role, relation, is_subtree=is_subtree)
    where = f"{case} {role}{'+' if is_subtree else ''} {relation}"
    if not is_right(case, wanted, answer.outcome):
        return f"{where}: {wanted}, but {answer}"
    if other is not None and wanted == REFUSED and not is_in_sight(case) and answer.text != other.text:
        return f"{where}: told apart from what does not exist: {difference(answer.text, other.text)}"
    return ""


def difference(one: str, two: str) -> str:
    """Where two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return f"{one[max(0, at - 40) : at + 60]!r} / {two[max(0, at - 40) : at + 60]!r}"


@pytest.mark.parametrize("door", DOORS)
async def test_reading_is_answered_as_the_table_says_when_anybody_asks(trial: Trial, door: str) -> None:
    faults = Faults()
    for case in reads(door):
        for role, is_subtree, relation in trials_of(case):
            answer, other = await asked(trial, case, role, is_subtree, relation)
            faults.note(fault_of(case, role, is_subtree, relation, answer, other))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("door", DOORS)
async def test_writing_is_refused_and_leaves_nothing_when_the_table_refuses(trial: Trial, door: str) -> None:
    refused = [
        (case, *who)
        for case in writes(door)
        for who in trials_of(case)
        if expected(case, who[0], who[2], is_subtree=who[1]) == REFUSED
    ]
    # Things and sessions are made before the tables are counted.
    for case, role, is_subtree, relation in refused:
        if relation not in {"none", "mine"}:
            await trial.world.thing(case.thing, relation)
        await trial.pass_for(trial.world.asking[role, is_subtree])
    before = await contents()
    faults = Faults()
    for case, role, is_subtree, relation in refused:
        answer, other = await asked(trial, case, role, is_subtree, relation)
        faults.note(fault_of(case, role, is_subtree, relation, answer, other))
        if answer.outcome in {"ok", "login"}:
            # A fault of its own; what follows is not to be blamed for it.
            await trial.pass_for(trial.world.asking[role, is_subtree], is_new=True)
            before = await contents()
    after = await contents()
    faults += changes(before, after)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("door", DOORS)
async def test_writing_succeeds_when_the_table_gives_it(trial: Trial, door: str) -> None:
    faults = Faults()
    for case in writes(door):
        outcomes = []
        for role, is_subtree, relation in trials_of(case):
            wanted = expected(case, role, relation, is_subtree=is_subtree)
            if wanted == REFUSED or (wanted == OPEN and (is_subtree or relation != "own")):
                continue
            answer, _ = await asked(trial, case, role, is_subtree, relation, is_fresh=True)
            outcomes.append(answer.outcome)
            if not is_right(case, wanted, answer.outcome):
                who = f"{role}{'+' if is_subtree else ''} {relation}"
                faults.note(f"{case} {who}: {wanted}, but {answer}\n{answer.raw[:300]}")
        if case.may and "ok" not in outcomes:
            faults.note(f"{case}: nobody succeeded, {outcomes}")
    assert not faults, "\n".join(faults)
