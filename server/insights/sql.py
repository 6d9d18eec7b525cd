"""Pieces of SQL that count alike on both storages, exactly: integers alone, no dates of the storage's own.

An ordinal is what `date.toordinal` gives: days since the year 1.
"""

from server.identity.scope import Clause, prefix_clause

_DAY = 86_400_000_000
_OFFSET = 8 * 3_600_000_000
# 1970-01-01.
_EPOCH = 719_163


def ordinal_of_instant(column: str) -> str:
    """The Shanghai day of an instant in microseconds, as an ordinal. China has had no summer time since 1991."""
    local = f"({column} + {_OFFSET})"
    return f"(({local} - {local} % {_DAY}) / {_DAY} + {_EPOCH})"


def ordinal_of_day(column: str) -> str:
    """A day number such as 20261121 as an ordinal: days before its year, its month, and the day itself."""
    year, month, day = _whole(column, 10_000), f"({_whole(column, 100)} % 100)", f"({column} % 100)"
    # January and February are counted as months 13 and 14 of the year before, so that the leap day comes last.
    shift = f"(CASE WHEN {month} <= 2 THEN 1 ELSE 0 END)"
    y, m = f"({year} - {shift})", f"({month} + 12 * {shift})"
    leaps = f"({_whole(y, 4)} - {_whole(y, 100)} + {_whole(y, 400)})"
    return f"({day} + {_whole(f'(153 * {m} - 457)', 5)} + 365 * {y} + {leaps} - 306)"


def unit_clause(column: str, path: str, *, is_below: bool) -> Clause:
    """A unit by its path, or with every unit below it."""
    return prefix_clause(column, path) if is_below else (f"{column} = ?", (path,))


def beyond(column: str, before: str | None) -> Clause:
    """What follows a page whose last row has the id `before`; everything where there was none."""
    return ("", ()) if before is None else (f" AND {column} < ?", (before,))


def _whole(value: str, divisor: int) -> str:
    """A whole quotient: `/` of integers is one on SQLite only, and a decimal on MariaDB."""
    return f"(({value} - {value} % {divisor}) / {divisor})"
