"""Figures and lists of loans, each counted to the year in which the first of its things was handed out."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from typing import Any

from server.identity.scope import Clause
from server.identity.types import RowSource
from server.insights.scope import YearScope
from server.insights.sql import ordinal_of_day, ordinal_of_instant
from server.insights.types import LoanFigures, LoanKind, YearLoan
from server.kernel.instants import from_day_number, from_microseconds, shanghai_day, to_microseconds
from server.kernel.reading import present
from server.kernel.storage.database import Row

# What was lost was out until somebody said so.
_BACK = ordinal_of_instant("COALESCE(l.returned_at, l.lost_at, ?)")
_OUT = ordinal_of_instant("l.issued_at")
_DAMAGED = "CASE WHEN l.inspection_result = 'damaged' THEN {} ELSE 0 END"
# One row a loan. Bound first: now, twice; for what is still out.
_LOANS = (
    f"SELECT b.id, COUNT(*) AS pieces, SUM(l.value_fen) AS value_fen, SUM({_BACK} - {_OUT} + 1) AS days,"
    f" MAX({_BACK}) - {ordinal_of_day('b.to_day')} AS late_days, SUM({_DAMAGED.format(1)}) AS damaged,"
    f" SUM({_DAMAGED.format('l.value_fen')}) AS damaged_fen"
    " FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id AND l.issued_at IS NOT NULL"
    " WHERE b.issued_at >= ? AND b.issued_at < ? AND {}"
    " GROUP BY b.id, b.to_day"
)
_FIGURES = (
    "SELECT COUNT(*) AS loans, SUM(pieces) AS pieces, SUM(days) AS days, SUM(value_fen) AS value_fen,"
    " SUM(CASE WHEN late_days > 0 THEN 1 ELSE 0 END) AS late_loans,"
    " SUM(CASE WHEN late_days > 0 THEN late_days ELSE 0 END) AS late_days,"
    " SUM(damaged) AS damaged, SUM(damaged_fen) AS damaged_fen"
)
# Which side of the loan the unit is on, and which of its loans the figure counts.
_SIDES: dict[LoanKind, tuple[str, str]] = {
    "lent": ("b.holder_unit_path", "1 = 1"),
    "borrowed": ("b.borrower_unit_path", "1 = 1"),
    "late": ("b.borrower_unit_path", "late_days > 0"),
    "late_lent": ("b.holder_unit_path", "late_days > 0"),
    "damaged": ("b.borrower_unit_path", "damaged > 0"),
}


async def loan_figures(rows: RowSource, scope: YearScope, kind: LoanKind) -> LoanFigures:
    """All figures of one side: `lent` or `borrowed`."""
    sql, values = _loans(scope, kind)
    row = await rows.fetch_one(f"{_FIGURES} FROM ({sql}) x", *values)
    assert row is not None
    return LoanFigures(**{name: int(row[name] or 0) for name in LoanFigures.__struct_fields__})


async def loan_rows(rows: RowSource, scope: YearScope, kind: LoanKind, before: str | None, size: int) -> list[YearLoan]:
    """The loans behind a figure, the latest first, from below the id `before`."""
    sql, values = _loans(scope, kind)
    beyond: Clause = ("", ()) if before is None else (" AND x.id < ?", (before,))
    found = await rows.fetch_all(
        "SELECT x.*, b.number, b.title, b.borrower_unit_name, b.holder_unit_name, b.issued_at, b.to_day"
        f" FROM (SELECT x.* FROM ({sql}) x WHERE {_SIDES[kind][1]}{beyond[0]} ORDER BY x.id DESC LIMIT ?) x"
        " JOIN borrowing b ON b.id = x.id ORDER BY x.id DESC",
        *values,
        *beyond[1],
        size,
    )
    return [_loan(row) for row in found]


async def late_now(rows: RowSource, scope: YearScope, column: str) -> int:
    """How many loans of one side (its path column) are overdue at this moment, whenever they began."""
    clause, values = scope.clause(column)
    row = await rows.fetch_one(
        f"SELECT COUNT(*) AS number FROM borrowing WHERE state = 'issued' AND is_overdue = 1 AND {clause}", *values
    )
    assert row is not None
    return int(row["number"])


def _loans(scope: YearScope, kind: LoanKind) -> tuple[str, tuple[Any, ...]]:
    clause, values = scope.clause(_SIDES[kind][0])
    now = to_microseconds(present())
    return _LOANS.format(clause), (now, now, now, now, scope.start, scope.end, *values)


def _loan(row: Row) -> YearLoan:
    counted = ("pieces", "days", "value_fen", "damaged", "damaged_fen")
    return YearLoan(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        borrower_unit_name=row["borrower_unit_name"],
        holder_unit_name=row["holder_unit_name"],
        issued_on=shanghai_day(from_microseconds(row["issued_at"])),
        to_day=from_day_number(row["to_day"]),
        late_days=max(int(row["late_days"]), 0),
        **{name: int(row[name]) for name in counted},
    )
