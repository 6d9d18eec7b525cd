"""The hours of a day in which a thing can be had, as the viewer's unit may see them."""

from datetime import date, datetime, timedelta
from typing import Literal

from server.circulation.queries.board import visible_listing
from server.circulation.types import HoursView, SlotView
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds, start_of_day, to_day_number, to_microseconds
from server.kernel.reading import present, reading


async def hours_of_day(actor: Actor, asset_id: str, day: date) -> HoursView:
    """Every slot of a day, for a card within the actor's reach that is lent by the hour.

    Raises NotFound `listing.not_found`, also for a card that is lent by the day alone.
    """
    clause, values = visible_listing(actor, "l")
    opening = start_of_day(day)
    async with reading() as db:
        row = await db.fetch_one(
            "SELECT l.slot_minutes, l.opens_minute, l.closes_minute FROM asset_listing l"  # noqa: S608 - ours
            f" WHERE l.asset_id = ? AND l.is_open = 1 AND l.slot_minutes IS NOT NULL AND {clause}",
            asset_id,
            *values,
        )
        if row is None:
            raise NotFound("listing.not_found")
        whole = await db.fetch_one(
            "SELECT id FROM asset_day WHERE asset_id = ? AND day = ? AND slots = 0", asset_id, to_day_number(day)
        )
        held = await db.fetch_all(
            "SELECT starts_at FROM asset_slot WHERE asset_id = ? AND starts_at >= ? AND starts_at < ?",
            asset_id,
            to_microseconds(opening),
            to_microseconds(opening + timedelta(days=1)),
        )
    taken, slot = [from_microseconds(each["starts_at"]) for each in held], timedelta(minutes=row["slot_minutes"])
    starts, closes = opening + timedelta(minutes=row["opens_minute"]), opening + timedelta(minutes=row["closes_minute"])
    slots, now = [], present()
    while starts + slot <= closes:
        is_held = whole is not None or any(starts <= each < starts + slot for each in taken)
        slots.append(SlotView(starts_at=starts, ends_at=starts + slot, state=_state(starts, now, is_held=is_held)))
        starts += slot
    return HoursView(day=day, slot_minutes=row["slot_minutes"], is_lent_by_day=whole is not None, slots=slots)


def _state(starts: datetime, now: datetime, *, is_held: bool) -> Literal["free", "held", "past"]:
    if starts < now:
        return "past"
    return "held" if is_held else "free"
