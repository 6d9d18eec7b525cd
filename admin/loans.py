"""出借与归还: what has to be got ready, issued, taken back and inspected; and one loan in full."""

from typing import Literal
from urllib.parse import quote

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin.door import door
from admin.form_page import Done, Field, FormPage, Nothing, answer_form, draw_form
from admin.lists import first_href, next_href, query_of
from admin.progress import (
    borrowing_events,
    borrowing_facts,
    borrowing_steps,
    chain_steps,
    line_facts,
    loss_lines,
    past_rounds,
    piece_facts,
    renewal_facts,
    state_badge,
)
from admin.texts import fen_of
from server.circulation.commands import mark_ready, resolve_damage
from server.circulation.queries import borrowing_view, list_borrowings, slip_pdf
from server.circulation.types import BorrowingRow, BorrowingView, LineView, ResolveDamage, RoleView
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput
from server.web.downloads import list_links
from server.web.formats import day
from server.web.parts import Badge, Cell, Column, Link, Option, Row, Tone
from server.web.sessions import actor_of

# Tab → its name. The keys are the domain's states, `overdue` a fact beside them.
TABS = {
    "approved": "待备货",
    "ready": "待领取",
    "issued": "借出中",
    "overdue": "已逾期",
    "returned": "待验收",
    "inspected": "待处理损坏或遗失",
}
ALL = "all"
ENDED = {"closed": "已办结", ALL: "全部"}
COLUMNS = (
    Column("借用单", is_nowrap=True),
    Column("资产"),
    Column("借用单位与人"),
    Column("状态"),
    Column("借用日期", is_nowrap=True),
    Column("领取期限", is_nowrap=True),
    Column("地点"),
)
PIECE_COLUMNS = (
    Column("编号", is_nowrap=True),
    Column("到哪一步", is_nowrap=True),
    Column("资产", is_nowrap=True),
    Column("领取人", is_nowrap=True),
    Column("验收"),
    Column("办理", is_nowrap=True),
)
PIECE_TONES: dict[str, Tone] = {"out": "accent", "returned": "warn", "damaged": "bad", "lost": "bad", "done": "ok"}
NEVER_ISSUED = frozenset({"rejected", "withdrawn", "expired"})
DESTINATIONS = (
    Option("back_to_use", "继续使用", "回到原处，可以再借。"),
    Option("repair", "送修", "修好之前不能借出。"),
)


class DamageForm(msgspec.Struct, frozen=True):
    """What was decided about damage."""

    to: Literal["back_to_use", "repair"]
    decision: str = ""
    note: str = ""
    asset_id: str | None = None
    compensation: str = "0"


class LoanQuery(msgspec.Struct, frozen=True):
    """Which tab, and where its page begins."""

    state: str = "approved"
    cursor: str | None = None


@door.get("/loans", summary="出借与归还")
async def show_loans(request: Request) -> HTTPResponse:
    """One tab of the loans that the actor's desk or unit deals with."""
    actor, query = actor_of(request), query_of(request, LoanQuery)
    state, view = query.state, view_for(actor)
    page = await list_borrowings(actor, view, None if state == ALL else state, query.cursor)
    names = TABS | ENDED if view == "holder" else TABS
    return await door.draw(
        request,
        "admin/loans.html",
        tabs=tuple(Link(name, f"/admin/loans?state={key}", key == state) for key, name in names.items()),
        columns=COLUMNS,
        rows=tuple(_row(row) for row in page.items),
        exports=list_links("/admin/loans", query),
        is_keeper=actor.has_role(Role.WAREHOUSE_KEEPER, Role.ASSET_MANAGER),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
    )


