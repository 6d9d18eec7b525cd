"""At the desk: getting things ready, and taking them back by their codes, one scan for each."""

from server.assets.ops import take_back
from server.assets.types import AssetFacts
from server.circulation.access import get_borrowing_for_desk, lock_line, require_state
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checklists import tick_back
from server.circulation.commands.scanned import scanned_card
from server.circulation.lines import LineState, line_state
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import advance, settle, tell_applicant
from server.circulation.promises import give_back_rest
from server.circulation.queries.detail import read_borrowing
from server.circulation.renewals import pending_renewal
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, ReturnByCode
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


@command("borrowing.ready")
async def mark_ready(uow: UnitOfWork, actor: Actor, borrowing_id: str) -> BorrowingView:
    """Say that what was approved lies ready for collecting, and tell the applicant.

    For the keeper of the place or the holder's asset manager. Raises NotFound `borrowing.not_found`; Forbidden
    `role.required`; StateConflict `borrowing.wrong_state`.
    """
    borrowing = await get_borrowing_for_desk(uow, actor, borrowing_id)
    require_state(borrowing, BorrowingState.APPROVED)
    await advance(uow, borrowing, BorrowingState.READY)
    until = "" if borrowing.collect_by is None else f"，请于 {borrowing.collect_by.isoformat()} 前领取"
    await tell_applicant(uow, borrowing, f"{borrowing.number} 已备好", f"领取地点：{borrowing.place_name}{until}。")
    await uow.record("borrowing.ready", "borrowing", borrowing.id, number=borrowing.number)
    return await read_borrowing(uow, actor, borrowing.id)


@command("borrowing.return")
async def return_by_code(uow: UnitOfWork, actor: Actor, request: ReturnByCode) -> BorrowingView:
    """Take back the thing whose code or label was scanned; its days after today are free again. With the last of them
    the borrowing is returned, and no longer overdue.

    For the keeper of its place or the holder's asset manager. Raises InvalidInput; NotFound `asset.not_found`;
    Forbidden `role.required`; StateConflict `asset.label_voided`, `borrowing.nothing_to_return`.
    """
    card = await scanned_card(uow, actor, request.code)
    borrowing = await _lock_to_return(uow, card)
    line = await lock_line(uow, borrowing, card.id)
    if line_state(line) is not LineState.OUT:
        raise StateConflict("borrowing.nothing_to_return")
    instant, day = await uow.now(), await today(uow)
    await take_back(uow, card.id, document_no=borrowing.number, reason=f"{borrowing.borrower_unit_name}归还"[:200])
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "returned_at": None},
        otherwise=StateConflict("record.changed"),
        returned_at=instant,
        returned_by=actor.person_id,
    )
    lacking = await tick_back(uow, line, request.accessories)
    await give_back_rest(uow, borrowing, card.id, instant)
    late = (day - borrowing.to_day).days
    await settle_without(uow, borrowing, note=f"逾期 {late} 天归还" if late > 0 else "")
    await uow.record(
        "borrowing.return",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        asset_code=card.code,
        days_late=max(late, 0),
        **({"lacking": lacking} if lacking else {}),
    )
    uow.publish_after_commit(BOARD_CHANNEL, card.id)
    return await read_borrowing(uow, actor, borrowing.id)


async def settle_without(uow: UnitOfWork, borrowing: Borrowing, *, note: str = "") -> None:
    """Settle a locked borrowing of which one thing less is out: without the last of them it is no longer overdue, and a
    renewal that waits is moot."""
    if await _is_anything_out(uow, borrowing):
        await settle(uow, borrowing, note=note)
        return
    if await pending_renewal(uow, borrowing.id):
        # Its approvals come before the borrowing in the lock order: they are ended after the commit.
        await uow.emit("borrowing.renewal_moot", {"borrowing_id": borrowing.id})
    await settle(uow, borrowing, note=note, returned_at=await uow.now(), is_overdue=False)


async def _lock_to_return(uow: UnitOfWork, card: AssetFacts) -> Borrowing:
    row = await uow.fetch_one(
        "SELECT b.id FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        " WHERE l.asset_id = ? AND b.state = 'issued' AND l.issued_at IS NOT NULL AND l.returned_at IS NULL"
        " AND l.lost_at IS NULL"
        " ORDER BY b.id LIMIT 1",
        card.id,
    )
    borrowing = None if row is None else await uow.lock(Borrowing, row["id"])
    if borrowing is None:
        raise StateConflict("borrowing.nothing_to_return")
    return borrowing


async def _is_anything_out(uow: UnitOfWork, borrowing: Borrowing) -> bool:
    row = await uow.fetch_one(
        "SELECT id FROM borrowing_line WHERE borrowing_id = ? AND issued_at IS NOT NULL AND returned_at IS NULL"
        " AND lost_at IS NULL"
        " LIMIT 1",
        borrowing.id,
    )
    return row is not None
