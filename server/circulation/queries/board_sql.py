"""The sharing board as SQL: one statement for one page, whatever the number of cards.

A listing is visible where its reach is the viewer's region or one above it. Each of these few regions is read by itself
along the index, newest first and no further than one page; then the few heads are merged. So the work is the same for
ten thousand cards and for a million.
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from datetime import date
from typing import Any

from server.circulation.types import ListingFilter
from server.kernel.instants import to_day_number

Clause = tuple[str, tuple[Any, ...]]
_POSITION = {"newest": "p.listed_at", "match": "p.listed_at", "free": "p.listed_at", "value": "p.value_fen"}
ROW_COLUMNS = (
    "l.id, l.asset_id, l.name, l.condition AS is_like, l.holder_unit_name, l.region_name, l.place_name, l.picture_id,"
    " l.category_code, l.value_fen"
)


def region_prefixes(region_path: str) -> list[str]:
    """The region itself and all above it: `330000/330100/` gives `330000/` and `330000/330100/`."""
    codes = region_path.split("/")[:-1]
    return ["/".join(codes[: end + 1]) + "/" for end in range(len(codes))]


def board_page(prefixes: list[str], wanted: ListingFilter, after: list[Any] | None, today: date, size: int) -> Clause:
    """One page of the board, `size + 1` rows, newest or dearest first. `after`: the cursor."""
    sql, values = board_ids(prefixes, wanted, after, today, size + 1)
    free_from, free_from_values = free_from_column("l.asset_id", today)
    page = (
        f"SELECT {ROW_COLUMNS}, page.position, {free_from} AS free_from FROM ({sql}) AS page"
        " JOIN asset_listing l ON l.id = page.id ORDER BY page.position DESC, page.id DESC"
    )
    return page, (*free_from_values, *values)


def board_ids(prefixes: list[str], wanted: ListingFilter, after: list[Any] | None, today: date, limit: int) -> Clause:
    """The first `limit` ids of the board with their positions, newest or dearest first."""
    position = _POSITION[wanted.sort or "newest"]
    narrowed, narrowed_by = narrowing(wanted, "p", today)
    if after is not None:
        narrowed += f" AND {position} <= ? AND ({position} < ? OR p.id < ?)"
        narrowed_by += (after[0], after[0], after[1])
    head = (
        f"SELECT * FROM (SELECT p.id AS id, {position} AS position FROM asset_listing p"
        f" WHERE p.is_open = 1 AND p.reach_path = ?{narrowed}"
        f" ORDER BY {position} DESC, p.id DESC LIMIT {limit})"
    )
    heads = " UNION ALL ".join(f"{head} AS head{number}" for number in range(len(prefixes)))
    sql = f"SELECT id, position FROM ({heads}) AS merged ORDER BY position DESC, id DESC LIMIT {limit}"
    return sql, tuple(value for prefix in prefixes for value in (prefix, *narrowed_by))


def free_from_column(asset_id: str, today: date) -> Clause:
    """The first day from today on which an asset is promised to nobody: the day after the run that holds today."""
    # LIMIT in each look-up keeps MariaDB from turning it into a join with the whole table.
    number = to_day_number(today)
    sql = (
        f"CASE WHEN (SELECT t.day FROM asset_day t WHERE t.asset_id = {asset_id} AND t.day = ? LIMIT 1) IS NULL THEN ?"
        f" ELSE (SELECT h.next_day FROM asset_day h WHERE h.asset_id = {asset_id} AND h.day >= ?"
        " AND (SELECT n.day FROM asset_day n WHERE n.asset_id = h.asset_id AND n.day = h.next_day LIMIT 1) IS NULL"
        " ORDER BY h.asset_id, h.day LIMIT 1) END"
    )
    return sql, (number, number, number)


def narrowing(wanted: ListingFilter, alias: str, today: date) -> Clause:
    """What the filter asks of a row of `asset_listing` called `alias`, each condition led by AND."""
    clauses = [
        *_equal(alias, "region_code", wanted.region_code),
        *_equal(alias, "condition", wanted.condition),
        *_equal(alias, "holder_unit_id", wanted.holder_unit_id),
        *_equal(alias, "place_id", wanted.place_id),
    ]
    if wanted.category_prefix:
        # A range instead of LIKE, which folds case on one of the storages and then uses no index there.
        prefix = wanted.category_prefix
        clauses.append((f"{alias}.category_code >= ? AND {alias}.category_code < ?", (prefix, prefix + "~")))
    if wanted.value_from is not None:
        clauses.append((f"{alias}.value_fen >= ?", (wanted.value_from,)))
    if wanted.value_to is not None:
        clauses.append((f"{alias}.value_fen < ?", (wanted.value_to,)))
    if wanted.free_from and wanted.free_to:
        # LIMIT keeps MariaDB from turning the look-up of a few rows into a join with the whole table.
        held = (
            f"SELECT d.day FROM asset_day d WHERE d.asset_id = {alias}.asset_id AND d.day >= ? AND d.day <= ? LIMIT 1"
        )
        clauses.append((f"({held}) IS NULL", (to_day_number(wanted.free_from), to_day_number(wanted.free_to))))
    if wanted.free_by:
        free_from, values = free_from_column(f"{alias}.asset_id", today)
        clauses.append((f"{free_from} <= ?", (*values, to_day_number(wanted.free_by))))
    sql = "".join(f" AND {clause}" for clause, _ in clauses)
    return sql, tuple(value for _, values in clauses for value in values)


def _equal(alias: str, column: str, value: str) -> list[Clause]:
    return [(f"{alias}.{column} = ?", (value,))] if value else []
