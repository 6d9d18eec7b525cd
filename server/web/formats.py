"""How figures and moments are written for people: money with 元 and thousands, times as 今天 14:05 or 11月3日."""

from datetime import UTC, date, datetime

from server.kernel.instants import SHANGHAI
from server.kernel.money import format_yuan

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
NEAR_DAYS = {-1: "昨天", 0: "今天", 1: "明天"}


def yuan(fen: int) -> str:
    """`123450` fen → `1,234.50 元`. Money is integer fen everywhere; anything else raises TypeError."""
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise TypeError(f"money is integer fen, not {type(fen).__name__}")
    return f"{format_yuan(fen)} 元"


def civil(moment: datetime) -> datetime:
    """The moment on Shanghai's clock. A naive datetime raises ValueError: its zone would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(SHANGHAI)


def when(moment: datetime, now: datetime | None = None) -> str:
    """`今天 14:05`, `昨天 09:30`, `11月3日`, `2025年11月3日`; `now` defaults to the server's clock."""
    local = civil(moment)
    today = civil(now or datetime.now(UTC)).date()
    near = NEAR_DAYS.get((local.date() - today).days)
    return f"{near} {local:%H:%M}" if near else day(local.date(), today)


def exact(moment: datetime) -> str:
    """`2025年11月3日 14:05`: for records, slips and the title of a short time."""
    local = civil(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def day(value: date, today: date | None = None) -> str:
    """`11月3日` in this year, `2025年11月3日` otherwise. A datetime is first moved to Shanghai."""
    value = civil(value).date() if isinstance(value, datetime) else value
    today = today or datetime.now(SHANGHAI).date()
    short = f"{value.month}月{value.day}日"
    return short if value.year == today.year else f"{value.year}年{short}"


def weekday(value: date) -> str:
    """`周三`."""
    return WEEKDAYS[value.weekday()]
