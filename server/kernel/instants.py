"""Instants are UTC with microseconds; days are Asia/Shanghai calendar days. Nothing here is naive."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC; refuses a naive time, which has no meaning here."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The aware UTC instant of a stored number of microseconds."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_day_number(day: date) -> int:
    """A day as it is stored: 20261121."""
    return day.year * 10_000 + day.month * 100 + day.day


def from_day_number(number: int) -> date:
    """The day of a stored number such as 20261121."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def shanghai_day(instant: datetime) -> date:
    """The calendar day in Asia/Shanghai on which an instant falls."""
    return instant.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """The first instant (UTC) of a calendar day in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
