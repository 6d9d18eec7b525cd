"""Who is not logged in, or only half, or comes from another site, gets no further than the door."""

import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from server.identity.roles import Role
from server.identity.sessions import API, MINI
from server.web.routes import ROUTES
from server.web.sessions import VISITOR_COOKIE
from tests.access.bodies import QUERIES, filled
from tests.access.conftest import Trial, half_pass
from tests.access.made_up import made_up
from tests.access.matrix import CASES, HALF_ADDRESSES, LETTERS, OPEN_ADDRESSES, Case
from tests.access.sending import NOBODY, Answer, Pass, address_of, ask, with_days
from tests.access.stored import contents
from tests.access.things import MAKERS, MINE
from tests.access.world import Facts
from tests.support.http import signed_in

# Every address once; which thing it names makes no difference at the door.
ADDRESSES = {case.key: case for case in CASES}
FORMS = [case for case in ADDRESSES.values() if case.method == "POST" and not case.path.startswith("/mini/")]
OPEN_FORMS = [key for key in OPEN_ADDRESSES | HALF_ADDRESSES if key[0] == "POST" and not key[1].startswith("/mini/")]


def is_page(path: str) -> bool:
    return not path.startswith("/mini/")


def is_sent_to(answer: Answer, target: str, path: str) -> bool:
    """Whether the answer leads to `target`, and from there back to `path`."""
    parts = urlsplit(answer.target)
    return parts.path == target and parse_qs(parts.query).get("next", [""]) == [path]


def way_back(case: Case, facts: Facts) -> str:
    """Where the login leads on to: what was asked for, but never a form's target."""
    asked = QUERIES.get(f"{case.method} {case.path}")
    address = address_of(case.path, facts) if case.method == "GET" else "/"
    return f"{address}?{urlencode(filled(asked, with_days(facts)))}" if asked else address


async def visitor_pass(trial: Trial) -> Pass:
    """A visitor's cookie and the token of the forms drawn for it."""
    drawn = await trial.client.get("/login")
    found = re.search(r'name="csrf_token" value="([^"]+)"', drawn.text)
    cookie = trial.client.cookies[VISITOR_COOKIE]
    trial.client.cookies.clear()
    assert found is not None
    return Pass(cookie, found[1], VISITOR_COOKIE)


async def test_everything_asks_for_a_login_when_nobody_is_logged_in(trial: Trial) -> None:
    visitor, before, faults = await visitor_pass(trial), await contents(), []
    for case in ADDRESSES.values():
        facts = made_up(case.path)
        shown = visitor if is_page(case.path) else NOBODY
        answer = await ask(trial.client, case.method, case.path, shown, facts, thing=case.thing)
        if is_page(case.path):
            is_right = is_sent_to(answer, "/login", way_back(case, facts))
        else:
            is_right = answer.outcome == "login" and json.loads(answer.raw)["code"] == "session.required"
        faults += [] if is_right else [f"{case}: {answer} {answer.target or answer.raw[:120]}"]
    assert not faults, "\n".join(faults)
    assert await contents() == before


async def test_everything_asks_for_the_second_factor_when_it_is_still_owed(trial: Trial) -> None:
    shown, faults = await half_pass(trial.world.half), []
    before = await contents()
    for case in ADDRESSES.values():
        facts = made_up(case.path)
        answer = await ask(trial.client, case.method, case.path, shown, facts, thing=case.thing)
        if is_page(case.path):
            is_right = is_sent_to(answer, "/login/second-factor", way_back(case, facts))
        else:
            is_right = answer.outcome == "login" and json.loads(answer.raw)["code"] == "session.unfinished"
        faults += [] if is_right else [f"{case}: {answer} {answer.target or answer.raw[:120]}"]
    assert not faults, "\n".join(faults)
    assert await contents() == before


async def test_open_addresses_answer_when_nobody_is_logged_in_and_half_open_ones_do_not(trial: Trial) -> None:
    visitor, faults = await visitor_pass(trial), []
    for method, path in sorted(OPEN_ADDRESSES | HALF_ADDRESSES):
        shown = visitor if is_page(path) else NOBODY
        answer = await ask(trial.client, method, path, shown, made_up(path))
        is_barred = answer.outcome == "login" and (bool(answer.target) or '"session.required"' in answer.raw)
        if is_barred != ((method, path) in HALF_ADDRESSES) or answer.outcome == "forbidden":
            faults.append(f"{method} {path}: {answer} {answer.target}")
    assert not faults, "\n".join(faults)


