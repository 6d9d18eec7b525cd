"""When a thing is free: the month that the calendar shows, and the next free days after a refusal."""

from calendar import Calendar, monthrange
from datetime import date, timedelta
from typing import NamedTuple

from server.circulation.queries import availability
from server.circulation.types import DayView
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.reading import present_day
from server.web.parts import Day, DayState, Month

_LOOKED_AHEAD = 3
_MOST_RUNS = 3
_STATES: dict[str, tuple[DayState, str]] = {
    "free": ("free", "可借"),
    "held": ("held", "已占"),
    "past": ("past", "已过"),
    "beyond": ("past", "未开放"),
}


class FreeRun(NamedTuple):
    """Days in a row on which a thing is free, both included."""

    first: date
    last: date


def month_of(text: str | None) -> date:
    """The first day of `2026-12`; of the present month where none is asked for, or one that has gone by since the
    address was made, or lies years ahead."""
    this = present_day().replace(day=1)
    wanted = date.fromisoformat(f"{text}-01") if text else this
    return wanted if this <= wanted <= this + timedelta(days=800) else this


async def calendar_month(actor: Actor, asset_id: str, first: date, page: str, apply: str) -> Month:
    """The calendar of one month. `page`: the address of the thing's page; `apply`: where a free day leads, or empty."""
    views = {view.day: view for view in await _month(actor, asset_id, first)}
    today = present_day()
    weeks = Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    squares = tuple(tuple(_square(value, views, today, apply) for value in week) for week in weeks)
    earlier, later = first - timedelta(days=1), _next_month(first)
    return Month(
        title=f"{first.year}年{first.month}月",
        weeks=squares,
        previous_href=f"{page}?month={earlier:%Y-%m}#calendar" if first > today else "",
        next_href=f"{page}?month={later:%Y-%m}#calendar" if _reaches_on(views) else "",
    )


async def next_free_runs(actor: Actor, asset_id: str, days: int) -> list[FreeRun]:
    """The next stretches of `days` days that can still be had, the earliest first: at most three in three months."""
    runs: list[FreeRun] = []
    start: date | None = None
    for view in await _ahead(actor, asset_id):
        if view.state != "free":
            start = None
            continue
        start = start or view.day
        if (view.day - start).days + 1 == days:
            runs.append(FreeRun(start, view.day))
            start = None
        if len(runs) == _MOST_RUNS:
            break
    return runs


async def _ahead(actor: Actor, asset_id: str) -> list[DayView]:
    views: list[DayView] = []
    first = present_day().replace(day=1)
    for _ in range(_LOOKED_AHEAD):
        views += await _month(actor, asset_id, first)
        first = _next_month(first)
    return views


async def _month(actor: Actor, asset_id: str, first: date) -> list[DayView]:
    try:
        return await availability(actor, asset_id, first)
    except NotFound:
        # Taken off the board while the page was being drawn: a calendar without days, not a broken page.
        return []


def _square(value: date, views: dict[date, DayView], today: date, apply: str) -> Day:
    view = views.get(value)
    if view is None:
        return Day(value, "outside")
    state, label = _STATES[view.state]
    href = f"{apply}?from={value.isoformat()}" if apply and state == "free" else ""
    return Day(value, state, label, value == today, href)


def _reaches_on(views: dict[date, DayView]) -> bool:
    return bool(views) and views[max(views)].state != "beyond"


def _next_month(first: date) -> date:
    return first + timedelta(days=monthrange(first.year, first.month)[1])
