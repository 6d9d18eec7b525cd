"""At the desk: handing things out by their codes, one scan for each, an equal one where any would do."""

from datetime import date, datetime

from server.assets.ops import lend, lock_assets
from server.assets.states import AT_HOME
from server.assets.types import AssetFacts
from server.circulation.access import lock_line, require_state
from server.circulation.alike import alike_key
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.checklists import tick_out
from server.circulation.commands.scanned import scanned_card
from server.circulation.days import give_back_card, take_days
from server.circulation.hours import UNIT, hours_words
from server.circulation.lines import LineState, line_state
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import add_event, settle
from server.circulation.promises import has_ended, hours_of, require_card
from server.circulation.queries.detail import read_borrowing
from server.circulation.renewals import held_until
from server.circulation.states import BorrowingState
from server.circulation.types import BorrowingView, IssueByCode
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import to_day_number
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import place_facts

_LONGEST_NAME = 64
_ISSUED_FROM = (BorrowingState.APPROVED, BorrowingState.READY, BorrowingState.ISSUED)


@command("borrowing.issue")
async def issue_by_code(uow: UnitOfWork, actor: Actor, request: IssueByCode) -> BorrowingView:
    """Hand out the thing whose code or label was scanned, to the borrowing that waits for it; or, where the keeper has
    one open that asked for any such thing, instead of the one that was promised: the promise moves to what was scanned.

    For the keeper of the place where the thing is, or the holder's asset manager. Raises InvalidInput; NotFound
    `asset.not_found`; Forbidden `role.required`; StateConflict `asset.label_voided`, `borrowing.asset_not_on_it`,
    `borrowing.nothing_to_issue`, `borrowing.wrong_state`, `borrowing.too_early`, `borrowing.too_late`,
    `borrowing.asset_not_back`, `asset.not_available`, and what `assets.ops.lend` raises.
    """
    checks = Checks()
    received_by = checks.text("received_by", request.received_by, longest=_LONGEST_NAME)
    checks.finish()
    card = await scanned_card(uow, actor, request.code)
    day = await today(uow)
    borrowing = await _lock_to_issue(uow, card, request.borrowing_id, day)
    line = await _line_for(uow, borrowing, card)
    require_state(borrowing, *_ISSUED_FROM)
    if line_state(line) is not LineState.WAITING:
        raise StateConflict("borrowing.already_issued")
    _require_within(borrowing, day, await uow.now())
    if line.asset_id != card.id:
        await _substitute(uow, borrowing, line, card, day)
    await require_card(uow, borrowing, card.id, day)
    lacking = await tick_out(uow, line, request.accessories)
    await _hand_out(uow, borrowing, line, card, received_by)
    await uow.record(
        "borrowing.issue",
        "borrowing",
        borrowing.id,
        number=borrowing.number,
        asset_code=card.code,
        to=received_by,
        **({"lacking": lacking} if lacking else {}),
    )
    return await read_borrowing(uow, actor, borrowing.id)


async def _lock_to_issue(uow: UnitOfWork, card: AssetFacts, borrowing_id: str | None, day: date) -> Borrowing:
    """The borrowing that the keeper has open, or the one that waits for this card: a current one before a later one."""
    refusal = "borrowing.asset_not_on_it"
    if borrowing_id is None:
        row = await uow.fetch_one(
            "SELECT b.id FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
            " WHERE l.asset_id = ? AND b.state IN ('approved', 'ready', 'issued') AND l.issued_at IS NULL"
            " AND l.released_at IS NULL"
            " ORDER BY CASE WHEN b.from_day <= ? AND b.to_day >= ? THEN 0 ELSE 1 END, b.from_day, b.id LIMIT 1",
            card.id,
            to_day_number(day),
            to_day_number(day),
        )
        borrowing_id, refusal = None if row is None else row["id"], "borrowing.nothing_to_issue"
    borrowing = None if borrowing_id is None else await uow.lock(Borrowing, borrowing_id)
    # Another holder's borrowing is not told apart from one that this card is not on.
    if borrowing is None or borrowing.holder_unit_id != card.holder_unit_id:
        raise StateConflict(refusal)
    return borrowing


