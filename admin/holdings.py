"""单位配置情况: what a unit holds beside what the standards allow, the cards behind each line, and the headcount."""

from datetime import date
from typing import Literal

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from admin.units import facts_of
from server.assets.queries import HeldCard, HoldingLine, HoldingsView, list_held_cards, unit_holdings
from server.identity.commands import RecordHeadcount, record_headcount
from server.identity.queries import headcount_history, unit_by_id
from server.identity.roles import Role
from server.identity.scope import require_role
from server.identity.types import Headcount, UnitView
from server.kernel.actor import Actor
from server.kernel.errors import Unauthenticated
from server.kernel.money import format_yuan
from server.kernel.reading import present_day
from server.web.downloads import list_links
from server.web.formats import day, yuan
from server.web.parts import Badge, Cell, Column, Fact, Link, Row, Stat
from server.web.sessions import actor_of

COLUMNS = (
    Column("资产项目"),
    Column("现有", is_number=True),
    Column("标准", is_number=True),
    Column("超出", is_number=True),
    Column("价格上限（元）", is_number=True),
    Column("超价", is_number=True),
    Column("已满年限", is_number=True),
    Column("数量标准"),
)
CARD_COLUMNS = (
    Column("资产"),
    Column("编号", is_nowrap=True),
    Column("原值", is_number=True),
    Column("取得日期", is_nowrap=True),
    Column("最低使用至", is_nowrap=True),
    Column("提醒"),
)
RECORDERS = (Role.ASSET_MANAGER, Role.SYSTEM_ADMIN)


class HoldingsQuery(msgspec.Struct, frozen=True):
    """Which line's cards are shown."""

    category: str | None = None
    cursor: str | None = None


class HeadcountForm(msgspec.Struct, frozen=True):
    """A headcount as it is typed."""

    authorised: int
    staffed: int
    as_of: date
    basis: str
    is_confidential: Literal["", "1"] = ""


@door.get("/holdings", summary="本单位配置情况")
async def show_own_holdings(request: Request) -> HTTPResponse:
    """The acting unit's."""
    unit_id = actor_of(request).unit_id
    if unit_id is None:
        raise Unauthenticated("session.required")
    return await _draw(request, unit_id)


@door.get("/holdings/<unit_id>", summary="单位配置情况")
async def show_holdings(request: Request, unit_id: str) -> HTTPResponse:
    """One unit's within sight; with `category` the cards behind one line too."""
    return await _draw(request, unit_id)


async def _draw(request: Request, unit_id: str) -> HTTPResponse:
    actor, query = actor_of(request), query_of(request, HoldingsQuery)
    view = await unit_holdings(actor, unit_id)
    line = next((line for line in view.lines if line.category_code == query.category), None)
    cards = None
    if query.category:
        cards = await list_held_cards(actor, unit_id, query.category, query.cursor, size=50)
    return await door.draw(
        request,
        "admin/holdings.html",
        view=view,
        stats=_stats(view),
        columns=COLUMNS,
        rows=tuple(_row(unit_id, each) for each in view.lines),
        exports=list_links(f"/admin/holdings/{unit_id}"),
        card_exports=list_links(f"/admin/holdings/{unit_id}/cards", query) if query.category else (),
        line=line,
        card_columns=CARD_COLUMNS,
        card_rows=tuple(_card_row(card) for card in cards.items) if cards else None,
        can_record=actor.has_role(*RECORDERS),
        first_href=first_href(request),
        next_href=next_href(request, cards.next_cursor) if cards else "",
    )


@door.get("/units/<unit_id>/headcount", summary="登记编制")
async def draw_headcount(request: Request, unit_id: str) -> HTTPResponse:
    """The form, with what was recorded before beside it."""
    return await draw_form(request, await _headcount_sheet(actor_of(request), unit_id))


@door.post("/units/<unit_id>/headcount", summary="登记编制")
async def add_headcount(request: Request, unit_id: str) -> HTTPResponse:
    """Record what holds from a day on."""

    async def act(actor: Actor, form: HeadcountForm) -> Done:
        wanted = RecordHeadcount(
            unit_id=unit_id,
            authorised=form.authorised,
            staffed=form.staffed,
            as_of=form.as_of,
            basis=form.basis,
            is_confidential=form.is_confidential == "1",
        )
        recorded = await record_headcount(actor, wanted)
        text = f"已登记：编制 {recorded.authorised} 人，编制内实有 {recorded.staffed} 人。"
        if actor.has_role(Role.ASSET_MANAGER):
            return Done(f"/admin/holdings/{unit_id}", text)
        return Done(f"/admin/units/{unit_id}/headcount", text)

    return await answer_form(request, await _headcount_sheet(actor_of(request), unit_id), HeadcountForm, act)