@door.get("/loans/<borrowing_id>", summary="借用单详情")
async def show_loan(request: Request, borrowing_id: str) -> HTTPResponse:
    """One loan: facts, steps, history, and what can be done now."""
    view = await borrowing_view(actor_of(request), borrowing_id)
    return await door.draw(
        request,
        "admin/loan.html",
        view=view,
        badge=state_badge(view.state, view.state_name, is_overdue=view.is_overdue),
        facts=borrowing_facts(view),
        facts_of_pieces=piece_facts(view),
        columns=PIECE_COLUMNS,
        pieces=_pieces(view),
        losses=loss_lines(view),
        pictures=[line for line in view.lines if line.inspection_picture_id],
        steps=borrowing_steps(view),
        events=borrowing_events(view),
        renewals=[
            (renewal, renewal_facts(renewal), chain_steps(renewal.chain), past_rounds(renewal.chain))
            for renewal in view.renewals
        ],
        rounds=past_rounds(view.chain),
        crumbs=(Link("出借与归还", "/admin/loans"), Link(view.number)),
    )


@door.get("/loans/<borrowing_id>/slip", summary="借用单 PDF")
async def download_slip(request: Request, borrowing_id: str) -> HTTPResponse:
    """The paper slip."""
    content = await slip_pdf(actor_of(request), borrowing_id)
    headers = {"Content-Disposition": f'inline; filename="borrowing-{borrowing_id}.pdf"'}
    return raw(content, content_type="application/pdf", headers=headers)


@door.get("/loans/<borrowing_id>/readiness", summary="备好待领")
async def draw_readiness(request: Request, borrowing_id: str) -> HTTPResponse:
    """Say what will happen first."""
    return await draw_form(request, _ready_sheet(await borrowing_view(actor_of(request), borrowing_id)))


@door.post("/loans/<borrowing_id>/readiness", summary="备好待领")
async def make_ready(request: Request, borrowing_id: str) -> HTTPResponse:
    """Say that the thing lies ready, and tell the applicant."""

    async def act(actor: Actor, form: Nothing) -> Done:
        view = await mark_ready(actor, borrowing_id)
        return Done(f"/admin/loans/{view.id}", f"{view.number} 已备好，已通知 {view.applicant_name} 来领取。")

    return await answer_form(request, _ready_sheet(await borrowing_view(actor_of(request), borrowing_id)), Nothing, act)


@door.get("/loans/<borrowing_id>/damage", summary="处理损坏")
async def draw_damage(request: Request, borrowing_id: str) -> HTTPResponse:
    """The form for the decision."""
    view = await borrowing_view(actor_of(request), borrowing_id)
    return await draw_form(request, _damage_sheet(view, request.args.get("asset_id")))


@door.post("/loans/<borrowing_id>/damage", summary="处理损坏")
async def settle_damage(request: Request, borrowing_id: str) -> HTTPResponse:
    """Record the decision; the thing goes on."""

    async def act(actor: Actor, form: DamageForm) -> Done:
        fen = fen_of(form.compensation or "0", "compensation")
        wanted = ResolveDamage(borrowing_id, form.decision, form.to, form.note, form.asset_id or None, fen)
        try:
            view = await resolve_damage(actor, wanted)
        except InvalidInput as error:
            raise _beside(error) from error
        text = f"{view.number} 的损坏已处理，已告知借用人。"
        if not fen:
            return Done(f"/admin/loans/{view.id}", text)
        return Done(f"/admin/loans/{view.id}", text, "登记赔偿", f"/admin/losses/{view.losses[-1].id}")

    view = await borrowing_view(actor_of(request), borrowing_id)
    return await answer_form(request, _damage_sheet(view, request.args.get("asset_id")), DamageForm, act)


def _beside(error: InvalidInput) -> InvalidInput:
    """The field of the amount as this form calls it."""
    for fault in error.fields:
        fault.field = {"compensation_fen": "compensation"}.get(fault.field, fault.field)
    return error


def _pieces(view: BorrowingView) -> tuple[Row, ...]:
    """Each of several things, with what the desk can do about it next."""
    if view.piece_count == 1:
        return ()
    return tuple(_piece(view, line) for line in view.lines)


