"""Borrowing a thing for some hours of one day: which are free, and the application."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from server.circulation.commands import submit_hours
from server.circulation.queries import hours_of_day, listing_view
from server.circulation.types import HoursView, ListingDetail, SlotView, SubmitHours
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.instants import SHANGHAI
from server.kernel.reading import present_day
from server.web.formats import weekday
from server.web.forms import TypedForm
from server.web.page_door import redirect_with
from server.web.pages import Flash
from server.web.parts import Link, Option
from server.web.sessions import actor_for_write, actor_of
from storefront.addresses import asked, typed_day
from storefront.form_state import FormState
from storefront.surround import door
from storefront.things import picture_of

LABELS = {"day": "哪一天", "begins": "从", "ends": "到", "purpose": "借用事由", "phone": "联系电话"}
# The names that people meet on the form, for what the domain calls otherwise.
_FIELDS = {"starts_at": "begins", "ends_at": "ends", "from_day": "day", "to_day": "day"}
_DAYS = 7
STATE_WORDS = {"free": "可借", "held": "已约", "past": "已过"}
_TIME = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
_Clock = Annotated[str, msgspec.Meta(pattern=_TIME)]


class HoursForm(msgspec.Struct, frozen=True):
    """One application by the hour, as it is typed."""

    day: date
    begins: _Clock
    ends: _Clock
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class Slot(msgspec.Struct, frozen=True):
    """One slot as it is drawn."""

    words: str
    state: str
    state_words: str
    href: str


class HoursQuery(msgspec.Struct, frozen=True, rename={"begins": "from"}):
    """Which day, and the slot that was pointed at."""

    day: date | None = None
    begins: _Clock | None = None


@door.get("/sharing/<listing_id>/hours", summary="按小时借")
async def hourly_application(request: Request, listing_id: str) -> HTTPResponse:
    it = await listing_view(actor_of(request), listing_id)
    query = asked(request, HoursQuery)
    day = await _next_day(request, it) if query.day is None else _within(query.day)
    begins = query.begins or ""
    form = FormState.blank(LABELS, day=day.isoformat(), begins=begins, ends=_one_slot_on(it, begins))
    return await _draw(request, it, day, form)


def _one_slot_on(it: ListingDetail, begins: str) -> str:
    """When the slot that begins then ends; empty for what is no time."""
    if it.slot_minutes is None or not begins:
        return ""
    day = present_day()
    return _clock(_instant(day, begins) + timedelta(minutes=it.slot_minutes), day)


async def _next_day(request: Request, it: ListingDetail) -> date:
    """The first day, of the next week, that has a slot left; today where none has."""
    today = present_day()
    for day in (today + timedelta(days=ahead) for ahead in range(_DAYS)):
        view = await hours_of_day(actor_of(request), it.asset_id, day)
        if any(slot.state == "free" for slot in view.slots):
            return day
    return today


@door.post("/sharing/<listing_id>/hours", summary="提交按小时的借用申请")
async def submit_hourly_application(request: Request, listing_id: str) -> HTTPResponse:
    form = TypedForm.of(request)
    it = await listing_view(actor_of(request), listing_id)
    try:
        actor = actor_for_write(request, form.key)
        body = form.read(HoursForm)
        starts, ends = _instant(body.day, body.begins), _instant(body.day, body.ends)
        borrowing = await submit_hours(actor, SubmitHours(it.asset_id, starts, ends, body.purpose, body.phone))
    except DomainError as error:
        if isinstance(error, InvalidInput):
            for problem in error.fields:
                problem.field = _FIELDS.get(problem.field, problem.field)
        day = _within(typed_day(str(form.typed.get("day", ""))) or present_day())
        return await _draw(request, it, day, FormState.refused(error, form, LABELS))
    text = f"申请已提交，单号 {borrowing.number}。审批有结果会在消息里告诉您。"
    return redirect_with(request, f"/borrowings/{borrowing.id}", Flash("ok", text))


async def _draw(request: Request, it: ListingDetail, day: date, form: FormState) -> HTTPResponse:
    view = await hours_of_day(actor_of(request), it.asset_id, day)
    free = [slot for slot in view.slots if slot.state == "free"]
    return await door.draw(
        request,
        "storefront/hours.html",
        form.status,
        it=it,
        f=form,
        view=view,
        slots=[_slot(it, view, slot) for slot in view.slots],
        days=[
            Link(_day_words(each), f"/sharing/{it.id}/hours?day={each.isoformat()}", is_current=each == day)
            for each in (present_day() + timedelta(days=ahead) for ahead in range(_DAYS))
        ],
        begins=[Option(_clock(slot.starts_at, day), _clock(slot.starts_at, day)) for slot in free],
        ends=[Option(_clock(slot.ends_at, day), _clock(slot.ends_at, day)) for slot in free],
        picture=picture_of(it.picture_id, it.category_code, is_small=True),
        today=present_day(),
        who=f"{it.holder_unit_name} 的资产管理员可以帮您协调时间。",
        crumbs=[Link("共享大厅", "/sharing"), Link(it.name, f"/sharing/{it.id}"), Link("按小时借")],
    )


def _day_words(day: date) -> str:
    return f"{day.month}月{day.day}日 {weekday(day)}"


def _slot(it: ListingDetail, view: HoursView, slot: SlotView) -> Slot:
    begins = _clock(slot.starts_at, view.day)
    href = f"/sharing/{it.id}/hours?day={view.day.isoformat()}&from={begins}#apply" if slot.state == "free" else ""
    words = f"{begins}—{_clock(slot.ends_at, view.day)}"
    return Slot(words, slot.state, STATE_WORDS[slot.state], href if it.can_borrow else "")


def _within(day: date) -> date:
    """The day; today where it has gone by since the address was made, or lies years ahead."""
    today = present_day()
    return day if today <= day <= today + timedelta(days=1100) else today


def _instant(day: date, clock: str) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    return datetime.combine(day, time(), SHANGHAI) + timedelta(hours=hours, minutes=minutes)


def _clock(moment: datetime, day: date) -> str:
    """`09:30`; the end of the day is 24:00."""
    here = moment.astimezone(SHANGHAI)
    return "24:00" if here.date() > day else f"{here:%H:%M}"
