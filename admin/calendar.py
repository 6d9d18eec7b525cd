"""工作日历: which days people work, and loading a year's arrangement."""

from calendar import monthrange
from datetime import date
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import query_of
from server.identity.queries import region_name
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, Forbidden, InvalidInput
from server.kernel.reading import present_day
from server.policies.calendar_commands import load_calendar
from server.policies.calendar_queries import list_calendar
from server.policies.queries import may_change_policy
from server.policies.types import CalendarEntry, LoadCalendar
from server.web.downloads import list_links
from server.web.parts import Link
from server.web.sessions import actor_of

MARKS = {"休": False, "班": True, "0": False, "1": True}


class CalendarQuery(msgspec.Struct, frozen=True):
    """Which month; the present one without."""

    year: int | None = None
    month: int | None = None


class CalendarYear(msgspec.Struct, frozen=True):
    """Which year is taken along; the present one without."""

    year: Annotated[int, msgspec.Meta(ge=2000, le=2100)] | None = None


class CalendarForm(msgspec.Struct, frozen=True):
    """A notice's arrangement as it is typed: one day a line."""

    source: str
    days: str


@door.get("/calendar", summary="工作日历")
async def show_calendar(request: Request) -> HTTPResponse:
    """One month, every day said in words."""
    actor, today = actor_of(request), present_day()
    query = query_of(request, CalendarQuery)
    first = _month(query.year or today.year, query.month or today.month)
    days = await list_calendar(actor, first, first.replace(day=monthrange(first.year, first.month)[1]))
    return await door.draw(
        request,
        "admin/calendar.html",
        title=f"{first.year}年{first.month}月",
        lead=[None] * first.weekday(),
        days=days,
        today=today,
        named=[day for day in days if day.name],
        working=sum(day.is_working for day in days),
        previous_href=_href(first.year, first.month - 1),
        next_href=_href(first.year, first.month + 1),
        exports=list_links("/admin/calendar", CalendarYear(year=first.year)),
        can_load=await may_change_policy(actor, "calendar"),
    )


@door.get("/calendar/load", summary="装入节假日安排")
async def draw_calendar_load(request: Request) -> HTTPResponse:
    """The form for a notice's days."""
    return await draw_form(request, await _load_sheet(actor_of(request)))


@door.post("/calendar/load", summary="装入节假日安排")
async def take_calendar(request: Request) -> HTTPResponse:
    """Load the days for the actor's region."""

    async def act(actor: Actor, form: CalendarForm) -> Done:
        wanted = LoadCalendar(region_code=own_region(actor), source=form.source, days=parse_days(form.days))
        loaded = await load_calendar(actor, wanted)
        text = f"已装入：新增 {loaded.added} 天，改动 {loaded.changed} 天，未变 {loaded.unchanged} 天。"
        return Done("/admin/calendar", text)

    return await answer_form(request, await _load_sheet(actor_of(request)), CalendarForm, act)


def parse_days(text: str) -> tuple[CalendarEntry, ...]:
    """Lines such as `2026-10-01 休 国庆节` (blanks or commas between). InvalidInput names the first bad line."""
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.replace(",", " ").replace("，", " ").split(maxsplit=2)
        if not parts:
            continue
        try:
            day, mark, name = parts
            entries.append(CalendarEntry(day=date.fromisoformat(day), is_working=MARKS[mark], name=name))
        except (ValueError, KeyError) as error:
            raise InvalidInput(fields=[FieldError("days", "desk.calendar_line", line=number)]) from error
    return tuple(entries)


def own_region(actor: Actor) -> str:
    """The code of the region that the acting unit belongs to."""
    return actor.region_path.rstrip("/").rpartition("/")[2]


def _month(year: int, month: int) -> date:
    if not (2000 <= year <= 2100 and 1 <= month <= 12):
        raise InvalidInput("input.invalid")
    return date(year, month, 1)


def _href(year: int, month: int) -> str:
    year, month = (year - 1, 12) if month == 0 else (year + 1, 1) if month == 13 else (year, month)
    return f"/admin/calendar?year={year}&month={month}"


async def _load_sheet(actor: Actor) -> FormPage:
    if not await may_change_policy(actor, "calendar"):
        raise Forbidden("role.required")
    code = own_region(actor)
    region = await region_name(code) if code else "全部地区"
    return FormPage(
        title="装入节假日安排",
        lead=f"对{region}的所有单位生效；同一天再装入一次即覆盖。",
        action="/admin/calendar/load",
        fields=(
            Field(name="source", label="依据", help="通知的名称和日期。", maxlength=128),
            Field(
                name="days",
                label="日期",
                kind="textarea",
                rows=10,
                help="一行一天：日期、休或班、名称，如 2026-10-01 休 国庆节。周末照常休息的不用写。",
            ),
        ),
        submit="装入",
        back=Link("返回", "/admin/calendar"),
        crumbs=(Link("工作日历", "/admin/calendar"), Link("装入")),
        draft="calendar",
    )