async def _line_for(uow: UnitOfWork, borrowing: Borrowing, card: AssetFacts) -> BorrowingLine:
    """The card's own line, or one that waits for a card like it: first one whose promised card is not to be had."""
    own = await uow.find(BorrowingLine, borrowing_id=borrowing.id, asset_id=card.id)
    if own is not None:
        return await lock_line(uow, borrowing, card.id)
    place = await place_facts(uow, card.place_id)
    key = alike_key(card, place.path)
    home = ", ".join("?" * len(AT_HOME))
    row = await uow.fetch_one(
        "SELECT l.asset_id FROM borrowing_line l JOIN asset_card c ON c.id = l.asset_id"  # noqa: S608 - placeholders
        " WHERE l.borrowing_id = ? AND l.alike_key = ? AND l.issued_at IS NULL AND l.released_at IS NULL"
        f" ORDER BY CASE WHEN c.state IN ({home}) THEN 1 ELSE 0 END, l.id LIMIT 1",
        borrowing.id,
        key,
        *AT_HOME,
    )
    if row is None:
        raise StateConflict("borrowing.asset_not_on_it")
    return await lock_line(uow, borrowing, row["asset_id"])


def _require_within(borrowing: Borrowing, day: date, instant: datetime) -> None:
    hours = hours_of(borrowing)
    # By the hour: half an hour before, so that it can be carried to where it is used.
    is_early = day < borrowing.from_day if hours is None else instant < hours[0] - UNIT
    if is_early:
        from_day = borrowing.from_day.isoformat() if hours is None else hours_words(*hours)
        raise StateConflict("borrowing.too_early", from_day=from_day)
    if has_ended(borrowing, instant):
        raise StateConflict("borrowing.too_late", to_day=borrowing.to_day.isoformat())


async def _substitute(uow: UnitOfWork, borrowing: Borrowing, line: BorrowingLine, card: AssetFacts, day: date) -> None:
    """Move the promise from the card of the line to an equal one: the one is free again, the other held from today."""
    await lock_assets(uow, [line.asset_id, card.id])
    await give_back_card(uow, borrowing.id, line.asset_id)
    await take_days(uow, [card.id], borrowing.id, day, await held_until(uow, borrowing))
    changes = {
        "asset_id": card.id,
        "asset_code": card.code,
        "asset_name": card.name,
        "value_fen": card.value_fen,
        "instead_of_code": line.instead_of_code or line.asset_code,
    }
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "asset_id": line.asset_id, "issued_at": None},
        otherwise=StateConflict("record.changed"),
        **changes,
    )
    await add_event(uow, borrowing.id, "substituted", f"{line.asset_code} 换成同款 {card.code}")
    uow.publish_after_commit(BOARD_CHANNEL, line.asset_id)
    line.update_from_dict(changes)


async def _hand_out(
    uow: UnitOfWork, borrowing: Borrowing, line: BorrowingLine, card: AssetFacts, received_by: str
) -> None:
    try:
        await lend(
            uow,
            card.id,
            document_no=borrowing.number,
            to_unit_id=borrowing.borrower_unit_id,
            reason=f"借给{borrowing.borrower_unit_name}"[:200],
        )
    except StateConflict as error:
        # To a keeper, "already lent" means: the one before has not brought it back.
        if error.code == "asset.already_lent":
            raise StateConflict("borrowing.asset_not_back") from error
        raise
    instant = await uow.now()
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "issued_at": None},
        otherwise=StateConflict("record.changed"),
        issued_at=instant,
        issued_by=uow.actor.person_id,
        issued_to=received_by,
    )
    first = {} if borrowing.issued_at is not None else {"issued_at": instant}
    await settle(uow, borrowing, note=f"领取人：{received_by}", **first)
    uow.publish_after_commit(BOARD_CHANNEL, card.id)