def _piece(view: BorrowingView, line: LineView) -> Row:
    is_gone = view.state in NEVER_ISSUED
    tone = PIECE_TONES.get(line.state, "neutral")
    badge = Badge(view.state_name) if is_gone else Badge(line.state_name, tone)
    step = Cell()
    if line.state == "returned" and view.can_inspect:
        step = Cell("验收", f"/admin/desk?code={quote(line.asset_code)}")
    elif line.state == "damaged" and view.can_resolve:
        step = Cell("处理损坏", f"/admin/loans/{view.id}/damage?asset_id={line.asset_id}")
    elif line.state == "out" and view.can_return:
        step = Cell("收回", f"/admin/desk?code={quote(line.asset_code)}")
    elif (loss := next((each for each in view.losses if each.asset_id == line.asset_id), None)) is not None:
        step = Cell("遗失与赔偿", f"/admin/losses/{loss.id}")
    said = line.damage_decision or line.inspection_result_name or ""
    instead = f"（代 {line.instead_of_code}）" if line.instead_of_code else ""
    return Row(
        (
            Cell(line.asset_code + instead, f"/admin/assets/{line.asset_id}"),
            Cell(badge=badge),
            Cell(line.asset_name),
            Cell(line.issued_to or ""),
            Cell(said),
            step,
        )
    )


def view_for(actor: Actor) -> RoleView:
    """Managers and operations see what their unit lends; a keeper what lies at the own desk."""
    return "holder" if actor.has_role(Role.ASSET_MANAGER, Role.OPERATIONS) else "desk"


def _row(row: BorrowingRow) -> Row:
    return Row(
        (
            Cell(row.number, f"/admin/loans/{row.id}"),
            Cell(row.thing),
            Cell(f"{row.borrower_unit_name} {row.applicant_name}"),
            Cell(badge=state_badge(row.state, row.progress or row.state_name, is_overdue=row.is_overdue)),
            Cell(f"{day(row.from_day)} 至 {day(row.to_day)}"),
            Cell(day(row.collect_by) if row.collect_by and row.state in {"approved", "ready"} else ""),
            Cell(row.place_name),
        )
    )


def _ready_sheet(view: BorrowingView) -> FormPage:
    return FormPage(
        title=f"{view.number} 已备好",
        lead=f"确认后会通知 {view.applicant_name} 来领取。",
        action=f"/admin/loans/{view.id}/readiness",
        fields=(),
        submit="已备好，通知领取",
        back=Link("返回", f"/admin/loans/{view.id}"),
        facts=(*piece_facts(view), *borrowing_facts(view)),
        crumbs=crumbs_of(view, "备货"),
    )


def _damage_sheet(view: BorrowingView, asset_id: str | None) -> FormPage:
    damaged = [line for line in view.lines if line.state == "damaged"]
    which: tuple[Field, ...] = ()
    if view.piece_count > 1:
        options = tuple(Option(line.asset_id, f"{line.asset_name} {line.asset_code}") for line in damaged)
        first = asset_id or (options[0].value if options else "")
        which = (Field(name="asset_id", label="哪一件", kind="radio", options=options, value=first),)
    return FormPage(
        title=f"{view.number} 处理损坏",
        lead="写明认定和处理意见；需要借用单位赔偿的，以这里记录的决定为准。",
        action=f"/admin/loans/{view.id}/damage",
        fields=(
            *which,
            Field(name="decision", label="处理意见", kind="textarea", maxlength=200),
            Field(name="note", label="补充说明", kind="textarea", maxlength=290, required=False),
            Field(name="to", label="这件东西接下来", kind="radio", options=DESTINATIONS),
            Field(
                name="compensation",
                label="借用单位赔偿",
                value="0",
                suffix="元",
                short=True,
                inputmode="decimal",
                required=False,
                help="不需赔偿的填 0。要赔偿的，不能由验收的人决定：由本单位另一名资产管理员或主管部门审核人处理。",
            ),
        ),
        submit="记录处理意见",
        back=Link("返回", f"/admin/loans/{view.id}"),
        facts=(*(fact for line in damaged for fact in line_facts(line)), *borrowing_facts(view)),
        crumbs=crumbs_of(view, "处理损坏"),
        draft=f"damage-{view.id}",
    )


def crumbs_of(view: BorrowingView, last: str) -> tuple[Link, ...]:
    return (Link("出借与归还", "/admin/loans"), Link(view.number, f"/admin/loans/{view.id}"), Link(last))
