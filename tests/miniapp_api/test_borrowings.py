"""One projector goes out and comes back, everything by phone."""

from typing import Any

import pytest

from tests.factories.circulation import day, make_borrowing, make_chairs
from tests.miniapp_api.conftest import Town
from tests.miniapp_api.pictures import a_picture
from tests.support.http import Caller, code_of, data_of, fields_of


def wanted(town: Town, **changes: Any) -> dict[str, Any]:
    """An application for the hall's projector."""
    return {
        "asset_id": town.hall.projector.id,
        "from_day": day(0).isoformat(),
        "to_day": day(2).isoformat(),
        "purpose": "全区文化工作会议放映",
        "phone": "13805710001",
        **changes,
    }


async def approve_by_phone(caller: Caller, borrowing_id: str) -> None:
    """Agree to what waits for `caller`."""
    tasks = data_of(await caller.get("/approvals"))["items"]
    task = next(task for task in tasks if task["subject_id"] == borrowing_id)
    assert data_of(await caller.get(f"/approvals/{task['id']}"))["can_decide"] is True
    decided = await caller.post(f"/approvals/{task['id']}/decision", {"is_approved": True, "opinion": "同意"})
    assert data_of(decided, 201)["state"] == "approved"


async def test_projector_goes_out_and_comes_back_when_everybody_does_their_part(town: Town) -> None:
    view = data_of(await town.borrower.post("/borrowings", wanted(town)), 201)
    path = f"/borrowings/{view['id']}"
    assert data_of(await town.approver.get("/approvals/pending-count")) == {"number": 1}
    await approve_by_phone(town.approver, view["id"])
    assert data_of(await town.approver.get("/approvals/pending-count")) == {"number": 0}
    await approve_by_phone(town.lender, view["id"])
    assert data_of(await town.lender.post(f"{path}/readiness"), 201)["state"] == "ready"
    receipt = {"code": town.hall.projector.code, "received_by": "李晓梅"}
    assert data_of(await town.lender.post(f"{path}/issue", receipt), 201)["state"] == "issued"
    returned = await town.lender.post("/returns", {"code": town.hall.projector.code.lower()})
    assert data_of(returned, 201)["state"] == "returned"
    found = {"asset_id": town.hall.projector.id, "result": "intact"}
    closed = data_of(await town.lender.post(f"{path}/inspection", found), 201)
    assert closed["state"] == "closed" and closed["lines"][0]["inspection_result"] == "intact"
    history = data_of(await town.lender.get(f"/assets/{town.hall.projector.id}/history"))
    assert len(history) >= 4 and history[0]["actor_name"] == "王秀英"


async def test_damage_is_decided_when_the_inspection_found_it(town: Town) -> None:
    view = await make_borrowing(town.hall, until="returned")
    path = f"/borrowings/{view.id}"
    picture = data_of(await town.lender.upload("/files", a_picture()), 201)["id"]
    found = {"asset_id": town.hall.projector.id, "result": "damaged", "note": "镜头有划痕", "picture_id": picture}
    inspected = data_of(await town.lender.post(f"{path}/inspection", found), 201)
    assert inspected["state"] == "inspected" and inspected["can_resolve"]
    decision = {"decision": "由借用单位承担维修费", "to": "repair"}
    assert code_of(await town.borrower.post(f"{path}/damage-decision", decision), 403) == "role.required"
    decided = data_of(await town.lender.post(f"{path}/damage-decision", decision), 201)
    assert decided["state"] == "closed" and decided["lines"][0]["damage_decision"] == "由借用单位承担维修费"
    card = data_of(await town.lender.get(f"/assets/{town.hall.projector.id}"))
    assert card["state"] == "in_repair"


async def test_thing_is_issued_when_only_its_code_is_scanned(town: Town) -> None:
    view = await make_borrowing(town.hall, until="approved")
    receipt = {"code": town.hall.projector.code, "received_by": "李晓梅"}
    issued = data_of(await town.lender.post("/issues", receipt), 201)
    assert (issued["id"], issued["state"]) == (view.id, "issued")
    assert code_of(await town.lender.post("/issues", receipt), 409) == "borrowing.nothing_to_issue"


async def test_borrowing_is_withdrawn_when_its_applicant_asks(town: Town) -> None:
    view = await make_borrowing(town.hall)
    withdrawal = f"/borrowings/{view.id}/withdrawal"
    assert code_of(await town.visitor.post(withdrawal, {"reason": "试试"}), 404) == "borrowing.not_found"
    assert data_of(await town.borrower.post(withdrawal, {"reason": "会议改期"}), 201)["state"] == "withdrawn"
    assert code_of(await town.borrower.post(withdrawal, {"reason": "会议改期"}), 409) == "borrowing.wrong_state"


async def test_second_borrower_is_refused_when_the_days_are_promised(town: Town) -> None:
    await make_borrowing(town.hall)
    refused = await town.visitor.post(
        "/borrowings", wanted(town, from_day=day(2).isoformat(), to_day=day(4).isoformat())
    )
    assert code_of(refused, 409) == "asset.not_available"
    assert day(2).isoformat() in refused.json()["message"]


