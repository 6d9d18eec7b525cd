"""What the domains below tell circulation inside their own units of work: decisions, and people who hand over."""

from datetime import date, timedelta

from server.approvals.ops import hand_over_application, on_decided
from server.approvals.queries import chain_view
from server.assets.next_actions import register_next_actions
from server.assets.registry import register_use
from server.assets.states import AT_HOME
from server.assets.types import AssetFacts, NextAction
from server.circulation.access import require_state
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.days import require_days
from server.circulation.lines import LineState, line_state
from server.circulation.models import Borrowing, BorrowingLine, BorrowingRenewal
from server.circulation.progress import add_event, advance, change
from server.circulation.promises import give_back_promise, has_ended, require_promise
from server.circulation.renewals import SUBJECT as RENEWAL
from server.circulation.renewals import RenewalState, end_renewal
from server.circulation.rules import collecting_days, correcting_days
from server.circulation.states import BorrowingState
from server.identity.ops import HeldItem, register_handover, register_holding, unit_facts
from server.identity.queries import names_of
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.errors import NotFound, StateConflict
from server.kernel.ids import new_id
from server.kernel.instants import to_day_number
from server.kernel.reading import present_day
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify

SUBJECT = "borrowing"
_OPEN = (
    BorrowingState.SUBMITTED,
    BorrowingState.APPROVED,
    BorrowingState.READY,
    BorrowingState.ISSUED,
    BorrowingState.RETURNED,
    BorrowingState.INSPECTED,
)

_NEXT: dict[LineState, tuple[str, str]] = {
    LineState.WAITING: ("issue", "发出"),
    LineState.OUT: ("return", "收回"),
    LineState.RETURNED: ("inspect", "验收"),
}


async def take_decision(uow: UnitOfWork, actor: Actor, borrowing_id: str, outcome: str, opinion: str) -> None:
    """A step of a borrowing's approvals was decided. The last agreement checks the days again; a refusal frees them.

    Raises StateConflict `borrowing.wrong_state`, `borrowing.too_late` (its last day has passed), `asset.not_available`.
    """
    if outcome == "step_approved":
        return
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is None:
        raise NotFound("borrowing.not_found")
    require_state(borrowing, BorrowingState.SUBMITTED)
    if outcome == "approved":
        await _approve(uow, borrowing, opinion)
    elif outcome == "returned":
        await _send_back(uow, borrowing, opinion)
    else:
        await _reject(uow, borrowing, opinion)


async def lock_version(uow: UnitOfWork, borrowing_id: str) -> int:
    """The borrowing, locked; its version."""
    borrowing = await uow.lock(Borrowing, borrowing_id)
    if borrowing is None:
        raise NotFound("borrowing.not_found")
    return borrowing.version


async def lock_version_of_renewal(uow: UnitOfWork, renewal_id: str) -> int:
    """The borrowing that a renewal is for, locked; its version: whatever changes a renewal changes that too."""
    renewal = await uow.find(BorrowingRenewal, id=renewal_id)
    if renewal is None:
        raise NotFound("renewal.not_found")
    return await lock_version(uow, renewal.borrowing_id)


async def _send_back(uow: UnitOfWork, borrowing: Borrowing, opinion: str) -> None:
    """It waits for its applicant, and its days stay held until then."""
    day = await _correct_by(uow, borrowing, borrowing.policy_version_id)
    await change(uow, borrowing, correct_by=day)
    await add_event(uow, borrowing.id, "sent_back", opinion)
    await _tell_sent_back(uow, borrowing, "借用申请被退回修改", day, opinion)


async def _send_renewal_back(uow: UnitOfWork, borrowing: Borrowing, renewal: BorrowingRenewal, opinion: str) -> None:
    chain = await chain_view(uow, RENEWAL, renewal.id)
    assert chain is not None
    day = await _correct_by(uow, borrowing, chain.policy_version_id)
    await uow.change_one(
        BorrowingRenewal,
        {"id": renewal.id, "state": RenewalState.PENDING.value},
        otherwise=StateConflict("record.changed"),
        correct_by=day,
    )
    await change(uow, borrowing)
    await add_event(uow, borrowing.id, "renewal_sent_back", opinion)
    await _tell_sent_back(uow, borrowing, "续借申请被退回修改", day, opinion, chain.applicant_id)


