"""Borrowings that end before the thing was issued: withdrawn by the applicant's side, or expired by the clock."""

from datetime import date, datetime

from server.approvals.ops import cancel_chain
from server.circulation.access import find_for_withdrawal, require_state, require_system
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checks import LONGEST_REASON, LONGEST_TEXT
from server.circulation.days import give_back_card
from server.circulation.lines import LineState, line_state
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import add_event, advance, settle, tell_applicant
from server.circulation.promises import give_back_promise, has_ended
from server.circulation.queries.detail import read_borrowing
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, WithdrawBorrowing
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork

_BEFORE_ISSUE = (BorrowingState.SUBMITTED, BorrowingState.APPROVED, BorrowingState.READY)
_COLLECTED_IN = (BorrowingState.APPROVED, BorrowingState.READY, BorrowingState.ISSUED)


@command("borrowing.withdraw")
async def withdraw_borrowing(uow: UnitOfWork, actor: Actor, request: WithdrawBorrowing) -> BorrowingView:
    """Take an application back before anything is issued, or, once part of it is, what was not collected of it; its
    days are free again.

    For the applicant or the unit's asset manager. Raises InvalidInput; NotFound `borrowing.not_found`; Forbidden
    `role.required`; StateConflict `borrowing.wrong_state`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_REASON)
    checks.finish()
    seen = await find_for_withdrawal(uow, actor, request.borrowing_id)
    if seen.state == BorrowingState.SUBMITTED:
        await cancel_chain(uow, "borrowing", seen.id)
    borrowing = await _locked(uow, seen.id)
    if borrowing.state == BorrowingState.ISSUED and await _waiting(uow, borrowing):
        codes = await _release_rest(uow, borrowing, reason)
    else:
        require_state(borrowing, *_BEFORE_ISSUE)
        codes = await _end(uow, borrowing, BorrowingState.WITHDRAWN, reason)
    await uow.record(
        "borrowing.withdraw", "borrowing", borrowing.id, number=borrowing.number, reason=reason, asset_codes=codes
    )
    return await read_borrowing(uow, actor, borrowing.id)


@command("borrowing.expire", is_audited=False)
async def expire_borrowing(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> bool:
    """End what was not decided or collected in time of a borrowing; False where nothing is due (any more). What was
    issued of it goes on.

    Undecided: when its last day has passed, or the day until which it might be corrected. Approved: when the day for
    collecting has passed (3 working days by default), except while the thing is still out with somebody else, which is
    not the applicant's fault; and at the latest when its last day has passed.
    """
    require_system(actor)
    day = await today(uow)
    seen = await uow.find(Borrowing, id=borrowing_id)
    if seen is None or await _expiry_reason(uow, seen, day) is None:
        return False
    if seen.state == BorrowingState.SUBMITTED:
        await cancel_chain(uow, "borrowing", borrowing_id)
    borrowing = await _locked(uow, borrowing_id)
    reason = await _expiry_reason(uow, borrowing, day)
    if reason is None:
        # Decided, collected or withdrawn between our two looks: what was just cancelled must not stay so.
        raise StateConflict("record.changed")
    if borrowing.state == BorrowingState.ISSUED:
        await _release_rest(uow, borrowing, reason)
        title = f"{borrowing.number} 没领取的部分已失效"
    else:
        await _end(uow, borrowing, BorrowingState.EXPIRED, reason)
        title = f"{borrowing.number} 已失效"
    await uow.record("borrowing.expire", "borrowing", borrowing.id, number=borrowing.number, reason=reason)
    body = f"{reason}，预约的日期已释放。如仍需要，请重新申请。"
    await tell_applicant(uow, borrowing, title, body, about=f"expired.{borrowing.id}")
    return True


async def _expiry_reason(uow: UnitOfWork, borrowing: Borrowing, day: date) -> str | None:
    if borrowing.state == BorrowingState.SUBMITTED:
        return _undecided_reason(borrowing, day, await uow.now())
    if borrowing.state not in _COLLECTED_IN or not await _waiting(uow, borrowing):
        return None
    if has_ended(borrowing, await uow.now()):
        return "借期已过，没有领取"
    if borrowing.collect_by is None or borrowing.collect_by >= day or await is_still_out(uow, borrowing):
        return None
    return f"没有在 {borrowing.collect_by.isoformat()} 前领取"


def _undecided_reason(borrowing: Borrowing, day: date, instant: datetime) -> str | None:
    if has_ended(borrowing, instant):
        return "借期已过，审批没有办完"
    if borrowing.correct_by is not None and borrowing.correct_by < day:
        return f"退回修改后，没有在 {borrowing.correct_by.isoformat()} 前重新提交"
    return None


async def is_still_out(uow: UnitOfWork, borrowing: Borrowing) -> bool:
    """Whether a thing that this borrowing waits for is out on another one."""
    row = await uow.fetch_one(
        "SELECT o.id FROM borrowing_line l JOIN borrowing_line o ON o.asset_id = l.asset_id AND o.id <> l.id"
        " WHERE l.borrowing_id = ? AND l.issued_at IS NULL AND l.released_at IS NULL"
        " AND o.issued_at IS NOT NULL AND o.returned_at IS NULL AND o.lost_at IS NULL LIMIT 1",
        borrowing.id,
    )
    return row is not None


async def _locked(uow: UnitOfWork, borrowing_id: str) -> Borrowing:
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is None:
        raise NotFound("borrowing.not_found")
    return borrowing


async def _end(uow: UnitOfWork, borrowing: Borrowing, state: BorrowingState, reason: str) -> list[str]:
    """End a borrowing of which nothing was issued; returns the codes of its cards."""
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    await give_back_promise(uow, borrowing, [line.asset_id for line in lines])
    await advance(uow, borrowing, state, note=reason, end_reason=reason, closed_at=await uow.now())
    for line in lines:
        uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    return [line.asset_code for line in lines]


async def _waiting(uow: UnitOfWork, borrowing: Borrowing) -> list[BorrowingLine]:
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    return [line for line in lines if line_state(line) is LineState.WAITING]


async def _release_rest(uow: UnitOfWork, borrowing: Borrowing, reason: str) -> list[str]:
    """Give back what was not collected of a borrowing that is partly out; returns the codes of the cards."""
    waiting = await _waiting(uow, borrowing)
    for line in await uow.lock_all(BorrowingLine, [line.id for line in waiting]):
        await uow.change_one(
            BorrowingLine,
            {"id": line.id, "issued_at": None, "released_at": None},
            otherwise=StateConflict("record.changed"),
            released_at=await uow.now(),
        )
        # By the hour it is one thing, which is out as a whole or not at all: so these are days.
        await give_back_card(uow, borrowing.id, line.asset_id)
        uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    await add_event(uow, borrowing.id, "released", f"{len(waiting)} 件没有领取：{reason}"[:LONGEST_TEXT])
    await settle(uow, borrowing)
    return [line.asset_code for line in waiting]
