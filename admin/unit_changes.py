"""单位变更: merging, splitting and moving units, proposed here, confirmed by the security administrator."""

from datetime import date
from typing import Any, Literal

import msgspec
from sanic import HTTPResponse, Request

from admin.choices import gather, person_options, unit_options
from admin.door import door
from admin.form_page import Done, Drawn, Field, FormPage, Nothing, answer, answer_form, draw_form, fresh
from admin.lists import first_href, next_href, query_of
from admin.unit_forms import document_fields, unit_crumbs
from admin.units import facts_of
from server.identity.commands import (
    DropChange,
    ProposeChange,
    confirm_unit_change,
    propose_unit_change,
    refuse_unit_change,
    withdraw_unit_change,
)
from server.identity.queries import list_unit_changes, preview_unit_change, unit_by_id, unit_change_by_id
from server.identity.roles import Role
from server.identity.types import UnitChangeView
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound
from server.kernel.paging import PAGE_LIMIT
from server.places.queries import list_places
from server.places.types import PlaceFilter
from server.web.downloads import list_links
from server.web.formats import day, exact
from server.web.parts import Badge, Cell, Column, Fact, Link, Option, Row, Tone
from server.web.sessions import actor_of

TITLES = {"merge": "并入其他单位", "split": "分出人员和场所", "move": "划转到另一上级"}
LEADS = {
    "merge": "全部人员、资产、借用、场所和在办事项转入所选单位，本单位随后撤销；已办结的单据保留原名称。",
    "split": "所选人员和场所，连同场所里的资产、相关借用转入所选单位，其余留下。跨两边的代办和仓管分工同时结束。",
    "move": "本单位和全部下级划到所选上级之下，查看范围随之改变，资产和借用不变。",
}
TARGETS = {"merge": "并入", "split": "转入", "move": "新的上级"}
TONES: dict[str, Tone] = {"proposed": "warn", "done": "ok", "refused": "bad", "withdrawn": "neutral"}
COLUMNS = (Column("单位"), Column("变更"), Column("相关单位"), Column("批文"), Column("生效日期"), Column("状态"))


class ChangeQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    state: Literal["", "proposed", "done", "refused", "withdrawn"] = ""
    cursor: str | None = None


class ChangeForm(msgspec.Struct, frozen=True):
    """A change as it is typed."""

    to_unit_id: str
    document_no: str
    effective_on: date
    reason: str
    person_ids: str | list[str] = ""
    place_ids: str | list[str] = ""


class ReasonForm(msgspec.Struct, frozen=True):
    """Why it is not to be."""

    reason: str


@door.get("/unit-changes", summary="单位变更")
async def show_unit_changes(request: Request) -> HTTPResponse:
    """What waits for the second administrator, and what was done."""
    query = query_of(request, ChangeQuery)
    state = query.state
    page = await list_unit_changes(actor_of(request), state, query.cursor)
    return await door.draw(
        request,
        "admin/unit_changes.html",
        columns=COLUMNS,
        rows=tuple(_row(change) for change in page.items),
        tabs=(
            Link("全部", "/admin/unit-changes", not state),
            Link("待确认", "/admin/unit-changes?state=proposed", state == "proposed"),
            Link("已生效", "/admin/unit-changes?state=done", state == "done"),
        ),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/unit-changes", query),
    )


@door.get("/units/<unit_id>/changes/<kind>", summary="提出单位变更")
async def draw_unit_change(request: Request, unit_id: str, kind: str) -> HTTPResponse:
    """The form for one kind of change."""
    return await draw_form(request, await _sheet(actor_of(request), unit_id, kind))


@door.post("/units/<unit_id>/changes/<kind>", summary="提出单位变更")
async def propose(request: Request, unit_id: str, kind: str) -> HTTPResponse:
    """Propose the change and go to its page, where it says what will move."""

    async def act(actor: Actor, form: ChangeForm) -> Done:
        given = msgspec.structs.asdict(form)
        given |= {name: _listed(given[name]) for name in ("person_ids", "place_ids")}
        change = await propose_unit_change(actor, ProposeChange(kind=kind, unit_id=unit_id, **given))
        return Done(f"/admin/unit-changes/{change.id}", "已提出，等安全管理员确认后生效。")

    return await answer_form(request, await _sheet(actor_of(request), unit_id, kind), ChangeForm, act)


@door.get("/unit-changes/<change_id>", summary="单位变更详情")
async def show_unit_change(request: Request, change_id: str) -> HTTPResponse:
    """One change: by which paper, what moves, who decided."""
    return await _draw(request, change_id, fresh(), 200)


@door.post("/unit-changes/<change_id>/confirmation", summary="确认单位变更")
async def confirm(request: Request, change_id: str) -> HTTPResponse:
    """Carry the change out."""

    async def act(actor: Actor, form: Nothing) -> Done:
        change = await confirm_unit_change(actor, change_id)
        total = sum(number for _, number in change.moved)
        return Done(f"/admin/unit-changes/{change_id}", f"已生效，{total} 项随之变更。")

    return await answer(request, Nothing, act, lambda drawn, status: _draw(request, change_id, drawn, status))


