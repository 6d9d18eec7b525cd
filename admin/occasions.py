"""活动与临时机构: what is borrowed for each, and what of it still has to be recalled."""

from datetime import date

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin.choices import colleague_options
from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from server.circulation.occasions.commands import close_occasion, create_occasion, prolong_occasion
from server.circulation.occasions.papers import recall_pdf
from server.circulation.occasions.queries import LEADERS, list_occasions, occasion_view
from server.circulation.occasions.types import (
    STATE_NAMES,
    CloseOccasion,
    CreateOccasion,
    OccasionRow,
    OccasionView,
    ProlongOccasion,
    RecallItem,
)
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.reading import present_day
from server.settings import Settings
from server.web.downloads import list_links
from server.web.formats import day, yuan
from server.web.parts import Badge, Cell, Column, Event, Fact, Link, Option, Row
from server.web.sessions import actor_of

PATH = "/admin/occasions"
COLUMNS = (
    Column("名称"),
    Column("类别", is_nowrap=True),
    Column("牵头单位"),
    Column("负责人", is_nowrap=True),
    Column("截止", is_nowrap=True),
    Column("没有了结（件）", is_number=True),
)
ITEM_COLUMNS = (
    Column("资产"),
    Column("编号"),
    Column("借用单"),
    Column("出借单位与地点"),
    Column("现在何人"),
    Column("状态", is_nowrap=True),
    Column("如何了结"),
)
TITLE = "活动与临时机构"


class OccasionQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    state: str = "open"
    cursor: str | None = None


class OccasionForm(msgspec.Struct, frozen=True):
    """An event as it is typed."""

    name: str
    starts_on: date
    ends_on: date
    responsible_id: str


class ProlongingForm(msgspec.Struct, frozen=True):
    """Until when, and why."""

    ends_on: date
    reason: str


class ClosingForm(msgspec.Struct, frozen=True):
    """How it ended."""

    note: str


@door.get("/occasions", summary=TITLE)
async def show_occasions(request: Request) -> HTTPResponse:
    """Those that go on, or those that ended, each with what is still out."""
    actor, query = actor_of(request), query_of(request, OccasionQuery)
    page = await list_occasions(actor, query.state, query.cursor, size=50)
    return await door.draw(
        request,
        "admin/occasions.html",
        title=TITLE,
        tabs=tuple(Link(name, f"{PATH}?state={key}", key == query.state) for key, name in STATE_NAMES.items()),
        columns=COLUMNS,
        rows=tuple(_row(row) for row in page.items),
        can_create=actor.has_role(*LEADERS),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/occasions", query),
    )


@door.get("/occasions/new", summary="登记活动")
async def draw_new_occasion(request: Request) -> HTTPResponse:
    """The form."""
    return await draw_form(request, await _new_sheet(actor_of(request)))


@door.post("/occasions", summary="登记活动")
async def add_occasion(request: Request) -> HTTPResponse:
    """Record it: from now on applications can name it."""

    async def act(actor: Actor, form: OccasionForm) -> Done:
        view = await create_occasion(actor, CreateOccasion(**msgspec.structs.asdict(form)))
        return Done(f"{PATH}/{view.id}", f"已登记“{view.name}”，申请借用时可以选它。", "去共享大厅", "/sharing")

    return await answer_form(request, await _new_sheet(actor_of(request)), OccasionForm, act)


@door.get("/occasions/<occasion_id>", summary="收回清单")
async def show_occasion(request: Request, occasion_id: str) -> HTTPResponse:
    """One event or body: what is out for it and what resolves each thing, its history, and what can be done."""
    view = await occasion_view(actor_of(request), occasion_id)
    return await door.draw(
        request,
        "admin/occasion.html",
        view=view,
        badge=_badge(view),
        facts=occasion_facts(view),
        columns=ITEM_COLUMNS,
        rows=tuple(_item(item) for item in view.items),
        exports=list_links(f"{PATH}/{view.id}"),
        events=tuple(Event(step.name, step.at, step.actor_name, step.note) for step in reversed(view.steps)),
        crumbs=(Link(TITLE, PATH), Link(view.name)),
    )


