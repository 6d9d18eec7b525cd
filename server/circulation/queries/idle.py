# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""What is idle and would meet a need: everything on the boards that somebody's unit sees, with the facts of today."""

from server.assets.states import CONDITION_NAMES
from server.circulation.queries.board_sql import free_from_column, region_prefixes
from server.circulation.queries.finding import list_listings
from server.circulation.types import IdleFound, IdleHit, ListingFilter, ListingRow
from server.kernel.actor import Actor
from server.kernel.instants import from_day_number
from server.kernel.paging import PAGE_LIMIT
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row

# A search ranks so many at most; what it finds is looked through for the words themselves.
MOST_SEARCHED = 1_000
_COLUMNS = (
    "asset_id",
    "code",
    "name",
    "brand",
    "model",
    "specification",
    "category_code",
    "category_name",
    "condition",
    "value_fen",
    "holder_unit_name",
    "region_name",
    "place_name",
    "terms",
    "longest_days",
)


async def idle_listings(
    actor: Actor, category_code: str, words: str, most: int, *, is_loose: bool = False
) -> IdleFound:
    """The listings of a category (and below it), and those whose names say `words`, as the actor's region sees them:
    newest first, each once, at most `most`; `is_cut` says that there were more.

    Without a category all that a search finds (`is_loose`: by some of the words where nothing has all): with one, what
    only sounds alike would have to be judged piece by piece.
    """
    found: list[ListingRow] = []
    if category_code:
        found += await _all_of(actor, ListingFilter(category_prefix=category_prefix(category_code)), most)
    if words := words.strip():
        named = await _all_of(actor, ListingFilter(text=words, is_loose=is_loose), MOST_SEARCHED)
        found += [row for row in named if not category_code or words in row.name]
    ids = dict.fromkeys(row.id for row in found)
    kept = sorted(ids, reverse=True)[:most]
    return IdleFound(await _snapshots(kept), await _board_count(actor), len(ids) > most)


def category_prefix(code: str) -> str:
    """What the codes below a category begin with: two digits a level, noughts where it has none."""
    while len(code) > 1 and code.endswith("00"):
        code = code[:-2]
    return code


async def _all_of(actor: Actor, wanted: ListingFilter, most: int) -> list[ListingRow]:
    """Every listing that fits, up to a page more than `most`."""
    rows: list[ListingRow] = []
    cursor: str | None = None
    while len(rows) <= most:
        page = await list_listings(actor, wanted, cursor, PAGE_LIMIT)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return rows


async def _snapshots(ids: list[str]) -> list[IdleHit]:
    if not ids:
        return []
    free_from, days = free_from_column("l.asset_id", present_day())
    columns = ", ".join(f"l.{column}" for column in _COLUMNS)
    async with reading() as db:
        rows = await db.fetch_all(
            f"SELECT l.id, {columns}, {free_from} AS free_from FROM asset_listing l"
            f" WHERE l.id IN ({', '.join('?' * len(ids))}) AND l.is_open = 1 ORDER BY l.id DESC",
            *days,
            *ids,
        )
    return [_hit(row) for row in rows]


async def _board_count(actor: Actor) -> int:
    prefixes = region_prefixes(actor.region_path)
    if not prefixes:
        return 0
    async with reading() as db:
        row = await db.fetch_one(
            "SELECT COUNT(*) AS number FROM asset_listing WHERE is_open = 1"
            f" AND reach_path IN ({', '.join('?' * len(prefixes))})",
            *prefixes,
        )
    return 0 if row is None else int(row["number"])


def _hit(row: Row) -> IdleHit:
    return IdleHit(
        listing_id=row["id"],
        **{column: row[column] for column in _COLUMNS},
        condition_name=CONDITION_NAMES[row["condition"]],
        free_from=from_day_number(row["free_from"]),
    )
