"""Cases of lost and damaged things in a unit's year: what was lost, what it cost, and what came of it."""

from server.circulation.losses.states import KIND_NAMES, LOSS_STATE_NAMES
from server.identity.types import RowSource
from server.insights.scope import YearScope
from server.insights.sql import beyond
from server.insights.types import LossFigures, LossSide, YearLoss
from server.kernel.instants import from_microseconds, shanghai_day

PATHS: dict[LossSide, str] = {"losses": "holder_unit_path", "caused": "borrower_unit_path"}
# What was found again was not lost; but what had been paid for it was paid, until it is paid back.
_COUNTED = " FROM loss_case WHERE {} AND (state <> 'found' OR paid_fen > 0) AND reported_at >= ? AND reported_at < ?"
# Of a found thing nothing more is owed, so that what is due less what is paid is what is still to come.
_DUE = "CASE WHEN state = 'found' THEN paid_fen - refunded_fen ELSE amount_fen - waived_fen END"


async def loss_figures(rows: RowSource, scope: YearScope, side: LossSide) -> LossFigures:
    """One side's cases that were reported in the year."""
    clause, values = scope.clause(PATHS[side])
    lost = "CASE WHEN kind = 'loss' AND state <> 'found' THEN {} ELSE 0 END"
    gone = "CASE WHEN state = 'written_off' THEN {} ELSE 0 END"
    row = await rows.fetch_one(
        f"SELECT SUM({lost.format(1)}) AS lost, SUM({lost.format('value_fen')}) AS lost_fen,"
        f" SUM({_DUE}) AS due_fen, SUM(paid_fen - refunded_fen) AS paid_fen,"
        f" SUM({gone.format(1)}) AS written_off, SUM({gone.format('value_fen')}) AS written_off_fen"
        + _COUNTED.format(clause),
        *values,
        scope.start,
        scope.end,
    )
    assert row is not None
    return LossFigures(**{name: int(row[name] or 0) for name in LossFigures.__struct_fields__})


async def loss_rows(rows: RowSource, scope: YearScope, side: LossSide, before: str | None, size: int) -> list[YearLoss]:
    """The cases that a side's figures count, the latest first, from below the id `before`."""
    clause, values = scope.clause(PATHS[side])
    further = beyond("id", before)
    found = await rows.fetch_all(
        "SELECT id, number, kind, asset_code, asset_name, borrower_unit_name, holder_unit_name, reported_at, value_fen,"
        f" {_DUE} AS due_fen, paid_fen - refunded_fen AS kept_fen, refunded_fen, state"
        f"{_COUNTED.format(clause)}{further[0]} ORDER BY id DESC LIMIT ?",
        *values,
        scope.start,
        scope.end,
        *further[1],
        size,
    )
    return [
        YearLoss(
            id=row["id"],
            number=row["number"],
            kind_name=KIND_NAMES[row["kind"]],
            asset_code=row["asset_code"],
            asset_name=row["asset_name"],
            borrower_unit_name=row["borrower_unit_name"],
            holder_unit_name=row["holder_unit_name"],
            reported_on=shanghai_day(from_microseconds(row["reported_at"])),
            value_fen=row["value_fen"],
            due_fen=row["due_fen"],
            paid_fen=row["kept_fen"],
            refunded_fen=row["refunded_fen"],
            state_name=LOSS_STATE_NAMES[row["state"]],
        )
        for row in found
    ]