@door.post("/unit-changes/<change_id>/refusal", summary="不同意单位变更")
async def refuse(request: Request, change_id: str) -> HTTPResponse:
    """Refuse the proposal."""

    async def act(actor: Actor, form: ReasonForm) -> Done:
        await refuse_unit_change(actor, DropChange(change_id, form.reason))
        return Done(f"/admin/unit-changes/{change_id}", "已退回，没有任何变动。")

    return await answer(request, ReasonForm, act, lambda drawn, status: _draw(request, change_id, drawn, status))


@door.post("/unit-changes/<change_id>/withdrawal", summary="撤回单位变更")
async def withdraw(request: Request, change_id: str) -> HTTPResponse:
    """Take the proposal back."""

    async def act(actor: Actor, form: ReasonForm) -> Done:
        await withdraw_unit_change(actor, DropChange(change_id, form.reason))
        return Done(f"/admin/unit-changes/{change_id}", "已撤回，没有任何变动。")

    return await answer(request, ReasonForm, act, lambda drawn, status: _draw(request, change_id, drawn, status))


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return tuple([value] if isinstance(value, str) and value else value)


def _row(change: UnitChangeView) -> Row:
    other = change.to_unit_name if change.kind != "close" else ""
    return Row(
        (
            Cell(change.from_unit_name, f"/admin/unit-changes/{change.id}"),
            Cell(change.kind_name),
            Cell(other),
            Cell(change.document_no),
            Cell(day(change.effective_on)),
            Cell(badge=_badge(change)),
        )
    )


def _badge(change: UnitChangeView) -> Badge:
    return Badge(change.state_name, TONES[change.state])


async def _draw(request: Request, change_id: str, drawn: Drawn, status: int) -> HTTPResponse:
    actor = actor_of(request)
    change = await unit_change_by_id(actor, change_id)
    preview = await preview_unit_change(actor, change_id)
    is_waiting = change.state == "proposed"
    return await door.draw(
        request,
        "admin/unit_change.html",
        status,
        change=change,
        badge=_badge(change),
        facts=_facts(change),
        drawn=drawn,
        moving=tuple(Fact(label, f"{number} 项") for label, number in preview.moving or change.moved),
        obstacles=preview.obstacles,
        can_confirm=is_waiting and actor.has_role(Role.SECURITY_ADMIN),
        can_withdraw=is_waiting and actor.has_role(Role.SYSTEM_ADMIN),
        crumbs=(Link("单位变更", "/admin/unit-changes"), Link(f"{change.from_unit_name} {change.kind_name}")),
    )


def _facts(change: UnitChangeView) -> tuple[Fact, ...]:
    facts = [Fact("变更", change.kind_name), Fact("单位", change.from_unit_name)]
    if change.kind != "close":
        facts.append(Fact(TARGETS.get(change.kind, "新名称"), change.to_unit_name))
    facts += [
        Fact("批文文号", change.document_no),
        Fact("生效日期", day(change.effective_on)),
        Fact("原因", change.reason),
    ]
    if change.people:
        facts.append(Fact("转出人员", "、".join(change.people)))
    if change.places:
        facts.append(Fact("转出场所", "、".join(change.places)))
    facts.append(Fact("提出", f"{change.proposed_by_name}，{exact(change.proposed_at)}"))
    if change.decided_at is not None:
        facts.append(Fact(change.state_name, f"{change.decided_by_name}，{exact(change.decided_at)}"))
    if change.decision_note:
        facts.append(Fact("说明", change.decision_note))
    return tuple(facts)


async def _sheet(actor: Actor, unit_id: str, kind: str) -> FormPage:
    if not actor.has_role(Role.SYSTEM_ADMIN):
        raise Forbidden("role.required")
    if kind not in TITLES:
        raise NotFound("record.not_found")
    unit = await unit_by_id(actor, unit_id)
    others = tuple(option for option in await unit_options(actor) if option.value != unit_id)
    target = Field(name="to_unit_id", label=TARGETS[kind], kind="select", options=others)
    return FormPage(
        title=f"{TITLES[kind]}：{unit.name}",
        lead=LEADS[kind],
        action=f"/admin/units/{unit_id}/changes/{kind}",
        fields=(target, *(await _chosen_fields(actor, unit_id) if kind == "split" else ()), *document_fields()),
        submit="提出变更",
        back=Link("返回", f"/admin/units/{unit_id}"),
        facts=facts_of(unit),
        crumbs=unit_crumbs(unit, TITLES[kind]),
        draft=f"unit-change-{kind}",
    )


async def _chosen_fields(actor: Actor, unit_id: str) -> tuple[Field, ...]:
    wanted = PlaceFilter(unit_id=unit_id)
    places = await gather(lambda cursor: list_places(actor, wanted, cursor, PAGE_LIMIT))
    tops = tuple(
        Option(place.id, f"{place.name}（{place.kind_name}）")
        for place in places
        if place.parent_id is None and place.unit_id == unit_id
    )
    shared: dict[str, Any] = {"kind": "checkboxes", "required": False}
    return (
        Field(name="person_ids", label="转出人员", options=await person_options(actor, unit_id), **shared),
        Field(name="place_ids", label="转出场所", help="连同其中的库区、货位和资产。", options=tops, **shared),
    )
