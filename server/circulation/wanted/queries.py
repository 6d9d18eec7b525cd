# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""The wanted board, the unit's own posts, and one post with its answers and what fits it."""

from typing import Any

from server.circulation.queries.idle import idle_listings
from server.circulation.types import IdleHit
from server.circulation.wanted.access import OFFERERS, POSTERS, is_own, reach_clause
from server.circulation.wanted.types import STATE_NAMES, OfferView, WantedDetail, WantedRow, WantedView
from server.identity.scope import Clause, require_role
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound, StateConflict
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.paging import PAGE_LIMIT, PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.database import Row

__all__ = ["POSTERS", "closable_view", "list_wanted", "offerable", "read_wanted", "wanted_view"]
# What is suggested beside a post: the newest that fit.
MOST_HITS = 12
_PLAIN = ("id", "title", "quantity", "days", "category_name", "unit_name", "region_name", "state")


async def list_wanted(
    actor: Actor, view: WantedView = "board", text: str = "", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[WantedRow]:
    """Posts, the latest first. `board`: the open ones within the actor's reach; `unit`: all of the actor's unit.

    Raises InvalidInput for an unknown `view` and a made-up cursor.
    """
    clause, values = _clause_of(actor, view)
    if text.strip():
        clause, values = f"{clause} AND INSTR(w.title, ?) > 0", (*values, text.strip())
    if (position := decode_cursor(cursor, str)) is not None:
        clause, values = f"{clause} AND w.id < ?", (*values, position[0])
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT w.*, (SELECT COUNT(*) FROM wanted_offer o WHERE o.wanted_id = w.id) AS offers"
            f" FROM wanted_post w WHERE {clause} ORDER BY w.id DESC LIMIT ?",
            *values,
            size + 1,
        )
    return page_of([_row(row) for row in rows], size, lambda row: encode_cursor(row.id))


def _clause_of(actor: Actor, view: str) -> Clause:
    if view == "unit":
        return "w.unit_id = ?", (actor.unit_id,)
    if view != "board":
        raise InvalidInput(fields=[FieldError("view", "input.not_a_choice")])
    clause, values = reach_clause(actor)
    return f"w.state = 'open' AND {clause}", values


async def wanted_view(actor: Actor, wanted_id: str) -> WantedDetail:
    """One post within the actor's reach; raises NotFound `wanted.not_found`."""
    async with reading() as db:
        return await read_wanted(db, actor, wanted_id)


async def closable_view(actor: Actor, wanted_id: str) -> WantedDetail:
    """The post, for whoever may close it now; raises as `close_wanted`."""
    require_role(actor, *POSTERS)
    it = await wanted_view(actor, wanted_id)
    if not it.is_mine:
        raise NotFound("wanted.not_found")
    if not it.can_close:
        raise StateConflict("wanted.closed")
    return it


async def read_wanted(rows: RowSource, actor: Actor, wanted_id: str) -> WantedDetail:
    """The same, by the caller's rows: inside the unit of work that has just written it."""
    clause, values = reach_clause(actor)
    row = await rows.fetch_one(
        f"SELECT w.* FROM wanted_post w WHERE w.id = ? AND (w.unit_id = ? OR {clause})",
        wanted_id,
        actor.unit_id,
        *values,
    )
    if row is None:
        raise NotFound("wanted.not_found")
    is_mine = row["unit_id"] == actor.unit_id
    offers = await _offers(rows, actor, row)
    is_open = row["state"] == "open"
    return WantedDetail(
        **_named(row),
        note=row["note"],
        category_code=row["category_code"],
        unit_id=row["unit_id"],
        poster_name=row["poster_name"],
        closed_note=row["closed_note"],
        offers=offers,
        hits=await _hits(actor, row) if is_mine and is_open else [],
        is_mine=is_own(actor, row["poster_id"], row["unit_path"]),
        can_offer=is_open and not is_mine and actor.has_role(*OFFERERS) and not offers,
        can_close=is_open and is_own(actor, row["poster_id"], row["unit_path"]),
    )


async def _offers(rows: RowSource, actor: Actor, wanted: Row) -> list[OfferView]:
    """All of them for the unit that posted; for everybody else their own unit's."""
    clause, values = ("1 = 1", ()) if wanted["unit_id"] == actor.unit_id else ("o.unit_id = ?", (actor.unit_id,))
    found = await rows.fetch_all(
        "SELECT o.unit_name, o.offered_by_name, o.words, o.listing_id, o.listing_name, o.offered_at FROM wanted_offer o"
        f" WHERE o.wanted_id = ? AND {clause} ORDER BY o.id",
        wanted["id"],
        *values,
    )
    return [OfferView(**{**row, "offered_at": from_microseconds(row["offered_at"])}) for row in found]


async def _hits(actor: Actor, wanted: Row) -> list[IdleHit]:
    found = await idle_listings(actor, wanted["category_code"] or "", wanted["title"], MOST_HITS, is_loose=True)
    return found.hits


def _row(row: Row) -> WantedRow:
    return WantedRow(**_named(row), offers=row["offers"])


def _named(row: Row) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _PLAIN},
        "is_permanent": bool(row["is_permanent"]),
        "state_name": STATE_NAMES[row["state"]],
        "posted_at": from_microseconds(row["posted_at"]),
        "expires_on": from_day_number(row["expires_on"]),
    }


async def offerable(actor: Actor) -> list[tuple[str, str]]:
    """What the actor's unit has on the sharing board, as (listing id, name), the newest first, at most a hundred."""
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT id, name, code FROM asset_listing WHERE holder_unit_id = ? AND is_open = 1"
            " ORDER BY id DESC LIMIT ?",
            actor.unit_id,
            PAGE_LIMIT,
        )
    return [(row["id"], f"{row['name']}（{row['code']}）") for row in rows]
