"""When a thing is lent by the hour, in words."""

from server.circulation.types import ListingDetail


def opening_words(it: ListingDetail) -> str:
    """08:30—17:30，每段 60 分钟; nothing for what is lent by the day alone."""
    if it.slot_minutes is None or it.opens_minute is None or it.closes_minute is None:
        return ""
    return f"{clock_of(it.opens_minute)}—{clock_of(it.closes_minute)}，每段 {it.slot_minutes} 分钟"


def clock_of(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
