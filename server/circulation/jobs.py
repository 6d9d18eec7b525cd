"""What circulation does by the clock, and when a card changes."""

import logging
from datetime import timedelta
from typing import Any

from server.assets.ops import asset_facts
from server.assets.states import AssetState
from server.circulation.channel import BOARD_CHANNEL
from server.circulation.commands.ending import expire_borrowing
from server.circulation.commands.follow_up import follow_up_loan
from server.circulation.commands.listing import end_listing
from server.circulation.commands.renewal import end_moot_renewal, lapse_renewal
from server.circulation.commands.saved_searches import tell_new_finds
from server.circulation.copies import copied_fields
from server.circulation.indexing import index_listing
from server.circulation.meeting_place import where_all_are
from server.circulation.models import AssetListing
from server.circulation.queries.follow_ups import loans_to_follow_up
from server.files.ops import widen_visibility
from server.files.types import Visibility
from server.kernel.actor import system_actor
from server.kernel.errors import DomainError, Unavailable
from server.kernel.instants import to_day_number, to_microseconds
from server.kernel.outbox import on_event
from server.kernel.reading import present, present_day, reading
from server.kernel.schedule import every
from server.kernel.unit_of_work import UnitOfWork

_log = logging.getLogger("server.circulation")
_BATCH = 500
_GONE = frozenset({AssetState.SCRAP_PROPOSED, AssetState.DISPOSAL, AssetState.DISPOSED, AssetState.LOST})


@every(timedelta(minutes=10), "circulation.expire_uncollected")
async def expire_uncollected() -> None:
    """End the borrowings that were not decided or collected in time."""
    today = to_day_number(present_day())
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id FROM borrowing WHERE state IN ('approved', 'ready') AND collect_by < ?"
            " UNION SELECT id FROM borrowing WHERE correct_by < ? AND state = 'submitted'"
            " UNION SELECT id FROM borrowing WHERE state IN ('submitted', 'approved', 'ready') AND to_day < ?"
            " UNION SELECT b.id FROM borrowing b WHERE b.state = 'issued' AND (b.collect_by < ? OR b.to_day < ?)"
            " AND EXISTS (SELECT 1 FROM borrowing_line l WHERE l.borrowing_id = b.id AND l.issued_at IS NULL"
            " AND l.released_at IS NULL)"
            " UNION SELECT b.id FROM borrowing b WHERE b.state IN ('submitted', 'approved', 'ready', 'issued')"
            " AND b.ends_at <= ? AND EXISTS (SELECT 1 FROM borrowing_line l WHERE l.borrowing_id = b.id"
            " AND l.issued_at IS NULL AND l.released_at IS NULL)"
            " ORDER BY id LIMIT ?",
            *[today] * 5,
            to_microseconds(present()),
            _BATCH,
        )
    for row in rows:
        await _by_itself(expire_borrowing, row["id"])


@every(timedelta(minutes=10), "circulation.follow_up_loans")
async def follow_up_loans() -> None:
    """Mark what is overdue and send the reminders that are due."""
    for borrowing_id in await loans_to_follow_up():
        await _by_itself(follow_up_loan, borrowing_id)


@every(timedelta(minutes=10), "circulation.lapse_renewals")
async def lapse_renewals() -> None:
    """End the renewals whose further days have passed undecided, or which were not corrected in time."""
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT borrowing_id FROM borrowing_renewal WHERE open_key IS NOT NULL AND (to_day < ? OR correct_by < ?)"
            " ORDER BY id LIMIT ?",
            *[to_day_number(present_day())] * 2,
            _BATCH,
        )
    for row in rows:
        await _by_itself(end_moot_renewal, row["borrowing_id"])


@on_event("borrowing.renewal_moot", "circulation.end_moot_renewal")
async def end_renewal_of_returned(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Everything came back before the renewal was decided: nobody needs to decide it."""
    await lapse_renewal(uow, payload["borrowing_id"])


@every(timedelta(minutes=10), "circulation.tell_new_finds")
async def tell_of_new_finds() -> None:
    """Tell people what was listed since the last look and fits a search that they keep."""
    async with reading() as db:
        rows = await db.fetch_all("SELECT id FROM saved_search WHERE wants_notice = 1 ORDER BY id")
    for row in rows:
        await _by_itself(tell_new_finds, row["id"])


async def _by_itself(work: Any, subject_id: str) -> None:
    """Each thing in a unit of work of its own: one that is refused must not hold up the others."""
    try:
        await work(system_actor("circulation"), subject_id)
    except Unavailable:
        raise
    except DomainError as error:
        _log.warning("%s of %s refused: %s", work.__name__, subject_id, error.code)


@on_event("asset.changed", "circulation.refresh_listing")
async def refresh_listing(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Bring the board in step with a card: copy what it says now, or take it down where it may not be offered."""
    asset_id = payload["asset_id"]
    found = await uow.find(AssetListing, open_key=asset_id)
    if found is None and not await _is_waited_for(uow, asset_id):
        return
    listing = None if found is None else await uow.lock(AssetListing, found.id)
    card = await asset_facts(uow, asset_id)
    assert card is not None
    fields = await copied_fields(uow, card)
    if listing is not None and listing.is_open:
        if card.is_classified or card.frozen_reason is not None or card.state in _GONE:
            await end_listing(uow, listing, "资产状态变化，不能继续共享")
        else:
            await _copy(uow, listing, fields)
        uow.publish_after_commit(BOARD_CHANNEL, asset_id)
    await _move_waiting(uow, asset_id, fields)


async def _is_waited_for(uow: UnitOfWork, asset_id: str) -> bool:
    row = await uow.fetch_one(
        "SELECT b.id FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        " WHERE l.asset_id = ? AND b.state IN ('submitted', 'approved', 'ready') LIMIT 1",
        asset_id,
    )
    return row is not None


async def _copy(uow: UnitOfWork, listing: AssetListing, fields: dict[str, Any]) -> None:
    if all(getattr(listing, name) == value for name, value in fields.items()):
        return
    await uow.change(AssetListing, {"id": listing.id, "is_open": True}, **fields)
    await index_listing(uow, listing.update_from_dict(fields))
    if fields["picture_id"] is not None:
        await widen_visibility(uow, fields["picture_id"], Visibility.GOVERNMENT)


async def _move_waiting(uow: UnitOfWork, asset_id: str, fields: dict[str, Any]) -> None:
    """Whoever has yet to collect the thing collects it where it is now; of several things, where all of them are."""
    rows = await uow.fetch_all(
        "SELECT b.id FROM borrowing_line l JOIN borrowing b ON b.id = l.borrowing_id"
        " WHERE l.asset_id = ? AND b.state IN ('submitted', 'approved', 'ready') AND b.place_id <> ? ORDER BY b.id",
        asset_id,
        fields["place_id"],
    )
    for row in rows:
        place = await where_all_are(uow, row["id"])
        if place is not None:
            await uow.execute(
                "UPDATE borrowing SET place_id = ?, place_path = ?, place_name = ?, version = version + 1"
                " WHERE id = ? AND state IN ('submitted', 'approved', 'ready') AND place_id <> ?",
                place["place_id"],
                place["place_path"],
                place["place_name"],
                row["id"],
                place["place_id"],
            )
