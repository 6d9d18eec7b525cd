"""Many at once: one effect, and defined answers for the others."""

import asyncio
from collections import Counter

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.circulation.commands import issue_by_code, submit_borrowing, withdraw_borrowing
from server.circulation.queries import borrowing_view
from server.circulation.types import IssueByCode, WithdrawBorrowing
from server.circulation.verification import verify_promises
from server.identity.roles import Role
from server.kernel.reading import reading
from tests.factories.circulation import application, approve, make_borrowing
from tests.factories.identity import make_actor

RACERS = 40


async def outcomes(*calls) -> Counter:
    answers = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(
        getattr(answer, "code", repr(answer)[:60]) if isinstance(answer, Exception) else "done" for answer in answers
    )


async def test_one_of_forty_gets_the_days_when_all_overlap(hall):
    city = hall.ledger.city
    units = [city.culture, city.school, city.hospital, city.xihu_education]
    people = [await make_actor(f"借用人{n}", units[n % len(units)], Role.BORROWER) for n in range(RACERS)]
    found = await outcomes(
        *(submit_borrowing(person, application(hall.projector.id, n % 5, 5 + n % 7)) for n, person in enumerate(people))
    )
    assert found == {"done": 1, "asset.not_available": RACERS - 1}
    async with reading() as db:
        row = await db.fetch_one("SELECT COUNT(*) AS stored, COUNT(DISTINCT borrowing_id) AS holders FROM asset_day")
        numbers = await db.fetch_all("SELECT SUM(value) AS given FROM counter WHERE series LIKE 'borrowing:%'")
    assert row is not None
    assert row["holders"] == 1
    assert int(numbers[0]["given"]) == 1
    assert await verify_promises() == []


async def test_one_decision_counts_when_two_approvers_answer_at_once(hall):
    view = await make_borrowing(hall)
    second = await make_actor("顾晨", hall.ledger.city.culture, Role.ASSET_MANAGER)
    task = await waiting_task_for(second, "borrowing", view.id)
    found = await outcomes(
        decide(hall.approver, Decide(task_id=task.id, is_approved=True)),
        decide(second, Decide(task_id=task.id, is_approved=False, opinion="预算不够")),
    )
    assert found == {"done": 1, "approval.already_decided": 1}
    assert (await borrowing_view(hall.borrower, view.id)).state in {"submitted", "rejected"}
    assert await verify_promises() == []


async def test_either_withdrawn_or_approved_when_both_happen_at_once(hall):
    view = await make_borrowing(hall)
    await approve(view.id, hall.approver)
    task = await waiting_task_for(hall.lender, "borrowing", view.id)
    found = await outcomes(
        decide(hall.lender, Decide(task_id=task.id, is_approved=True)),
        withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议取消")),
    )
    # Approved first, it can still be withdrawn; withdrawn first, it can no longer be approved.
    assert found in ({"done": 2}, {"done": 1, "approval.cancelled": 1})
    assert (await borrowing_view(hall.borrower, view.id)).state == "withdrawn"
    assert await verify_promises() == []


async def test_thing_goes_out_once_when_two_keepers_scan_it(hall):
    view = await make_borrowing(hall, until="approved")
    request = IssueByCode(view.id, hall.projector.code, "李晓梅")
    found = await outcomes(*(issue_by_code(hall.lender, request) for _ in range(3)))
    assert found == {"done": 1, "borrowing.already_issued": 2}


async def test_one_application_is_stored_when_the_button_is_pressed_twice(hall):
    actor = hall.borrower.with_key("double-click-0001")
    answers = await asyncio.gather(*(submit_borrowing(actor, application(hall.projector.id)) for _ in range(5)))
    assert len({answer.id for answer in answers}) == 1
    async with reading() as db:
        rows = await db.fetch_all("SELECT id FROM borrowing")
    assert len(rows) == 1