async def _correct_by(uow: UnitOfWork, borrowing: Borrowing, policy_version_id: str) -> date:
    holder = await unit_facts(uow, borrowing.holder_unit_id)
    return await correcting_days(uow, policy_version_id, holder.region_path, await today(uow))


async def _tell_sent_back(
    uow: UnitOfWork, borrowing: Borrowing, title: str, day: date, opinion: str, person_id: str = ""
) -> None:
    body = f"{borrowing.number}：{opinion}。请在 {day.isoformat()} 前修改后重新提交，日期为您保留到那一天。"
    await notify(
        uow,
        [person_id or borrowing.applicant_id],
        title,
        body,
        SUBJECT,
        borrowing.id,
        # Each time it is sent back is news of its own.
        f"sent_back:{new_id()}",
    )


async def take_renewal_decision(uow: UnitOfWork, actor: Actor, renewal_id: str, outcome: str, opinion: str) -> None:
    """A step of a renewal's approvals was decided. The last agreement makes the loan longer; a refusal frees the days.

    Raises StateConflict `borrowing.wrong_state`, `borrowing.nothing_to_renew`, `asset.not_available`.
    """
    if outcome == "step_approved":
        return
    seen = await uow.find(BorrowingRenewal, id=renewal_id)
    borrowing = None if seen is None else await uow.lock(Borrowing, seen.borrowing_id)
    renewal = await uow.lock(BorrowingRenewal, renewal_id)
    if borrowing is None or renewal is None:
        raise NotFound("renewal.not_found")
    if outcome == "approved":
        await _renew(uow, borrowing, renewal, opinion)
    elif outcome == "returned":
        await _send_renewal_back(uow, borrowing, renewal, opinion)
    else:
        await end_renewal(uow, borrowing, renewal, RenewalState.REJECTED, opinion)


async def _renew(uow: UnitOfWork, borrowing: Borrowing, renewal: BorrowingRenewal, opinion: str) -> None:
    require_state(borrowing, BorrowingState.ISSUED)
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    kept = [line for line in lines if line_state(line) in {LineState.OUT, LineState.WAITING}]
    if not any(line_state(line) is LineState.OUT for line in lines):
        raise StateConflict("borrowing.nothing_to_renew")
    first = renewal.from_day + timedelta(days=1)
    await require_days(uow, [line.asset_id for line in kept], borrowing.id, first, renewal.to_day)
    await end_renewal(uow, borrowing, renewal, RenewalState.APPROVED, opinion)
    is_late = renewal.to_day < await today(uow)
    await change(uow, borrowing, to_day=renewal.to_day, is_overdue=is_late, reminded=None)
    await uow.emit("borrowing.renewed", {"borrowing_id": borrowing.id, "renewal_id": renewal.id})
    for line in kept:
        uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)


async def _approve(uow: UnitOfWork, borrowing: Borrowing, opinion: str) -> None:
    day = await today(uow)
    if has_ended(borrowing, await uow.now()):
        raise StateConflict("borrowing.too_late", to_day=borrowing.to_day.isoformat())
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    await require_promise(uow, borrowing, [line.asset_id for line in lines])
    await advance(
        uow,
        borrowing,
        BorrowingState.APPROVED,
        note=opinion,
        approved_at=await uow.now(),
        collect_by=await _collect_by(uow, borrowing, day),
    )


async def _collect_by(uow: UnitOfWork, borrowing: Borrowing, day: date) -> date:
    holder = await unit_facts(uow, borrowing.holder_unit_id)
    return await collecting_days(uow, borrowing.policy_version_id, holder.region_path, max(day, borrowing.from_day))


async def _reject(uow: UnitOfWork, borrowing: Borrowing, opinion: str) -> None:
    lines = await uow.find_all(BorrowingLine, borrowing_id=borrowing.id)
    await give_back_promise(uow, borrowing, [line.asset_id for line in lines])
    await advance(uow, borrowing, BorrowingState.REJECTED, note=opinion, end_reason=opinion, closed_at=await uow.now())
    for line in lines:
        uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)