def _stats(view: HoldingsView) -> tuple[Stat, ...]:
    held = view.headcount
    over = sum(line.over for line in view.lines)
    return (
        Stat("编制数", str(held.authorised) if held else "未登记", "人" if held else "", icon="users"),
        Stat("编制内实有", str(held.staffed) if held else "未登记", "人" if held else "", icon="user-check"),
        Stat("超出数量标准", str(over), "件", icon="layers"),
        Stat("超过价格上限", str(sum(line.over_ceiling for line in view.lines)), "件", icon="table-2"),
    )


def _row(unit_id: str, line: HoldingLine) -> Row:
    return Row(
        (
            Cell(line.name, f"/admin/holdings/{unit_id}?category={line.category_code}#cards"),
            Cell(str(line.held)),
            Cell("—" if line.allowed is None else str(line.allowed)),
            Cell(badge=Badge(f"超 {line.over}", "warn"))
            if line.over
            else Cell("0" if line.allowed is not None else "—"),
            Cell(ceiling_words(line)),
            Cell(badge=Badge(f"{line.over_ceiling} 件", "warn")) if line.over_ceiling else Cell("0"),
            Cell(str(line.past_service)),
            Cell(line.quantity_rule or "—"),
        )
    )


def ceiling_words(line: HoldingLine) -> str:
    """The ceiling, or from the lowest grade's to the highest."""
    if line.floor_fen == line.ceiling_fen:
        return format_yuan(line.ceiling_fen)
    return f"{format_yuan(line.floor_fen)}—{format_yuan(line.ceiling_fen)}"


def _card_row(card: HeldCard) -> Row:
    until = card.standing.serves_until if card.standing else None
    return Row(
        (
            Cell(card.name, f"/admin/assets/{card.id}"),
            Cell(card.code),
            Cell(yuan(card.value_fen)),
            Cell(day(card.acquired_on)),
            Cell(day(until) if until else "—"),
            _note(card),
        )
    )


def _note(card: HeldCard) -> Cell:
    if card.standing is None:
        return Cell("")
    if card.standing.is_over_ceiling:
        return Cell(badge=Badge("超过价格上限", "warn"))
    return Cell("") if card.standing.is_too_early_to_scrap else Cell(badge=Badge("已满使用年限", "info"))


async def _headcount_sheet(actor: Actor, unit_id: str) -> FormPage:
    require_role(actor, *RECORDERS)
    unit = await unit_by_id(actor, unit_id)
    history = await headcount_history(actor, unit_id)
    latest = history[0] if history else None
    return FormPage(
        title=f"登记编制：{unit.name}",
        lead="按人数计算的配置标准用编制内实有人数来算；以前登记的保留。",
        action=f"/admin/units/{unit_id}/headcount",
        fields=(
            Field(
                name="authorised",
                label="编制数",
                value=str(latest.authorised) if latest else "",
                suffix="人",
                short=True,
                inputmode="numeric",
            ),
            Field(
                name="staffed",
                label="编制内实有人数",
                value=str(latest.staffed) if latest else "",
                suffix="人",
                short=True,
                inputmode="numeric",
            ),
            Field(
                name="is_confidential",
                label="涉密单位（部分标准不同）",
                kind="checkbox",
                value="1" if latest and latest.is_confidential else "",
                required=False,
            ),
            Field(name="as_of", label="自哪一天起", kind="date", value=present_day().isoformat()),
            Field(name="basis", label="依据", help="如机构编制批复文号、编制实名制月报。", maxlength=128),
        ),
        submit="登记",
        back=Link("返回", _way_back(actor, unit).href),
        facts=(*facts_of(unit), *_history_facts(history)),
        crumbs=(_way_back(actor, unit), Link("登记编制")),
    )


def _way_back(actor: Actor, unit: UnitView) -> Link:
    if actor.has_role(Role.ASSET_MANAGER):
        return Link("单位配置情况", f"/admin/holdings/{unit.id}")
    return Link(unit.name, f"/admin/units/{unit.id}")


def _history_facts(history: list[Headcount]) -> tuple[Fact, ...]:
    return tuple(
        Fact(f"自 {day(each.as_of)}", f"编制 {each.authorised} 人，实有 {each.staffed} 人（{each.recorded_by_name}）")
        for each in history[:6]
    )
