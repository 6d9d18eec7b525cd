"""Borrowings that end before anything was issued: their days are free again."""

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.circulation.commands import expire_borrowing, issue_by_code, mark_ready, withdraw_borrowing
from server.circulation.jobs import expire_uncollected
from server.circulation.queries import borrowing_view, list_listings
from server.circulation.types import IssueByCode, WithdrawBorrowing
from server.circulation.verification import verify_promises
from server.kernel.errors import Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.reading import reading
from server.notices.queries import list_notices
from server.policies.calendar import add_working_days
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import answer, day, make_borrowing


async def is_free_today(hall) -> bool:
    return (await list_listings(hall.borrower)).items[0].free_from == day(0)


async def test_days_are_free_when_the_applicant_withdraws(hall):
    view = await make_borrowing(hall)
    task = await waiting_task_for(hall.approver, "borrowing", view.id)
    ended = await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议改期"))
    assert (ended.state, ended.end_reason, ended.can_withdraw) == ("withdrawn", "会议改期", False)
    assert await is_free_today(hall)
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "会议改期"))
    with expect_refusal(StateConflict, "approval.cancelled"):
        await decide(hall.approver, Decide(task_id=task.id, is_approved=True))


async def test_unit_manager_withdraws_an_approved_one(hall):
    view = await make_borrowing(hall, until="approved")
    await mark_ready(hall.lender, view.id)
    ended = await withdraw_borrowing(hall.approver, WithdrawBorrowing(view.id, "不需要了"))
    assert ended.state == "withdrawn"
    assert await is_free_today(hall)
    assert await verify_promises() == []


async def test_withdrawing_refused_when_it_is_not_ones_own_or_says_no_reason(hall):
    view = await make_borrowing(hall)
    with expect_refusal(Forbidden, "role.required"):
        await withdraw_borrowing(hall.lender, WithdrawBorrowing(view.id, "不借了"))
    with expect_refusal(NotFound, "borrowing.not_found"):
        await withdraw_borrowing(hall.ledger.keeper, WithdrawBorrowing(view.id, "不借了"))
    with expect_refusal(InvalidInput, "input.required"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, " "))


async def test_withdrawing_refused_when_it_is_handed_out(hall):
    view = await make_borrowing(hall, until="issued")
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await withdraw_borrowing(hall.borrower, WithdrawBorrowing(view.id, "不借了"))


async def test_days_are_free_when_somebody_refuses(hall):
    view = await make_borrowing(hall)
    await answer(view.id, hall.approver, is_approved=True)
    await answer(view.id, hall.lender, is_approved=False, opinion="本周自用")
    ended = await borrowing_view(hall.borrower, view.id)
    assert (ended.state, ended.end_reason) == ("rejected", "本周自用")
    assert [step.state for step in ended.chain.steps] == ["approved", "rejected"]
    assert await is_free_today(hall)


async def test_collecting_ends_three_working_days_after_the_first_day(hall):
    view = await make_borrowing(hall, 5, 20, until="approved")
    approved = await borrowing_view(hall.borrower, view.id)
    async with reading() as db:
        expected = await add_working_days(db, hall.lender.region_path, day(5), 3)
    assert approved.collect_by == expected


async def test_days_are_free_and_applicant_told_when_nobody_collects(hall, go_to_day):
    view = await make_borrowing(hall, 0, 20, until="approved")
    collect_by = (await borrowing_view(hall.borrower, view.id)).collect_by
    assert collect_by is not None
    last = (collect_by - day(0)).days
    go_to_day(last)
    await expire_uncollected()
    assert (await borrowing_view(hall.borrower, view.id)).state == "approved"
    go_to_day(last + 1)
    await expire_uncollected()
    ended = await borrowing_view(hall.borrower, view.id)
    assert ended.state == "expired"
    assert (await list_listings(hall.borrower)).items[0].free_from == day(0)
    assert "已失效" in (await list_notices(hall.borrower)).items[0].title
    assert await verify_promises() == []


async def test_application_expires_when_its_days_pass_undecided(hall, go_to_day):
    view = await make_borrowing(hall, 0, 2)
    go_to_day(3)
    await expire_uncollected()
    ended = await borrowing_view(hall.borrower, view.id)
    assert (ended.state, ended.chain.state) == ("expired", "cancelled")
    with expect_refusal(StateConflict, "borrowing.wrong_state"):
        await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))


async def test_expiry_is_for_the_clock_alone(hall):
    view = await make_borrowing(hall)
    with expect_refusal(Forbidden, "role.required"):
        await expire_borrowing(hall.lender, view.id)
