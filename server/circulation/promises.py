"""What a borrowing holds of its cards, by the day or by the hour: one way to take it, ask for it and give it back."""

from collections.abc import Sequence
from datetime import date, datetime

from server.circulation.days import give_back_after, give_back_all, require_days, take_days
from server.circulation.hours import give_back_hours, require_hours, take_hours
from server.circulation.models import Borrowing
from server.kernel.errors import StateConflict
from server.kernel.instants import shanghai_day
from server.kernel.unit_of_work import UnitOfWork


def hours_of(borrowing: Borrowing) -> tuple[datetime, datetime] | None:
    """From when until when it is lent, where that is by the hour."""
    if borrowing.starts_at is None or borrowing.ends_at is None:
        return None
    return borrowing.starts_at, borrowing.ends_at


def has_ended(borrowing: Borrowing, instant: datetime) -> bool:
    """Whether its last day, or its last hour, has passed."""
    hours = hours_of(borrowing)
    return borrowing.to_day < shanghai_day(instant) if hours is None else hours[1] <= instant


async def take_promise(uow: UnitOfWork, borrowing: Borrowing, asset_ids: Sequence[str]) -> None:
    """Promise the cards, which the caller has locked, to the borrowing. StateConflict `asset.not_available`."""
    hours = hours_of(borrowing)
    if hours is None:
        await take_days(uow, asset_ids, borrowing.id, borrowing.from_day, borrowing.to_day)
        return
    for asset_id in asset_ids:
        await take_hours(uow, asset_id, borrowing.id, *hours)


async def require_promise(uow: UnitOfWork, borrowing: Borrowing, asset_ids: Sequence[str]) -> None:
    """Raise StateConflict `asset.not_available` unless the borrowing holds all that was promised of all its cards."""
    hours = hours_of(borrowing)
    if hours is None:
        await require_days(uow, asset_ids, borrowing.id, borrowing.from_day, borrowing.to_day)
        return
    for asset_id in asset_ids:
        await require_hours(uow, asset_id, borrowing.id, *hours)


async def require_card(uow: UnitOfWork, borrowing: Borrowing, asset_id: str, day: date) -> None:
    """The same of one card, from `day` on."""
    hours = hours_of(borrowing)
    if hours is None:
        await require_days(uow, [asset_id], borrowing.id, day, borrowing.to_day)
    else:
        await require_hours(uow, asset_id, borrowing.id, *hours)


async def give_back_promise(uow: UnitOfWork, borrowing: Borrowing, asset_ids: Sequence[str]) -> None:
    """Give back all that a borrowing holds of which nothing was issued; StateConflict `record.changed` where it holds
    another amount."""
    hours = hours_of(borrowing)
    if hours is None:
        await give_back_all(uow, borrowing.id, borrowing.from_day, borrowing.to_day, len(asset_ids))
        return
    for asset_id in asset_ids:
        if not await give_back_hours(uow, asset_id, borrowing.id, hours[0]):
            raise StateConflict("record.changed")


async def give_back_rest(uow: UnitOfWork, borrowing: Borrowing, asset_id: str, instant: datetime) -> None:
    """A card came home: the days after, and the hours that have not begun, are free again."""
    hours = hours_of(borrowing)
    if hours is not None:
        await give_back_hours(uow, asset_id, borrowing.id, hours[0], instant)
    await give_back_after(uow, borrowing.id, asset_id, shanghai_day(instant))
