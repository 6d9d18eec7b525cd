"""The built-in policies and the official calendar of 2026."""

from server.policies.calendar import CALENDAR_2026, CALENDAR_2026_SOURCE, read_calendar
from server.policies.calendar_commands import load_calendar
from server.policies.commands import seed_default_policies
from server.policies.types import LoadCalendar
from tests.factories.identity import SYSTEM


async def make_policies() -> None:
    """Version 1 of every kind, for every region."""
    await seed_default_policies(SYSTEM)


async def make_calendar() -> None:
    """The State Council's holidays of 2026, for every region."""
    days = read_calendar(CALENDAR_2026.read_text(encoding="utf-8"))
    await load_calendar(SYSTEM, LoadCalendar(region_code="", source=CALENDAR_2026_SOURCE, days=days))
