"""Reminders around the last day, and being overdue."""

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.circulation.commands import (
    follow_up_loan,
    issue_by_code,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
)
from server.circulation.jobs import follow_up_loans
from server.circulation.queries import borrowing_view, list_borrowings, list_listings
from server.circulation.queries.follow_ups import loans_to_follow_up
from server.circulation.reminders import due_reminder
from server.circulation.types import IssueByCode, RenewBorrowing, ReturnByCode
from server.circulation.verification import verify_promises
from server.kernel.errors import Forbidden
from server.notices.queries import list_notices
from tests.circulation.refusals import expect_refusal
from tests.factories.circulation import application, approve, day, make_borrowing, make_chairs


async def titles(actor) -> list[str]:
    page = await list_notices(actor)
    return [notice.title for notice in page.items if notice.title.startswith(("借用即", "借用今", "借用已逾", "借出"))]


async def test_reminders_come_once_each_on_their_days(hall, go_to_day):
    await make_borrowing(hall, 0, 10, until="issued")
    seen = []
    for today in (0, 6, 7, 7, 9, 10, 11, 12, 17, 18):
        go_to_day(today)
        await follow_up_loans()
        seen.append(len(await titles(hall.borrower)))
    assert seen == [0, 0, 1, 1, 1, 2, 3, 3, 4, 4]
    assert await titles(hall.borrower) == ["借用已逾期", "借用已逾期", "借用今天到期", "借用即将到期"]
    assert await titles(hall.approver) == ["借用已逾期", "借用已逾期"]


async def test_short_loan_is_not_reminded_as_it_is_handed_out(hall):
    await make_borrowing(hall, 0, 1, until="issued")
    await follow_up_loans()
    assert await titles(hall.borrower) == []


async def test_overdue_is_marked_and_shown_as_taken_until_the_thing_is_back(hall, go_to_day):
    view = await make_borrowing(hall, 0, 2, until="issued")
    go_to_day(2)
    await follow_up_loans()
    assert not (await borrowing_view(hall.borrower, view.id)).is_overdue
    go_to_day(4)
    await follow_up_loans()
    late = await borrowing_view(hall.borrower, view.id)
    assert (late.is_overdue, late.state) == (True, "issued")
    assert [row.id for row in (await list_borrowings(hall.borrower, "mine", "overdue")).items] == [view.id]
    assert (await list_listings(hall.borrower)).items[0].free_from == day(1)
    back = await return_by_code(hall.lender, ReturnByCode(hall.projector.code))
    assert (back.is_overdue, back.events[-1].note) == (False, "逾期 2 天归还")
    assert await verify_promises() == []


async def test_promise_to_the_next_one_is_kept_when_the_thing_is_late(hall, go_to_day):
    await make_borrowing(hall, 0, 1, until="issued")
    second = await make_borrowing(hall, 2, 4, until="approved")
    go_to_day(3)
    await follow_up_loans()
    assert (await borrowing_view(hall.borrower, second.id)).state == "approved"
    assert await verify_promises() == []


@pytest.mark.parametrize("state", ["submitted", "returned"])
async def test_nothing_is_followed_up_when_nothing_is_out(hall, go_to_day, state):
    view = await make_borrowing(hall, 0, 2, until=state)
    go_to_day(9)
    await follow_up_loans()
    assert not (await borrowing_view(hall.borrower, view.id)).is_overdue
    with expect_refusal(Forbidden, "role.required"):
        await follow_up_loan(hall.borrower, view.id)


async def test_lender_hears_of_it_when_a_loan_is_late(hall, go_to_day):
    view = await make_borrowing(hall, 0, 2, until="issued")
    for today in (2, 3, 4):
        go_to_day(today)
        await follow_up_loans()
    assert await titles(hall.lender) == ["借出逾期未还"]
    told = (await list_notices(hall.lender)).items[0]
    assert "已逾期 1 天未还，请与借用人 李晓梅 联系" in told.body and told.link_id == view.id


async def test_one_reminder_says_how_things_stand_when_the_job_was_down_for_days(hall, go_to_day):
    await make_borrowing(hall, 0, 10, until="issued")
    go_to_day(15)
    await asyncio.gather(follow_up_loans(), follow_up_loans())
    await follow_up_loans()
    assert await titles(hall.borrower) == ["借用已逾期"]
    assert "已逾期 5 天" in (await list_notices(hall.borrower)).items[0].body


async def test_every_reminder_comes_again_when_the_loan_was_renewed(hall, go_to_day):
    view = await make_borrowing(hall, 0, 10, until="issued")
    go_to_day(7)
    await follow_up_loans()
    asked = await renew_borrowing(hall.borrower, RenewBorrowing(view.id, day(10), "展期延长"))
    task = await waiting_task_for(hall.lender, "renewal", asked.renewals[0].id)
    await decide(hall.lender, Decide(task_id=task.id, is_approved=True, opinion="同意"))
    for today in (8, 14, 17, 18):
        go_to_day(today)
        await follow_up_loans()
    assert await titles(hall.borrower) == ["借用已逾期", "借用今天到期", "借用即将到期", "借用即将到期"]


async def test_reminder_names_only_what_is_still_out(hall, go_to_day):
    chairs = await make_chairs(hall.ledger, 3)
    view = await submit_borrowing(hall.borrower, application(chairs[0].id, 0, 5, quantity=3))
    await approve(view.id, hall.approver, hall.lender)
    for line in view.lines:
        await issue_by_code(hall.lender, IssueByCode(view.id, line.asset_code, "李晓梅"))
    await return_by_code(hall.lender, ReturnByCode(view.lines[0].asset_code))
    go_to_day(2)
    await follow_up_loans()
    assert "会议椅 震旦 CB-32 2 件”" in (await list_notices(hall.borrower)).items[0].body
    for line in view.lines[1:]:
        await return_by_code(hall.lender, ReturnByCode(line.asset_code))
    go_to_day(9)
    await follow_up_loans()
    assert await titles(hall.borrower) == ["借用即将到期"]


async def test_loan_is_not_worked_on_when_nothing_is_due(hall, go_to_day):
    view = await make_borrowing(hall, 0, 10, until="issued")
    seen = []
    for today in (0, 6, 7, 8, 10, 11, 12):
        go_to_day(today)
        seen.append(await loans_to_follow_up() == [view.id])
        await follow_up_loans()
    # Late loans are looked at each day: that day is shown as taken.
    assert seen == [False, False, True, False, True, True, True]


STEPS = st.sets(st.integers(-30, 30), min_size=1, max_size=5).map(sorted)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.integers(0, 60), st.lists(st.integers(0, 100), max_size=15).map(sorted))
def test_each_step_is_told_once_at_most_and_never_early(steps, length, runs):
    issued = date(2026, 3, 2)
    last, told = issued + timedelta(days=length), []
    for run in runs:
        today = issued + timedelta(days=run)
        step = due_reminder(steps, last, issued, told[-1] if told else None, today)
        if step is not None:
            assert last + timedelta(days=step) <= today
            assert step >= 0 or last + timedelta(days=step) > issued
            told.append(step)
    assert told == sorted(set(told)) and set(told) <= set(steps)
