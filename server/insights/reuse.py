"""Needs that were met from what there is, and things that were offered to others."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

import msgspec

from server.identity.types import RowSource
from server.insights.scope import YearScope
from server.insights.sql import beyond
from server.insights.types import MetNeed, OfferedThing
from server.kernel.instants import from_microseconds, shanghai_day

_ENDED = "ended_at >= ? AND ended_at < ?"
_LISTED = " FROM asset_listing a JOIN unit u ON u.id = a.holder_unit_id WHERE {} AND {}"
_IN_YEAR = "a.listed_at >= ? AND a.listed_at < ?"


class ReuseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """See `YearFigures`."""

    needs: int
    needs_pieces: int
    needs_fen: int
    decided: int
    posts_met: int
    listed: int
    listed_fen: int


async def reuse_figures(rows: RowSource, scope: YearScope) -> ReuseFigures:
    """How needs were met, and what was offered, in a year."""
    clause, values = scope.clause("unit_path")
    met = "CASE WHEN state = 'met' THEN {} ELSE 0 END"
    needs = await rows.fetch_one(
        f"SELECT COUNT(*) AS decided, SUM({met.format(1)}) AS needs, SUM({met.format('quantity')}) AS needs_pieces,"
        f" SUM({met.format('budget_fen')}) AS needs_fen FROM purchase_need"
        f" WHERE {clause} AND state IN ('met', 'approved') AND {_ENDED}",
        *values,
        scope.start,
        scope.end,
    )
    posts = await rows.fetch_one(
        f"SELECT COUNT(*) AS posts_met FROM wanted_post WHERE {clause} AND state = 'met'"
        " AND closed_at >= ? AND closed_at < ?",
        *values,
        scope.start,
        scope.end,
    )
    of_unit, owned = scope.clause("u.path")
    listed = await rows.fetch_one(
        "SELECT COUNT(*) AS listed, SUM(a.value_fen) AS listed_fen" + _LISTED.format(of_unit, _IN_YEAR),
        *owned,
        scope.start,
        scope.end,
    )
    assert needs is not None and posts is not None and listed is not None
    found = {**needs, **posts, **listed}
    return ReuseFigures(**{name: int(found[name] or 0) for name in ReuseFigures.__struct_fields__})


async def listed_now(rows: RowSource, scope: YearScope) -> int:
    """How many things are offered at this moment."""
    clause, values = scope.clause("u.path")
    row = await rows.fetch_one("SELECT COUNT(*) AS number" + _LISTED.format(clause, "a.is_open = 1"), *values)
    assert row is not None
    return int(row["number"])


async def need_rows(rows: RowSource, scope: YearScope, before: str | None, size: int) -> list[MetNeed]:
    """The needs that were met, the latest first, from below the id `before`."""
    clause, values = scope.clause("unit_path")
    further = beyond("id", before)
    found = await rows.fetch_all(
        "SELECT id, number, item, unit_name, quantity, budget_fen, ended_at, end_note FROM purchase_need"
        f" WHERE {clause} AND state = 'met' AND {_ENDED}{further[0]} ORDER BY id DESC LIMIT ?",
        *values,
        scope.start,
        scope.end,
        *further[1],
        size,
    )
    return [
        MetNeed(
            id=row["id"],
            number=row["number"] or "",
            item=row["item"],
            unit_name=row["unit_name"],
            quantity=row["quantity"],
            budget_fen=row["budget_fen"],
            met_on=shanghai_day(from_microseconds(row["ended_at"])),
            how=row["end_note"] or "",
        )
        for row in found
    ]


async def listing_rows(rows: RowSource, scope: YearScope, before: str | None, size: int) -> list[OfferedThing]:
    """What was offered in the year, the latest first, from below the id `before`."""
    clause, values = scope.clause("u.path")
    further = beyond("a.id", before)
    found = await rows.fetch_all(
        "SELECT a.id, a.code, a.name, a.holder_unit_name, a.value_fen, a.listed_at, a.is_open"
        f"{_LISTED.format(clause, _IN_YEAR)}{further[0]} ORDER BY a.id DESC LIMIT ?",
        *values,
        scope.start,
        scope.end,
        *further[1],
        size,
    )
    return [
        OfferedThing(
            id=row["id"],
            asset_code=row["code"],
            name=row["name"],
            unit_name=row["holder_unit_name"],
            value_fen=row["value_fen"],
            listed_on=shanghai_day(from_microseconds(row["listed_at"])),
            is_open=bool(row["is_open"]),
        )
        for row in found
    ]
