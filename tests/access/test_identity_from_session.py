"""Unit and person come from the session: a body that names them is refused, or is as if it did not."""

import json
from typing import Any

import msgspec

from server.web.routes import ROUTES
from tests.access.conftest import Trial
from tests.access.matrix import CASES
from tests.access.sending import ask
from tests.access.stored import changes, contents
from tests.access.test_doorstep import somebody_who_may

NAMES = (
    "unit_id",
    "person_id",
    "owner_unit_id",
    "holder_unit_id",
    "borrower_unit_id",
    "applicant_id",
    "actor_id",
)
# The person or unit that an administrative request is about (rules: Who) - never the one who makes it.
ABOUT_OTHERS = {
    "POST /switch-unit": {"unit_id"},  # among one's own posts; checked by the matrix
    "POST /admin/people": {"unit_id"},  # the system administrator registers people of the units within scope
    "POST /admin/people/<person_id>/posts": {"unit_id"},  # and gives them posts there
    "POST /admin/places/<place_id>/keepers": {"person_id"},  # operations assign a keeper of the warehouse's unit
}
# Texts that name somebody, for the same reasons: a colleague to stand in, to answer for a thing, to take things over.
COLLEAGUES = {"to_person_id", "custodian_id"}
# These read nothing of their form but the key: what else stands in it has no effect.
UNREAD = {
    "POST /me/sessions/<session_id>/end",
    "POST /me/sessions/end-others",
    "POST /me/delegations/<delegation_id>/revocation",
    "POST /messages/read",
    "POST /messages/<notice_id>/read",
    "POST /switch-unit",
    "POST /admin/audit/chain/verification",
}
WRITES = {case.key: case for case in CASES if case.method != "GET" and case.may}


def test_no_body_has_a_field_for_who_asks_when_its_type_is_read(trial: Trial) -> None:
    for (method, path), route in ROUTES.items():
        for type_ in (route.body, route.query):
            names = {field.encode_name for field in msgspec.structs.fields(type_)} if type_ else set()
            about = {name for name in names if name.endswith(("unit_id", "person_id", "actor_id", "applicant_id"))}
            # A filter narrows what is within scope anyway.
            assert route.query or about <= COLLEAGUES, (method, path, about)


async def test_body_is_refused_when_it_says_who_asks(trial: Trial) -> None:
    cases = [case for case in WRITES.values() if ROUTES[case.key].body is not None]
    sent = [(case, *(await somebody_who_may(trial, case))) for case in cases]
    other = trial.world.offices["far"]
    before, faults = await contents(), []
    for case, shown, facts in sent:
        extra: dict[str, Any] = dict.fromkeys(NAMES, other.unit.id)
        answer = await ask(trial.client, case.method, case.path, shown, facts, thing=case.thing, **extra)
        told = {each["field"]: each["code"] for each in json.loads(answer.raw)["data"].get("fields", [])}
        if answer.outcome != "invalid" or {told.get(name) for name in NAMES} != {"input.unknown_field"}:
            faults.append(f"{case}: {answer} {told}")
    faults += changes(before, await contents())
    assert sent
    assert not faults, "\n".join(faults)


async def test_form_is_refused_when_it_says_who_asks(trial: Trial) -> None:
    forms = [case for case in WRITES.values() if not case.path.startswith("/mini/")]
    sent = [(case, *(await somebody_who_may(trial, case))) for case in forms if f"POST {case.path}" not in UNREAD]
    other = trial.world.offices["far"]
    before, faults = await contents(), []
    for case, shown, facts in sent:
        extra: dict[str, Any] = {
            name: other.unit.id for name in NAMES if name not in ABOUT_OTHERS.get(f"POST {case.path}", set())
        }
        answer = await ask(trial.client, case.method, case.path, shown, facts, thing=case.thing, **extra)
        faults += [] if answer.outcome == "invalid" else [f"{case}: {answer}"]
    faults += changes(before, await contents())
    assert sent
    assert not faults, "\n".join(faults)


async def test_form_changes_only_what_is_ones_own_when_it_says_who_asks_and_is_not_read(trial: Trial) -> None:
    stranger = await trial.world.fresh("notice", "far")
    extra: dict[str, Any] = dict.fromkeys(NAMES, trial.world.offices["far"].unit.id)
    before = (await contents())["notice"]
    for key in ("POST /messages/read", "POST /me/sessions/end-others"):
        case = next(case for case in CASES if f"{case.method} {case.path}" == key)
        shown, facts = await somebody_who_may(trial, case)
        answer = await ask(trial.client, case.method, case.path, shown, facts, **extra)
        assert answer.outcome == "ok", (key, answer.raw[:200])
    after = (await contents())["notice"]
    assert [row for row in after if stranger["notice_id"] in row] == [
        row for row in before if stranger["notice_id"] in row
    ]
