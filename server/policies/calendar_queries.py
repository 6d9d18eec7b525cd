"""The calendar for people to look at."""

from datetime import date

import msgspec

from server.kernel.actor import Actor
from server.kernel.errors import Unauthenticated
from server.kernel.instants import days_between, from_day_number, to_day_number
from server.kernel.reading import reading
from server.policies.calendar import chain_of

_SATURDAY = 5


class CalendarDayView(msgspec.Struct, frozen=True, kw_only=True):
    """One day. `name` and `source` are empty where the weekday alone decides."""

    day: date
    is_working: bool
    name: str = ""
    source: str = ""


async def list_calendar(actor: Actor, first: date, last: date) -> list[CalendarDayView]:
    """Every day from `first` to `last`, as it is in the actor's region. Unauthenticated `session.required`."""
    if actor.unit_id is None:
        raise Unauthenticated("session.required")
    chain = chain_of(actor.region_path)
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT region_code, day, is_working, name, source FROM calendar_day"  # noqa: S608 - only placeholders
            f" WHERE region_code IN ({', '.join('?' * len(chain))}) AND day BETWEEN ? AND ?",
            *chain,
            to_day_number(first),
            to_day_number(last),
        )
    # The farthest region first, so that the nearest one has the last word.
    rows.sort(key=lambda row: -chain.index(row["region_code"]))
    known = {from_day_number(row["day"]): row for row in rows}
    return [_view(day, known.get(day)) for day in days_between(first, last)]


def _view(day: date, row: dict[str, object] | None) -> CalendarDayView:
    if row is None:
        return CalendarDayView(day=day, is_working=day.weekday() < _SATURDAY)
    return CalendarDayView(
        day=day, is_working=bool(row["is_working"]), name=str(row["name"]), source=str(row["source"])
    )
