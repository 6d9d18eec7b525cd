"""Hours of one day, held by the database itself: one row per asset and half hour, whose primary key is the promise.

Whatever length of slot a listing offers, half hours are what is stored, so that listings of other lengths exclude each
other too. A day of which hours are promised has its row among the days, with the number of its half hours: its primary
key keeps the hours and a loan of the whole day apart (rules: hourly goods use slots the same way).
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from server.kernel.errors import StateConflict
from server.kernel.instants import SHANGHAI, shanghai_day, to_day_number, to_microseconds
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

UNIT = timedelta(minutes=30)
_MICROSECONDS = UNIT // timedelta(microseconds=1)
_OF_CARD = "borrowing_id = ? AND asset_id = ?"


async def take_hours(uow: UnitOfWork, asset_id: str, borrowing_id: str, starts: datetime, ends: datetime) -> None:
    """Promise every half hour from `starts` until `ends` (of one day) of a card to one borrowing, or none of them.

    The caller holds the card's lock. Raises StateConflict `asset.not_available` where an hour, or the day, is promised.
    """
    units = units_between(starts, ends)
    try:
        await _count_into_day(uow, asset_id, starts, len(units))
        marks = ", ".join(["(?, ?, ?, ?)"] * len(units))
        await uow.execute(
            f"INSERT INTO asset_slot (id, asset_id, starts_at, borrowing_id) VALUES {marks}",
            *(value for unit in units for value in (f"{asset_id}{unit}", asset_id, unit, borrowing_id)),
        )
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise hours_not_available(starts, ends) from error


async def _count_into_day(uow: UnitOfWork, asset_id: str, starts: datetime, units: int) -> None:
    """One more booking of hours on a day; a day that is promised as a whole has such a row already."""
    day = shanghai_day(starts)
    row_id = f"{asset_id}{to_day_number(day)}"
    if await uow.execute("UPDATE asset_day SET slots = slots + ? WHERE id = ? AND slots > 0", units, row_id):
        return
    await uow.execute(
        "INSERT INTO asset_day (id, asset_id, day, next_day, borrowing_id, slots) VALUES (?, ?, ?, ?, '', ?)",
        row_id,
        asset_id,
        to_day_number(day),
        to_day_number(day + timedelta(days=1)),
        units,
    )


async def require_hours(uow: UnitOfWork, asset_id: str, borrowing_id: str, starts: datetime, ends: datetime) -> None:
    """Raise StateConflict `asset.not_available` unless the borrowing still holds all its half hours of the card."""
    if await _held(uow, asset_id, borrowing_id, 0) != len(units_between(starts, ends)):
        raise hours_not_available(starts, ends)


async def give_back_hours(
    uow: UnitOfWork, asset_id: str, borrowing_id: str, starts: datetime, since: datetime | None = None
) -> int:
    """Give back a card's half hours of the day of `starts`: all of them, or those that begin at `since` or later; how
    many. StateConflict `record.changed` where the day's count does not hold them."""
    first = 0 if since is None else to_microseconds(since)
    units = await _held(uow, asset_id, borrowing_id, first)
    if units == 0:
        return 0
    row_id = f"{asset_id}{to_day_number(shanghai_day(starts))}"
    counted = await uow.execute(
        "UPDATE asset_day SET slots = slots - ? WHERE id = ? AND slots >= ? AND borrowing_id = ''", units, row_id, units
    )
    given = await uow.execute(
        f"DELETE FROM asset_slot WHERE {_OF_CARD} AND starts_at >= ?", borrowing_id, asset_id, first
    )
    if (counted, given) != (1, units):
        raise StateConflict("record.changed")
    await uow.execute("DELETE FROM asset_day WHERE id = ? AND slots = 0 AND borrowing_id = ''", row_id)
    return units


async def _held(uow: UnitOfWork, asset_id: str, borrowing_id: str, first: int) -> int:
    row = await uow.fetch_one(
        f"SELECT COUNT(*) AS units FROM asset_slot WHERE {_OF_CARD} AND starts_at >= ?", borrowing_id, asset_id, first
    )
    return int(row["units"]) if row else 0


def units_between(starts: datetime, ends: datetime) -> list[int]:
    """The beginnings of the half hours, in microseconds."""
    return list(range(to_microseconds(starts), to_microseconds(ends), _MICROSECONDS))


def hours_not_available(starts: datetime, ends: datetime) -> StateConflict:
    """The refusal of hours that are promised to somebody else, or of a day that is."""
    return StateConflict(
        "asset.not_available",
        first_taken=shanghai_day(starts).isoformat(),
        reason=f"这件资产 {hours_words(starts, ends)} 已被预约",
    )


def hours_words(starts: datetime, ends: datetime) -> str:
    """Hours of a day in words: 11月28日 09:00—11:00."""
    first, last = starts.astimezone(SHANGHAI), ends.astimezone(SHANGHAI)
    return f"{first.month}月{first.day}日 {first:%H:%M}—{last:%H:%M}"
