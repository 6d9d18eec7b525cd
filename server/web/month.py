"""Lays the days of a month out as weeks, with each day's availability, for the calendar component."""

from calendar import Calendar
from collections.abc import Callable, Container
from datetime import date

from server.web.parts import Day, DayState, Month

LABELS: dict[DayState, str] = {"free": "可借", "held": "已占", "mine": "我的", "past": "已过", "outside": ""}


def month_of(
    year: int,
    month: int,
    today: date,
    held: Container[date],
    mine: Container[date] = (),
    href_for: Callable[[date], str] | None = None,
    previous_href: str = "",
    next_href: str = "",
) -> Month:
    """A month of squares. `held` and `mine` are taken days, today or later; `href_for` links the free ones."""

    def square(value: date) -> Day:
        state = _state(value, month, today, held, mine)
        href = href_for(value) if href_for and state == "free" else ""
        return Day(value, state, LABELS[state], value == today, href)

    weeks = Calendar(firstweekday=0).monthdatescalendar(year, month)
    squares = tuple(tuple(square(value) for value in week) for week in weeks)
    return Month(f"{year}年{month}月", squares, previous_href, next_href)


def _state(value: date, month: int, today: date, held: Container[date], mine: Container[date]) -> DayState:
    if value.month != month:
        return "outside"
    if value < today:
        return "past"
    if value in mine:
        return "mine"
    return "held" if value in held else "free"
