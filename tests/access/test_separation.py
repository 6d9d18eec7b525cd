"""Two persons, three administrators, delegates and keepers: the rules about who must not, over HTTP."""

from typing import Any

from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from tests.access.conftest import Trial
from tests.access.loans import make_an_application
from tests.access.matrix import CASES
from tests.access.sending import ask
from tests.factories.circulation import day
from tests.factories.identity import actor_of, make_person
from tests.factories.places import make_warehouse
from tests.support.http import MINI_PREFIX, signed_in

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


async def call(trial: Trial, actor: Actor, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and body of a request of the mini-program."""
    headers = {"Authorization": f"Bearer {await signed_in(actor)}"}
    if method == "POST":
        headers["Idempotency-Key"] = new_id()
    answer = await trial.client.request(method, MINI_PREFIX + path, json=body, headers=headers)
    return answer.status_code, answer.json()


async def waiting(trial: Trial, actor: Actor) -> list[str]:
    """What waits for somebody's decision, by the applications' ids."""
    _, body = await call(trial, actor, "GET", "/approvals")
    return [task["subject_id"] for task in body["data"]["items"]]


async def task_of(trial: Trial, actor: Actor, borrowing_id: str) -> str:
    _, body = await call(trial, actor, "GET", "/approvals")
    return next(str(task["id"]) for task in body["data"]["items"] if task["subject_id"] == borrowing_id)


def delegation(to: Actor, first: int, last: int) -> dict[str, Any]:
    days = {"starts_on": day(first).isoformat(), "ends_on": day(last).isoformat()}
    return {"to_person_id": to.person_id, "role": "asset_manager", "reason": "年休假", **days}


async def clerk_and_manager(trial: Trial) -> tuple[Actor, Actor]:
    """Somebody without a role of their own, and an asset manager who also borrows."""
    unit = trial.world.offices["own"].unit
    both = await make_person("冯建国", unit, Role.ASSET_MANAGER, Role.BORROWER)
    return await actor_of(await make_person("何静", unit), unit), await actor_of(both, unit)


async def test_applicant_never_decides_when_they_are_the_unit_s_asset_manager(trial: Trial) -> None:
    _, manager = await clerk_and_manager(trial)
    view = await make_an_application(trial.world, manager)
    assert view.id not in await waiting(trial, manager)
    task_id = await task_of(trial, trial.world.offices["own"].manager, view.id)
    status, body = await call(trial, manager, "POST", f"/approvals/{task_id}/decision", {"is_approved": True})
    assert (status, body["code"]) == (403, "approval.own_application")


async def test_delegate_never_decides_when_the_applicant_is_who_they_stand_in_for(trial: Trial) -> None:
    clerk, manager = await clerk_and_manager(trial)
    view = await make_an_application(trial.world, manager)
    status, _ = await call(trial, manager, "POST", "/delegations", delegation(clerk, 0, 2))
    assert status == 201
    assert view.id not in await waiting(trial, clerk)
    task_id = await task_of(trial, trial.world.offices["own"].manager, view.id)
    status, body = await call(trial, clerk, "POST", f"/approvals/{task_id}/decision", {"is_approved": True})
    assert (status, body["code"]) == (403, "approval.own_application")


async def test_delegate_decides_when_the_day_has_come_and_not_before_or_after(trial: Trial) -> None:
    clerk, _ = await clerk_and_manager(trial)
    borrower = trial.world.asking[Role.BORROWER, False]
    giver = trial.world.asking[Role.ASSET_MANAGER, False]
    first, second = [(await make_an_application(trial.world, borrower)).id for _ in range(2)]
    assert (await call(trial, giver, "POST", "/delegations", delegation(clerk, 5, 6)))[0] == 201
    assert await waiting(trial, clerk) == []
    status, made = await call(trial, giver, "POST", "/delegations", delegation(clerk, 0, 3))
    assert status == 201
    task_id = await task_of(trial, clerk, first)
    status, _ = await call(trial, clerk, "POST", f"/approvals/{task_id}/decision", {"is_approved": True})
    assert status == 201
    left = await task_of(trial, clerk, second)
    assert (await call(trial, giver, "POST", f"/delegations/{made['data']['id']}/revocation"))[0] == 201
    status, body = await call(trial, clerk, "POST", f"/approvals/{left}/decision", {"is_approved": True})
    assert (status, body["code"]) == (404, "approval.task_not_found")


async def test_one_person_never_decides_two_steps_when_they_hold_both_roles(trial: Trial) -> None:
    office = trial.world.offices["own"]
    both = await actor_of(
        await make_person("郑敏", office.unit, Role.ASSET_MANAGER, Role.OPERATIONS, is_subtree=True), office.unit
    )
    below = trial.world.offices["below"]
    applicant = await actor_of(await make_person("邹红", below.unit, Role.BORROWER), below.unit)
    made = await trial.world.fresh("listing", "own")
    wanted = {"asset_id": made["asset_id"], "from_day": day(0).isoformat(), "to_day": day(1).isoformat()}
    _, body = await call(trial, applicant, "POST", "/borrowings", {**wanted, "purpose": "培训"})
    first = await task_of(trial, both, body["data"]["id"])
    assert (await call(trial, both, "POST", f"/approvals/{first}/decision", {"is_approved": True}))[0] == 201
    second = await task_of(trial, office.operator, body["data"]["id"])
    status, refused = await call(trial, both, "POST", f"/approvals/{second}/decision", {"is_approved": True})
    assert (status, refused["code"]) == (409, "approval.already_decided_by_you")


async def test_three_administrators_stay_three_when_one_is_to_become_two(trial: Trial) -> None:
    security = trial.world.asking[Role.SECURITY_ADMIN, True]
    unit = trial.world.offices["own"].unit
    shown = await trial.pass_for(security)
    for held in (*ADMINISTRATORS, Role.BORROWER):
        person = await make_person("试任", unit, held)
        facts = {"person_id": person.id, "post_id": person.posts[0].post_id}
        for wanted in ADMINISTRATORS if held == Role.BORROWER else (*ADMINISTRATORS, Role.BORROWER):
            path = "/admin/people/<person_id>/roles"
            answer = await ask(trial.client, "POST", path, shown, facts, role=wanted)
            assert answer.outcome == "conflict", (held, wanted, answer.raw[:200])


async def test_security_administrator_grants_nothing_to_themselves(trial: Trial) -> None:
    security = trial.world.asking[Role.SECURITY_ADMIN, True]
    shown = await trial.pass_for(security)
    page = await trial.client.get(f"{MINI_PREFIX}/me", headers={"Authorization": f"Bearer {shown.bearer}"})
    facts = {"person_id": security.person_id or "", "post_id": page.json()["data"]["posts"][0]["post_id"]}
    answer = await ask(trial.client, "POST", "/admin/people/<person_id>/roles", shown, facts, role="unit_accountant")
    assert answer.outcome == "forbidden", answer.raw[:300]


def test_auditor_only_reads_when_the_table_is_read_through() -> None:
    # Own: a session, a post, a search they keep, a calendar, and the list by which somebody hands over to them.
    own = {"session", "bound", "allowed", "totp", "post", "notice", "saved", "given_me", "with_feed", ""}
    writes = [case for case in CASES if case.method != "GET" and Role.AUDIT_ADMIN in case.may | case.is_open_to]
    assert {case.thing for case in writes} <= own
    business = ("/mini/v1/assets", "/mini/v1/borrowings", "/admin/people", "/admin/units", "/admin/loans")
    assert not [case for case in writes if case.path.startswith(business)]


async def test_keeper_hands_out_nothing_when_the_warehouse_is_another_one_of_the_unit(trial: Trial) -> None:
    office = trial.world.offices["own"]
    elsewhere = await make_person("仓管员老周", office.unit, Role.WAREHOUSE_KEEPER)
    await make_warehouse(office.unit, elsewhere, name="应急仓")
    keeper = await actor_of(elsewhere, office.unit)
    loan = await trial.world.fresh("approved", "own")
    body = {"code": loan["asset_code"], "received_by": "李晓梅"}
    other = {"code": loan["asset_code"][:-4] + "9876", "received_by": "李晓梅"}
    status, refused = await call(trial, keeper, "POST", "/issues", body)
    assert (status, refused["code"]) == (404, "asset.not_found")
    unknown_status, unknown = await call(trial, keeper, "POST", "/issues", other)
    assert (unknown_status, unknown["code"], unknown["message"]) == (status, refused["code"], refused["message"])
    for path in (f"/borrowings/{loan['borrowing_id']}", f"/assets/{loan['asset_id']}"):
        assert (await call(trial, keeper, "GET", path))[0] == 404, path
    assert (await call(trial, office.keeper, "POST", "/issues", body))[0] == 201
