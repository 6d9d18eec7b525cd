"""Days held by the database itself: one row per asset and day, whose primary key is the promise.

Submitting takes the rows, refusal, withdrawal and expiry give them back (rules: Availability is by day).
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Sequence
from datetime import date, timedelta

from tortoise.exceptions import IntegrityError

from server.kernel.errors import StateConflict
from server.kernel.instants import days_between, from_day_number, to_day_number
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_ONE_DAY = timedelta(days=1)
# Rows in one statement: well below the number of placeholders that either storage takes.
_BATCH = 2000


async def take_days(uow: UnitOfWork, asset_ids: Sequence[str], borrowing_id: str, first: date, last: date) -> None:
    """Promise every day from `first` to `last` of every card to one borrowing, or none of them.

    The caller holds the cards' locks. Raises StateConflict `asset.not_available` with `first_taken` (ISO day) when a
    day is promised already.
    """
    days = [(to_day_number(day), to_day_number(day + _ONE_DAY)) for day in days_between(first, last)]
    rows = [(f"{card}{day}", card, day, following, borrowing_id) for card in asset_ids for day, following in days]
    try:
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(batch))
            await uow.execute(
                f"INSERT INTO asset_day (id, asset_id, day, next_day, borrowing_id) VALUES {marks}",
                *(value for row in batch for value in row),
            )
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise not_available(await _first_taken(uow, asset_ids, first, last)) from error


def not_available(first_taken: date) -> StateConflict:
    """The refusal of one thing that is promised to somebody else from `first_taken` on."""
    day = first_taken.isoformat()
    return StateConflict("asset.not_available", first_taken=day, reason=f"这件资产从 {day} 起已被预约")


def renewal_not_available(first_taken: date, stuck: int, pieces: int) -> StateConflict:
    """The refusal of further days: of so many pieces, how many are promised to somebody else, and from which day on."""
    if pieces == 1:
        return not_available(first_taken)
    day = first_taken.isoformat()
    return StateConflict(
        "asset.not_available", first_taken=day, reason=f"{pieces} 件中有 {stuck} 件从 {day} 起已被预约"
    )


async def _first_taken(uow: UnitOfWork, asset_ids: Sequence[str], first: date, last: date) -> date:
    marks = ", ".join("?" * len(asset_ids))
    row = await uow.fetch_one(
        f"SELECT MIN(day) AS first_day FROM asset_day WHERE asset_id IN ({marks}) AND day BETWEEN ? AND ?",
        *asset_ids,
        to_day_number(first),
        to_day_number(last),
    )
    assert row is not None
    return from_day_number(row["first_day"])


async def require_days(uow: UnitOfWork, asset_ids: Sequence[str], borrowing_id: str, first: date, last: date) -> None:
    """Raise StateConflict `asset.not_available` unless the borrowing still holds every day from `first` to `last` of
    each of these cards. What came back earlier keeps the days of its use, and does not count."""
    row = await uow.fetch_one(
        "SELECT COUNT(*) AS held FROM asset_day WHERE borrowing_id = ? AND day BETWEEN ? AND ?"
        f" AND asset_id IN ({', '.join('?' * len(asset_ids))})",
        borrowing_id,
        to_day_number(first),
        to_day_number(last),
        *asset_ids,
    )
    if row is None or row["held"] != len(asset_ids) * len(days_between(first, last)):
        raise not_available(first)


async def give_back_all(uow: UnitOfWork, borrowing_id: str, first: date, last: date, pieces: int) -> None:
    """Give back every day of a borrowing that was never issued.

    A borrowing in a holding state has exactly its days; another number means somebody else gave them back first, so
    StateConflict `record.changed` is raised and nothing stays.
    """
    given = await uow.execute("DELETE FROM asset_day WHERE borrowing_id = ?", borrowing_id)
    if given != pieces * len(days_between(first, last)):
        raise StateConflict("record.changed")


async def give_back_card(uow: UnitOfWork, borrowing_id: str, asset_id: str) -> None:
    """Give back every day of one card that was never issued; StateConflict `record.changed` where it holds none."""
    given = await uow.execute("DELETE FROM asset_day WHERE borrowing_id = ? AND asset_id = ?", borrowing_id, asset_id)
    if given == 0:
        raise StateConflict("record.changed")


async def give_back_days(uow: UnitOfWork, borrowing_id: str, asset_id: str, first: date, last: date) -> None:
    """Give back every day from `first` to `last` of one card; StateConflict `record.changed` where not all are held, or
    others are."""
    given = await uow.execute("DELETE FROM asset_day WHERE borrowing_id = ? AND asset_id = ?", borrowing_id, asset_id)
    if given != len(days_between(first, last)):
        raise StateConflict("record.changed")


async def give_back_later(uow: UnitOfWork, borrowing_id: str, day: date) -> int:
    """Give back every day after `day` that a borrowing holds: a renewal came to nothing."""
    return await uow.execute(
        "DELETE FROM asset_day WHERE borrowing_id = ? AND day > ?", borrowing_id, to_day_number(day)
    )


async def give_back_after(uow: UnitOfWork, borrowing_id: str, asset_id: str, day: date) -> int:
    """Give back a card's days after `day`: it came home early. The days of use stay as a record."""
    return await uow.execute(
        "DELETE FROM asset_day WHERE borrowing_id = ? AND asset_id = ? AND day > ?",
        borrowing_id,
        asset_id,
        to_day_number(day),
    )


async def hold_while_out(uow: UnitOfWork, asset_id: str, borrowing_id: str, day: date) -> bool:
    """Show `day` as taken because the thing is still out, unless somebody was promised it; the caller holds the card.

    Keeps an overdue loan from looking free on the board; returns whether the day is now this borrowing's.
    """
    number = to_day_number(day)
    taken = await uow.fetch_one("SELECT id FROM asset_day WHERE asset_id = ? AND day = ?", asset_id, number)
    if taken is not None:
        return False
    await take_days(uow, [asset_id], borrowing_id, day, day)
    return True