async def held_borrowings(uow: UnitOfWork, person_id: str) -> list[HeldItem]:
    """The unfinished borrowings for which the person answers."""
    states = ", ".join("?" * len(_OPEN))
    rows = await uow.fetch_all(
        "SELECT b.id, b.number, b.borrower_unit_id, b.title FROM borrowing b"  # noqa: S608 - placeholders only
        f" WHERE b.applicant_id = ? AND b.state IN ({states}) ORDER BY b.id",
        person_id,
        *_OPEN,
    )
    return [HeldItem(SUBJECT, row["id"], f"{row['number']}：{row['title']}", row["borrower_unit_id"]) for row in rows]


async def move_borrowings(uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
    """Let `to_id`, a colleague in the unit that borrows, answer for the borrowings and be their applicant.

    The first applicant's telephone goes with the first applicant.
    """
    name = (await names_of(uow, [to_id]))[to_id]
    for kind, subject_id in await _applications(uow, [item.id for item in items]):
        await hand_over_application(uow, kind, subject_id, from_id=from_id, person_id=to_id, person_name=name)
    for borrowing in await uow.lock_all(Borrowing, [item.id for item in items]):
        before = borrowing.applicant_name
        await change(uow, borrowing, applicant_id=to_id, applicant_name=name, applicant_phone_sealed=None)
        await add_event(uow, borrowing.id, "handed_over", f"{before} 转交 {name}")


async def _applications(uow: UnitOfWork, borrowing_ids: list[str]) -> list[tuple[str, str]]:
    """What of the borrowings is or was applied for, renewals too, in the order in which their chains are locked."""
    if not borrowing_ids:
        return []
    marks = ", ".join("?" * len(borrowing_ids))
    chains = "SELECT c.id, c.subject_kind, c.subject_id FROM approval_chain c"
    rows = await uow.fetch_all(
        f"{chains} WHERE c.subject_kind = 'borrowing' AND c.subject_id IN ({marks}) UNION ALL"
        f" {chains} JOIN borrowing_renewal n ON n.id = c.subject_id WHERE c.subject_kind = 'renewal'"
        f" AND n.borrowing_id IN ({marks}) ORDER BY id",
        *borrowing_ids,
        *borrowing_ids,
    )
    return [(row["subject_kind"], row["subject_id"]) for row in rows]


async def suggest(rows: RowSource, actor: Actor, card: AssetFacts) -> list[NextAction]:
    """What a keeper can do with a scanned card: hand it out to whoever may have it today, take it back, inspect it."""
    day = to_day_number(present_day())
    found = await rows.fetch_all(
        "SELECT b.number, l.* FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        " WHERE l.asset_id = ? AND b.state IN ('approved', 'ready', 'issued', 'returned', 'inspected')"
        " AND (l.issued_at IS NOT NULL OR (b.from_day <= ? AND b.to_day >= ?)) ORDER BY b.id",
        card.id,
        day,
        day,
    )
    due = [(line_state(row), row) for row in found]
    return [
        NextAction(kind=_NEXT[state][0], name=f"{_NEXT[state][1]} {row['number']}", subject_id=row["borrowing_id"])
        for state, row in due
        if state in _NEXT and (state is not LineState.WAITING or card.state in AT_HOME)
    ]


async def used_cards(uow: UnitOfWork, asset_ids: list[str]) -> set[str]:
    """Those of the cards that were ever on the board or on a loan's paper."""
    marks = ", ".join("?" * len(asset_ids))
    rows = await uow.fetch_all(
        f"SELECT asset_id FROM asset_listing WHERE asset_id IN ({marks})"  # noqa: S608 - only placeholders
        f" UNION SELECT asset_id FROM borrowing_line WHERE asset_id IN ({marks})",
        *asset_ids,
        *asset_ids,
    )
    return {row["asset_id"] for row in rows}


on_decided(SUBJECT, take_decision, lock_version)
register_use("circulation", used_cards)
on_decided(RENEWAL, take_renewal_decision, lock_version_of_renewal)
register_next_actions("circulation", suggest)
register_holding("circulation", held_borrowings)
register_handover("circulation", move_borrowings, locks="borrowing")
