"""What was put on the board since a saved search last looked."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from datetime import datetime, timedelta

import msgspec

from server.circulation.indexing import SEARCH_KIND
from server.circulation.models import SavedSearch
from server.circulation.queries.board_sql import narrowing, region_prefixes
from server.circulation.types import ListingFilter
from server.kernel.clock import today
from server.kernel.instants import to_microseconds
from server.kernel.unit_of_work import UnitOfWork
from server.search.queries import search
from server.search.types import Within

# A listing's instant is its command's; no command runs longer than this, so none comes to light behind the look.
_SETTLED = timedelta(minutes=2)
_MOST_TOLD = 50


async def new_finds(uow: UnitOfWork, saved: SavedSearch, region_path: str) -> tuple[list[str], datetime]:
    """The names of the new listings that fit, best first, and until when they were looked at.

    One's own unit's things are left out: nobody borrows them.
    """
    until = max(saved.seen_until, await uow.now() - _SETTLED)
    wanted = msgspec.convert(saved.wanted, ListingFilter)
    prefixes = region_prefixes(region_path)
    narrowed, narrowed_by = narrowing(wanted, "l", await today(uow))
    condition = (
        f"l.is_open = 1 AND l.reach_path IN ({', '.join('?' * len(prefixes))}){narrowed}"
        " AND l.listed_at > ? AND l.listed_at <= ? AND l.holder_unit_id <> ?"
    )
    span = (to_microseconds(saved.seen_until), to_microseconds(until), saved.unit_id)
    within = Within("asset_listing l", "l.id", condition, (*prefixes, *narrowed_by, *span))
    if not prefixes or not await _is_any(uow, within):
        return [], until
    ids = [hit.id for hit in (await search(uow.transaction, SEARCH_KIND, wanted.text, within)).hits]
    return await _names(uow, within, ids if wanted.text.strip() else None), until


async def _is_any(uow: UnitOfWork, within: Within) -> bool:
    """Most looks end here: nothing new was listed at all."""
    sql = f"SELECT {within.key} FROM {within.source} WHERE {within.condition} LIMIT 1"
    return await uow.fetch_one(sql, *within.values) is not None


async def _names(uow: UnitOfWork, within: Within, ids: list[str] | None) -> list[str]:
    chosen = "" if ids is None else f" AND l.id IN ({', '.join('?' * len(ids))})"
    if ids == []:
        return []
    rows = await uow.fetch_all(
        f"SELECT l.id, l.name FROM {within.source} WHERE {within.condition}{chosen}"
        f" ORDER BY l.id DESC LIMIT {_MOST_TOLD}",
        *within.values,
        *(ids or ()),
    )
    return [row["name"] for row in rows]
