"""What the wanted board does by the clock, and when something new is on the sharing board."""

from datetime import timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from server.circulation.models import AssetListing
from server.circulation.queries.board_sql import region_prefixes
from server.circulation.wanted.commands import expire_wanted
from server.circulation.wanted.models import WantedSuggestion
from server.kernel.actor import system_actor
from server.kernel.errors import StateConflict
from server.kernel.instants import to_day_number, to_microseconds
from server.kernel.outbox import on_event
from server.kernel.reading import present_day, reading
from server.kernel.schedule import every
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify

_BATCH = 500
# So many posters are told of one thing; the rest see it on their own page.
_MOST_TOLD = 200


@every(timedelta(minutes=30), "wanted.expire")
async def expire_posts() -> None:
    """End the posts whose last day has passed."""
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id FROM wanted_post WHERE state = 'open' AND expires_on < ? ORDER BY id LIMIT ?",
            to_day_number(present_day()),
            _BATCH,
        )
    for row in rows:
        try:
            await expire_wanted(system_actor("wanted"), row["id"])
        except StateConflict:
            continue  # its poster closed it in the meantime


@on_event("listing.opened", "wanted.suggest")
async def suggest_listing(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Tell every poster whom a new listing fits: by its category, or by the words of the post in its name."""
    listing = await uow.find(AssetListing, id=payload["listing_id"], is_open=True)
    if listing is None:
        return  # taken down in the meantime
    rows = await uow.fetch_all(
        "SELECT w.id, w.title, w.poster_id, w.region_path FROM wanted_post w WHERE w.state = 'open' AND w.unit_id <> ?"
        " AND w.posted_at <= ?"
        " AND ((w.category_prefix IS NOT NULL AND SUBSTR(?, 1, LENGTH(w.category_prefix)) = w.category_prefix)"
        " OR INSTR(?, w.title) > 0) ORDER BY w.id LIMIT ?",
        listing.holder_unit_id,
        # What was there before was shown when the need was posted.
        to_microseconds(listing.listed_at),
        listing.category_code,
        listing.name,
        _MOST_TOLD,
    )
    for row in rows:
        if listing.reach_path in region_prefixes(row["region_path"]) and await _is_new(uow, row["id"], listing.id):
            await notify(
                uow,
                [row["poster_id"]],
                "您要的东西有了",
                f"{listing.holder_unit_name}上架了 {listing.name}，可能适合“{row['title']}”。",
                "listing",
                listing.id,
                f"wanted.suggest:{row['id']}:{listing.id}",
            )


async def _is_new(uow: UnitOfWork, wanted_id: str, listing_id: str) -> bool:
    """Whether the thing was not suggested for the post before; noted, so that it never is again."""
    if await uow.find(WantedSuggestion, wanted_id=wanted_id, listing_id=listing_id) is not None:
        return False
    try:
        await uow.add(WantedSuggestion(wanted_id=wanted_id, listing_id=listing_id, suggested_at=await uow.now()))
    except IntegrityError as error:
        if is_duplicate(error):
            return False
        raise
    return True
