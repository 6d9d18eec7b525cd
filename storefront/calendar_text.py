"""Duties as a calendar that calendar programs subscribe to (RFC 5545): whole days, the same UID for the same duty."""

from datetime import UTC, timedelta

from icalendar import Calendar, Event

from server.circulation.handing_over import HALF_NAMES, WAY_NAMES
from server.circulation.queries.duties import Duty

# A duty keeps its UID for as long as it is there, whatever address the product has.
_UIDS = "gongwucang"
_REFRESH = timedelta(hours=1)
_VERBS = {"collect": "领取", "return": "归还", "hand_out": "发放", "take_back": "收回"}
_PATHS = {"collect": "borrowings", "return": "borrowings", "hand_out": "admin/loans", "take_back": "admin/loans"}


def calendar_text(duties: list[Duty], name: str, public_url: str) -> bytes:
    """The calendar called `name`. Only the duties decide about its bytes: nothing in it is of the moment it is read."""
    calendar = Calendar()
    calendar.add("prodid", "-//gongwucang//calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for duty in duties:
        calendar.add_component(_event(duty, public_url))
    return bytes(calendar.to_ical())


def _event(duty: Duty, public_url: str) -> Event:
    event = Event()
    event.add("uid", f"{duty.borrowing_id}.{duty.kind}@{_UIDS}")
    event.add("dtstamp", duty.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", duty.revision)
    moment = duty.starts_at if duty.kind in {"collect", "hand_out"} else duty.ends_at
    if moment is None or duty.is_overdue:
        event.add("dtstart", duty.first)
        event.add("dtend", duty.last + timedelta(days=1))
    else:
        # By the hour it is due at a moment, which the world's calendars read in universal time.
        event.add("dtstart", moment.astimezone(UTC))
    event.add("summary", _summary(duty))
    event.add("description", _description(duty))
    event.add("location", duty.place_name)
    event.add("url", f"{public_url}/{_PATHS[duty.kind]}/{duty.borrowing_id}")
    # It says what is to be done that day, and keeps nobody from other appointments.
    event.add("transp", "TRANSPARENT")
    return event


def _summary(duty: Duty) -> str:
    late = "已逾期 · " if duty.is_overdue else ""
    return f"{late}{_VERBS[duty.kind]}：{duty.title}"


def _description(duty: Duty) -> str:
    side = "出借方" if duty.kind in {"collect", "return"} else "借用方"
    lines = [f"借用单 {duty.number}，共 {duty.pieces} 件", f"{side}：{duty.other_side}"]
    if duty.way:
        lines.append(f"{WAY_NAMES[duty.way]}，{HALF_NAMES.get(duty.half, '')}".rstrip("，"))
    elif duty.kind in {"collect", "hand_out"} and duty.last > duty.first:
        lines.append(f"最晚 {duty.last.month}月{duty.last.day}日领取")
    return "\n".join(lines)
