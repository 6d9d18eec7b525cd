# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Working days: a day is what its weekday says unless a loaded calendar says otherwise, the nearest region first.

Holidays are arranged year by year by the State Council's office, and late in the year before. Until a year's days are
loaded, its weekdays count as working days and nothing is guessed.
"""

import csv
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from server.identity.types import RowSource
from server.kernel.errors import InvalidInput
from server.kernel.instants import from_day_number, to_day_number
from server.policies.types import CalendarEntry

CALENDAR_2026 = Path(__file__).with_name("calendar_2026.csv")
CALENDAR_2026_SOURCE = "国务院办公厅关于2026年部分节假日安排的通知（2025年11月4日），启用前请核对"
MOST_WORKING_DAYS = 400
_SPAN = timedelta(days=60)
_SATURDAY = 5


def chain_of(region_path: str) -> list[str]:
    """The codes whose rules may apply, nearest first, the built-in default (empty) last."""
    return [*reversed([code for code in region_path.split("/") if code]), ""]


async def is_working_day(reader: RowSource, region_path: str, day: date) -> bool:
    """Whether people work on `day` in the region."""
    return _is_working(day, await _exceptions(reader, region_path, day, day))


async def add_working_days(reader: RowSource, region_path: str, day: date, number: int) -> date:
    """The `number`-th working day after `day`; `day` itself for 0. InvalidInput `calendar.too_far` past 400."""
    if not 0 <= number <= MOST_WORKING_DAYS:
        raise InvalidInput("calendar.too_far", limit=MOST_WORKING_DAYS)
    end, exceptions = day, dict[date, bool]()
    while number:
        if day >= end:
            exceptions = await _exceptions(reader, region_path, day, day + _SPAN)
            end = day + _SPAN
        day += timedelta(days=1)
        number -= _is_working(day, exceptions)
    return day


async def working_days_between(reader: RowSource, region_path: str, first: date, last: date) -> int:
    """How many working days lie after `first` up to and including `last`; 0 when `last` is not after `first`."""
    exceptions = await _exceptions(reader, region_path, first, last)
    days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    return sum(_is_working(day, exceptions) for day in days)


def read_calendar(text: str) -> tuple[CalendarEntry, ...]:
    """The days of a CSV file with the columns day (2026-10-01), is_working (0 or 1) and name."""
    return tuple(
        CalendarEntry(day=date.fromisoformat(row["day"]), is_working=row["is_working"] == "1", name=row["name"])
        for row in csv.DictReader(StringIO(text))
    )


def _is_working(day: date, exceptions: dict[date, bool]) -> bool:
    return exceptions.get(day, day.weekday() < _SATURDAY)


async def _exceptions(reader: RowSource, region_path: str, first: date, last: date) -> dict[date, bool]:
    chain = chain_of(region_path)
    rows = await reader.fetch_all(
        "SELECT region_code, day, is_working FROM calendar_day"
        f" WHERE region_code IN ({', '.join('?' * len(chain))}) AND day BETWEEN ? AND ?",
        *chain,
        to_day_number(first),
        to_day_number(last),
    )
    # The farthest region first, so that the nearest one has the last word.
    rows.sort(key=lambda row: -chain.index(row["region_code"]))
    return {from_day_number(row["day"]): bool(row["is_working"]) for row in rows}
