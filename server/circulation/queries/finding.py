"""The sharing board as a list: newest or dearest first as far as anybody turns, or searched, ranked and counted."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from datetime import date
from typing import Any, NamedTuple

from server.assets.states import CONDITION_NAMES
from server.circulation.checks import fault
from server.circulation.finding_types import Finds, ReadAs
from server.circulation.indexing import SEARCH_KIND
from server.circulation.queries.board_sql import (
    ROW_COLUMNS,
    board_ids,
    board_page,
    free_from_column,
    narrowing,
    region_prefixes,
)
from server.circulation.queries.tallies import tallies_of
from server.circulation.types import ListingFilter, ListingRow, Sort
from server.kernel.actor import Actor
from server.kernel.instants import from_day_number
from server.kernel.paging import PAGE_LIMIT, PAGE_SIZE, Page, decode_cursor, encode_cursor
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Reader, Row
from server.search.queries import check_text, search
from server.search.types import MOST_RANKED, Ranking, Within
from server.search.words import words_of

LONGEST_FREE_SPAN = 366
SORTS: tuple[Sort, ...] = ("match", "newest", "value", "free")
_EVERYTHING = ListingFilter()


class _Ranked(NamedTuple):
    """Some of the board, small columns only, in order. Each row has its `position`: larger ones first."""

    rows: list[Row]
    is_capped: bool
    ranking: Ranking


async def list_listings(
    actor: Actor, wanted: ListingFilter = _EVERYTHING, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[ListingRow]:
    """One page of the board as the actor's region sees it, narrowed and in order (see ListingFilter).

    What is searched for, or sorted by the first free day, ranks at most 1,000. Raises InvalidInput naming the field of
    `wanted` that is wrong, or for a made-up cursor.
    """
    if wanted.text.strip() or wanted.sort == "free":
        finds = await find_listings(actor, wanted, cursor, size)
        return Page(finds.items, finds.next_cursor)
    check_filter(wanted)
    async with reading() as db:
        return await _board(db, actor, wanted, decode_cursor(cursor, int, str), max(1, min(size, PAGE_LIMIT)))


async def _board(
    db: Reader, actor: Actor, wanted: ListingFilter, after: list[Any] | None, size: int
) -> Page[ListingRow]:
    prefixes = region_prefixes(actor.region_path)
    if not prefixes:
        return Page([])
    sql, values = board_page(prefixes, wanted, after, present_day(), size)
    rows = await db.fetch_all(sql, *values)
    last = rows[size - 1] if len(rows) > size else None
    next_cursor = None if last is None else encode_cursor(last["position"], last["id"])
    return Page([_row(row) for row in rows[:size]], next_cursor)


async def find_listings(
    actor: Actor, wanted: ListingFilter = _EVERYTHING, cursor: str | None = None, size: int = PAGE_SIZE
) -> Finds:
    """The same with counts: the best (nothing searched for: the newest or dearest) 1,000 are ranked and counted.

    Raises InvalidInput as `list_listings`.
    """
    check_filter(wanted)
    after = decode_cursor(cursor, int, str)
    size = max(1, min(size, PAGE_LIMIT))
    today = present_day()
    sort = wanted.sort or ("match" if wanted.text.strip() else "newest")
    async with reading() as db:
        ranked = await _ranked(db, region_prefixes(actor.region_path), wanted, sort, today)
        if wanted.text.strip() or sort == "free":
            page = await _page(db, ranked, after, size, today)
        else:
            page = await _board(db, actor, wanted, after, size)
    return Finds(
        items=page.items,
        next_cursor=page.next_cursor,
        total=len(ranked.rows),
        is_capped=ranked.is_capped,
        sort=sort,
        tallies=tallies_of(ranked.rows, today),
        reads_as=[ReadAs(typed, meant) for typed, meant in ranked.ranking.reads_as],
    )


async def _ranked(db: Reader, prefixes: list[str], wanted: ListingFilter, sort: Sort, today: date) -> _Ranked:
    if not prefixes:
        return _Ranked([], False, Ranking([]))
    if wanted.text.strip():
        ranking = await search(db, SEARCH_KIND, wanted.text, _within(prefixes, wanted, today), is_loose=wanted.is_loose)
        ids, is_capped = [hit.id for hit in ranking.hits], ranking.is_capped
    else:
        sql, values = board_ids(prefixes, wanted, None, today, MOST_RANKED)
        ids = [row["id"] for row in await db.fetch_all(sql, *values)]
        ranking, is_capped = Ranking([]), len(ids) >= MOST_RANKED
    rows = await _small_rows(db, ids, today)
    scores = {hit.id: hit.score for hit in ranking.hits}
    for row in rows:
        row["position"] = _position(row, sort, scores)
    rows.sort(key=lambda row: (row["position"], row["id"]), reverse=True)
    return _Ranked(rows, is_capped, ranking)


def _within(prefixes: list[str], wanted: ListingFilter, today: date) -> Within:
    narrowed, narrowed_by = narrowing(wanted, "l", today)
    return Within(
        "asset_listing l",
        "l.id",
        f"l.is_open = 1 AND l.reach_path IN ({', '.join('?' * len(prefixes))}){narrowed}",
        (*prefixes, *narrowed_by),
    )


async def _small_rows(db: Reader, ids: list[str], today: date) -> list[Row]:
    """What ranking and counting need of each."""
    if not ids:
        return []
    free_from, values = free_from_column("l.asset_id", today)
    return await db.fetch_all(
        "SELECT l.id, l.category_code, l.region_code, l.region_name, l.holder_unit_id, l.holder_unit_name, l.place_id,"
        f" l.place_name, l.condition AS is_like, l.value_fen, l.listed_at, {free_from} AS free_from"
        f" FROM asset_listing l WHERE l.id IN ({', '.join('?' * len(ids))})",
        *values,
        *ids,
    )


def _position(row: Row, sort: Sort, scores: dict[str, int]) -> int:
    if sort == "match" and scores:
        return scores[row["id"]]
    if sort == "free":
        return -int(row["free_from"])
    return int(row["value_fen"] if sort == "value" else row["listed_at"])


def _start(rows: list[Row], after: list[Any] | None) -> int:
    """Where the page after the cursor begins."""
    if after is None:
        return 0
    key = (after[0], after[1])
    return next((n for n, row in enumerate(rows) if (row["position"], row["id"]) < key), len(rows))


async def _page(db: Reader, ranked: _Ranked, after: list[Any] | None, size: int, today: date) -> Page[ListingRow]:
    start = _start(ranked.rows, after)
    some = ranked.rows[start : start + size]
    if not some:
        return Page([])
    ids = [row["id"] for row in some]
    free_from, values = free_from_column("l.asset_id", today)
    rows = await db.fetch_all(
        f"SELECT {ROW_COLUMNS}, {free_from} AS free_from FROM asset_listing l"
        f" WHERE l.id IN ({', '.join('?' * len(ids))})",
        *values,
        *ids,
    )
    by_id = {row["id"]: row for row in rows}
    shown = set(ids)
    reasons = {hit.id: words_of(hit) for hit in ranked.ranking.hits if hit.id in shown}
    items = [_row(by_id[key], reasons.get(key, ())) for key in ids if key in by_id]
    has_more = start + size < len(ranked.rows)
    return Page(items, encode_cursor(some[-1]["position"], some[-1]["id"]) if has_more else None)


def check_filter(wanted: ListingFilter) -> None:
    """Raise InvalidInput naming the field that is wrong."""
    check_text(wanted.text)
    if wanted.sort is not None and wanted.sort not in SORTS:
        raise fault("sort", "input.not_a_choice")
    if wanted.condition and wanted.condition not in CONDITION_NAMES:
        raise fault("condition", "input.not_a_choice")
    first, last = wanted.free_from, wanted.free_to
    if (first is None) != (last is None) or (first and last and last < first):
        raise fault("free_to", "listing.free_days_incomplete")
    if first and last and (last - first).days > LONGEST_FREE_SPAN:
        raise fault("free_to", "listing.free_days_too_long", limit=LONGEST_FREE_SPAN)


def _row(row: Row, reasons: tuple[str, ...] = ()) -> ListingRow:
    return ListingRow(
        id=row["id"],
        asset_id=row["asset_id"],
        name=row["name"],
        condition=row["is_like"],
        condition_name=CONDITION_NAMES[row["is_like"]],
        holder_unit_name=row["holder_unit_name"],
        region_name=row["region_name"],
        place_name=row["place_name"],
        picture_id=row["picture_id"],
        category_code=row["category_code"],
        value_fen=row["value_fen"],
        free_from=from_day_number(row["free_from"]),
        why=reasons,
    )