@pytest.mark.parametrize(
    ("who", "role_view", "is_seen"),
    [
        ("borrower", "mine", True),
        ("approver", "unit", True),
        ("lender", "holder", True),
        ("lender", "desk", True),
        ("visitor", "mine", False),
        ("stranger", "unit", False),
        ("stranger", "holder", False),
        ("keeper", "desk", False),
    ],
)
async def test_borrowing_is_listed_for_those_it_concerns(town: Town, who: str, role_view: str, is_seen: bool) -> None:
    view = await make_borrowing(town.hall, until="approved")
    rows = data_of(await getattr(town, who).get("/borrowings", role_view=role_view))["items"]
    assert [row["id"] for row in rows] == ([view.id] if is_seen else [])


async def test_list_is_refused_when_the_role_is_missing(town: Town) -> None:
    assert code_of(await town.borrower.get("/borrowings", role_view="unit"), 403) == "role.required"
    assert fields_of(await town.borrower.get("/borrowings", role_view="all")) == {"role_view": "input.not_a_choice"}
    assert code_of(await town.borrower.get("/borrowings", state="lost"), 400).startswith("input.")


async def test_every_borrowing_is_listed_once_when_pages_are_turned(town: Town) -> None:
    made = set()
    for first in range(21):
        made.add((await make_borrowing(town.hall, first, first)).id)
    one = data_of(await town.borrower.get("/borrowings"))
    two = data_of(await town.borrower.get("/borrowings", cursor=one["next_cursor"]))
    shown = [row["id"] for row in one["items"] + two["items"]]
    assert len(one["items"]) == 20 and two["next_cursor"] is None
    assert len(shown) == 21 and set(shown) == made


async def test_another_district_finds_nothing_when_it_guesses_the_id(town: Town) -> None:
    view = await make_borrowing(town.hall, until="approved")
    for who in (town.stranger, town.visitor):
        assert code_of(await who.get(f"/borrowings/{view.id}"), 404) == "borrowing.not_found"
        assert code_of(await who.get(f"/borrowings/{view.id}/slip"), 404) == "borrowing.not_found"
        assert code_of(await who.post(f"/borrowings/{view.id}/readiness"), 404) == "borrowing.not_found"


async def test_slip_is_a_private_pdf_when_printed(town: Town) -> None:
    view = await make_borrowing(town.hall, until="approved")
    slip = await town.borrower.get(f"/borrowings/{view.id}/slip")
    assert slip.status_code == 200 and slip.content.startswith(b"%PDF")
    assert slip.headers["content-type"] == "application/pdf"
    assert slip.headers["cache-control"] == "private, no-store"
    assert slip.headers["x-content-type-options"] == "nosniff"


async def test_approver_is_refused_when_it_is_not_their_step(town: Town) -> None:
    await make_borrowing(town.hall)
    task = data_of(await town.approver.get("/approvals"))["items"][0]
    decision = {"is_approved": True}
    for who in (town.lender, town.stranger):
        refused = await who.post(f"/approvals/{task['id']}/decision", decision)
        assert code_of(refused, 404) == "approval.task_not_found"
    no = await town.approver.post(f"/approvals/{task['id']}/decision", {"is_approved": False})
    assert code_of(no, 400) in {"input.invalid", "approval.opinion_needed"} and "opinion" in fields_of(no)
    no = await town.approver.post(f"/approvals/{task['id']}/decision", {"is_approved": False, "opinion": "另有安排"})
    assert data_of(no, 201)["state"] == "rejected"
    done = data_of(await town.approver.get("/approvals", state="decided"))["items"]
    assert [row["id"] for row in done] == [task["id"]]


async def test_chairs_and_a_projector_are_borrowed_at_once_when_they_are_in_one_basket(town: Town) -> None:
    made = await make_chairs(town.hall.ledger, 3)
    lines = [{"asset_id": made[0].id, "quantity": 2}, {"asset_id": town.hall.projector.id}]
    body = {"lines": lines, **{name: value for name, value in wanted(town).items() if name != "asset_id"}}
    [view] = data_of(await town.borrower.post("/baskets", body), 201)["borrowings"]
    assert (view["piece_count"], view["title"]) == (3, f"{made[0].name} 2 件、{town.hall.projector.name}")
    too_many = await town.borrower.post("/borrowings", wanted(town, asset_id=made[0].id, quantity=2))
    assert code_of(too_many, 409) == "asset.not_available"
    path = f"/borrowings/{view['id']}"
    for approver in (town.approver, town.lender):
        await approve_by_phone(approver, view["id"])
    receipt = {"code": made[2].code, "received_by": "李晓梅"}
    issued = data_of(await town.lender.post(f"{path}/issue", receipt), 201)
    assert issued["progress"] == "待领 2 件，在借 1 件"
    assert issued["lines"][0]["instead_of_code"] == made[0].code
    await town.lender.post("/returns", {"code": made[2].code})
    back = data_of(await town.lender.post(f"{path}/inspections"), 201)
    assert [line["state"] for line in back["lines"]] == ["done", "waiting", "waiting"]