@door.get("/occasions/<occasion_id>/recall.pdf", summary="收回清单 PDF")
async def download_recall_list(request: Request, occasion_id: str) -> HTTPResponse:
    """The paper."""
    settings: Settings = request.app.ctx.settings
    content = await recall_pdf(actor_of(request), occasion_id, settings.public_url)
    headers = {
        "Content-Disposition": f'inline; filename="recall-{occasion_id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return raw(content, content_type="application/pdf", headers=headers)


@door.get("/occasions/<occasion_id>/prolonging", summary="活动延期")
async def draw_prolonging(request: Request, occasion_id: str) -> HTTPResponse:
    """Until when."""
    return await draw_form(request, _prolonging_sheet(await occasion_view(actor_of(request), occasion_id)))


@door.post("/occasions/<occasion_id>/prolonging", summary="活动延期")
async def move_end(request: Request, occasion_id: str) -> HTTPResponse:
    """Move the last day."""

    async def act(actor: Actor, form: ProlongingForm) -> Done:
        wanted = ProlongOccasion(occasion_id=occasion_id, ends_on=form.ends_on, reason=form.reason)
        view = await prolong_occasion(actor, wanted)
        return Done(f"{PATH}/{view.id}", f"已延到 {day(view.ends_on)}。借用的归还日期没有变，需要的请逐笔续借。")

    sheet = _prolonging_sheet(await occasion_view(actor_of(request), occasion_id))
    return await answer_form(request, sheet, ProlongingForm, act)


@door.get("/occasions/<occasion_id>/closing", summary="活动办结")
async def draw_occasion_closing(request: Request, occasion_id: str) -> HTTPResponse:
    """What will be recorded."""
    return await draw_form(request, _closing_sheet(await occasion_view(actor_of(request), occasion_id)))


@door.post("/occasions/<occasion_id>/closing", summary="活动办结")
async def end_occasion(request: Request, occasion_id: str) -> HTTPResponse:
    """End it, once nothing on its list is open."""

    async def act(actor: Actor, form: ClosingForm) -> Done:
        view = await close_occasion(actor, CloseOccasion(occasion_id=occasion_id, note=form.note))
        return Done(f"{PATH}/{view.id}", f"“{view.name}”已办结。")

    sheet = _closing_sheet(await occasion_view(actor_of(request), occasion_id))
    return await answer_form(request, sheet, ClosingForm, act)


def occasion_facts(view: OccasionView) -> tuple[Fact, ...]:
    """Who leads it, until when, and how much is still out."""
    left = [item for item in view.items if not item.is_resolved]
    facts = (
        Fact("类别", view.kind_name),
        Fact("牵头单位", view.lead_unit_name),
        Fact("负责人", view.responsible_name),
        Fact("起止", f"{day(view.starts_on)} 至 {day(view.ends_on)}" if view.starts_on else ""),
        Fact("截止日期", "" if view.starts_on else day(view.ends_on)),
        Fact("收回清单", f"共 {len(view.items)} 件，{len(left)} 件没有了结"),
        Fact("没有了结的原值", yuan(sum(item.value_fen for item in left)) if left else ""),
    )
    return tuple(fact for fact in facts if fact.value)


def _badge(view: OccasionView) -> Badge:
    if view.state == "open" and view.ends_on < present_day():
        return Badge("已到期，请收回", "bad", "clock")
    return Badge(view.state_name, "info" if view.state == "open" else "ok")


def _row(row: OccasionRow) -> Row:
    return Row(
        (
            Cell(row.name, f"{PATH}/{row.id}"),
            Cell(row.kind_name),
            Cell(row.lead_unit_name),
            Cell(row.responsible_name),
            Cell(day(row.ends_on)),
            Cell(f"{row.unresolved_count:,}"),
        )
    )


def _item(item: RecallItem) -> Row:
    return Row(
        (
            Cell(item.asset_name, "" if item.borrowing_id else f"/admin/assets/{item.asset_id}"),
            Cell(item.asset_code),
            Cell(item.number, f"/borrowings/{item.borrowing_id}" if item.borrowing_id else ""),
            Cell(f"{item.holder_unit_name}，{item.place_name}"),
            Cell(item.with_name),
            Cell(badge=Badge(item.state_name, "ok" if item.is_resolved else "warn")),
            Cell(item.way),
        )
    )


async def _new_sheet(actor: Actor) -> FormPage:
    require_role(actor, *LEADERS)
    assert actor.person_id is not None
    people = (Option(actor.person_id, f"{actor.person_name}（本人）"), *await colleague_options(actor))
    return FormPage(
        title="登记活动",
        lead="为活动借的东西可以借到活动结束那天；结束时照收回清单逐件了结，全部了结才能办结。",
        action=PATH,
        fields=(
            Field(name="name", label="活动名称", maxlength=100),
            Field(name="starts_on", label="开始日期", kind="date", value=present_day().isoformat()),
            Field(name="ends_on", label="结束日期", kind="date", help="含当天。借的东西最晚在这一天归还。"),
            Field(name="responsible_id", label="负责人", kind="select", options=people, value=actor.person_id),
        ),
        submit="登记活动",
        back=Link("返回", PATH),
        crumbs=(Link(TITLE, PATH), Link("登记活动")),
        draft="occasion-new",
    )


def _prolonging_sheet(view: OccasionView) -> FormPage:
    return FormPage(
        title=f"“{view.name}”延期",
        lead="只改活动的结束日期；已借的不会自动延长，需要的逐笔续借，由出借单位同意。",
        action=f"{PATH}/{view.id}/prolonging",
        fields=(
            Field(name="ends_on", label="延到哪一天", kind="date", value=view.ends_on.isoformat(), help="含当天。"),
            Field(name="reason", label="延期原因", kind="textarea", maxlength=200),
        ),
        submit="延期",
        back=Link("返回", f"{PATH}/{view.id}"),
        facts=occasion_facts(view),
        crumbs=_crumbs(view, "延期"),
    )


def _closing_sheet(view: OccasionView) -> FormPage:
    return FormPage(
        title=f"“{view.name}”办结",
        lead="收回清单上的都已归还、移交或核销才能办结；办结后不能再为它借东西。",
        action=f"{PATH}/{view.id}/closing",
        fields=(Field(name="note", label="办结说明", kind="textarea", maxlength=200),),
        submit="办结",
        back=Link("返回", f"{PATH}/{view.id}"),
        facts=occasion_facts(view),
        crumbs=_crumbs(view, "办结"),
    )


def _crumbs(view: OccasionView, last: str) -> tuple[Link, ...]:
    return (Link(TITLE, PATH), Link(view.name, f"{PATH}/{view.id}"), Link(last))