async def test_half_open_addresses_answer_when_the_second_factor_is_owed(trial: Trial) -> None:
    faults = []
    for method, path in sorted(HALF_ADDRESSES):
        shown = await half_pass(trial.world.half)
        answer = await ask(trial.client, method, path, shown, made_up(path))
        if '"session.unfinished"' in answer.raw or '"session.required"' in answer.raw or answer.outcome == "login":
            faults.append(f"{method} {path}: {answer} {answer.raw[:160]}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("channel", [MINI, API])
async def test_session_counts_for_nothing_when_it_was_opened_at_another_door(trial: Trial, channel: str) -> None:
    """A phone's token in the cookie, the cookie's as a bearer token: nobody is logged in."""
    somebody = trial.world.asking[Role.OPERATIONS, True]
    right, visitor = await trial.pass_for(somebody), await visitor_pass(trial)
    shown = replace(right, token=await signed_in(somebody, channel), bearer=right.token)
    before, faults = await contents(), []
    for case in ADDRESSES.values():
        # A form of nobody's session, as a browser with a worthless cookie would be given.
        csrf = visitor.csrf_token
        sent = replace(shown, csrf_token=csrf, token=f"{shown.token}; {VISITOR_COOKIE}={visitor.token}")
        answer = await ask(trial.client, case.method, case.path, sent, made_up(case.path), thing=case.thing)
        faults += [] if answer.outcome == "login" else [f"{case}: {answer} {answer.target or answer.raw[:120]}"]
    assert not faults, "\n".join(faults)
    assert await contents() == before


async def test_form_is_refused_and_leaves_nothing_when_it_is_not_one_of_ours(trial: Trial) -> None:
    sent = [(case, *(await somebody_who_may(trial, case))) for case in FORMS if case.may]
    before, faults = await contents(), []
    for case, shown, facts in sent:
        for headers, token in FOREIGN:
            shown_now = replace(shown, csrf_token=shown.csrf_token if token is None else token)
            answer = await ask(
                trial.client, case.method, case.path, shown_now, facts, thing=case.thing, headers=dict(headers)
            )
            faults += [] if answer.outcome == "forbidden" else [f"{case} {headers} {token!r}: {answer}"]
    assert not faults, "\n".join(faults)
    assert await contents() == before


# Headers, and the token where it is not the right one.
FOREIGN = (
    ((), ""),
    ((), "0" * 64),
    ((("Origin", "https://evil.example"),), None),
    ((("Origin", "http://gongwucang.test.evil.example"),), None),
    ((("Sec-Fetch-Site", "cross-site"),), None),
    ((("Sec-Fetch-Site", "same-site"),), None),
)


async def somebody_who_may(trial: Trial, case: Case) -> tuple[Pass, Facts]:
    """A session that could send the form, and the facts to fill it with."""
    role = next(role for role in LETTERS.values() if role in case.may)
    actor = trial.world.asking[role, True]
    facts: Facts = {}
    if case.thing and case.reach == "mine":
        facts = await MINE[case.thing](trial.world, actor)
    elif case.thing:
        assert case.thing in MAKERS
        facts = await trial.world.thing(case.thing, "own")
    return await trial.pass_for(actor), {**facts, **trial.facts_of(role, is_subtree=True)}


async def test_open_form_is_refused_when_it_is_not_one_of_ours(trial: Trial) -> None:
    before, faults = await contents(), []
    for method, path in OPEN_FORMS:
        for shown in (NOBODY, await half_pass(trial.world.half)):
            answer = await ask(trial.client, method, path, replace(shown, csrf_token=""), made_up(path))
            faults += [] if answer.outcome == "forbidden" else [f"{method} {path}: {answer}"]
    assert not faults, "\n".join(faults)
    assert (await contents()).keys() == before.keys()
    assert ROUTES.keys() >= set(OPEN_FORMS)
