"""购置需求与闲置证明: what a unit means to buy, and the search that comes before."""

from datetime import date
from typing import Literal

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin.approval_subjects import thread_of
from admin.door import door
from admin.form_page import Done, Field, FormPage, Nothing, answer_form, draw_form, fresh
from admin.lists import first_href, next_href, query_of
from admin.need_words import (
    COLUMNS,
    JUDGED_COLUMNS,
    STATE_TABS,
    hit_cards,
    judged_rows,
    need_badge,
    need_facts,
    need_row,
    need_steps,
    proof_facts_of,
)
from admin.progress import past_rounds
from admin.texts import fen_of
from server.identity.roles import Role
from server.identity.scope import require_role
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, Forbidden, InvalidInput, StateConflict
from server.kernel.money import format_yuan
from server.procurement.commands import correct_need, meet_need, record_need, search_idle, submit_need, withdraw_need
from server.procurement.queries import RECORDERS, list_needs, need_view, proof_pdf
from server.procurement.types import CorrectNeed, NeedView, RecordNeed, RoleView
from server.settings import Settings
from server.web.downloads import list_links
from server.web.pages import Flash
from server.web.parts import Link
from server.web.sessions import actor_of

OVERSEEING = (Role.ASSET_MANAGER, Role.UNIT_ACCOUNTANT, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)


class NeedQuery(msgspec.Struct, frozen=True):
    """The filter as the address carries it."""

    state: str | None = None
    cursor: str | None = None


class NeedForm(msgspec.Struct, frozen=True):
    """A need as it is typed; the budget in yuan."""

    item: str
    category_code: str
    quantity: int
    specification: str
    purpose: str
    budget: str
    needed_by: date
    is_emergency: Literal["", "1"] = ""
    emergency_reason: str = ""


class CorrectionForm(msgspec.Struct, frozen=True):
    """What of a returned need may be changed; the budget in yuan."""

    quantity: int
    budget: str
    needed_by: date
    purpose: str
    note: str = ""


class WithdrawalForm(msgspec.Struct, frozen=True):
    """Why a need is taken back."""

    reason: str


class MeetingForm(msgspec.Struct, frozen=True):
    """How a need was met without buying."""

    how: str


@door.get("/needs", summary="购置需求与闲置证明")
async def show_needs(request: Request) -> HTTPResponse:
    """The unit's needs for those who oversee it, everybody else's own."""
    actor, query = actor_of(request), query_of(request, NeedQuery)
    page = await list_needs(actor, view_for(actor), query.state, query.cursor, size=50)
    return await door.draw(
        request,
        "admin/needs.html",
        tabs=tuple(
            Link(name, f"/admin/needs?state={key}" if key else "/admin/needs", key == (query.state or ""))
            for key, name in STATE_TABS.items()
        ),
        columns=COLUMNS,
        rows=tuple(need_row(row) for row in page.items),
        can_record=actor.has_role(*RECORDERS),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links("/admin/needs", query),
    )


def view_for(actor: Actor) -> RoleView:
    """Whose needs the reader sees."""
    return "unit" if actor.has_role(*OVERSEEING) else "mine"


@door.get("/needs/new", summary="提购置需求")
async def draw_new_need(request: Request) -> HTTPResponse:
    """The form."""
    return await draw_form(request, _new_sheet(actor_of(request)))


@door.post("/needs", summary="提购置需求")
async def add_need(request: Request) -> HTTPResponse:
    """Record it, search at once, and show what was found."""

    async def act(actor: Actor, form: NeedForm) -> Done:
        need = await record_need(actor, _wanted(form))
        return Done(f"/admin/needs/{need.id}", f"已记下：{need.item} {need.quantity} 件。下一步检索闲置资产。")

    return await answer_form(request, _new_sheet(actor_of(request)), NeedForm, act)


@door.get("/needs/<need_id>", summary="购置需求")
async def show_need(request: Request, need_id: str) -> HTTPResponse:
    """One need: what it is, what the search found, its proof, its approvals, and what to do next."""
    view = await need_view(actor_of(request), need_id)
    return await door.draw(
        request,
        "admin/need.html",
        view=view,
        badge=need_badge(view.state, view.state_name),
        facts=need_facts(view),
        warnings=tuple(Flash("warn", text) for text in view.warnings),
        judged_columns=JUDGED_COLUMNS,
        judged=judged_rows(view),
        hits=hit_cards(view) if view.can_search else (),
        proof=proof_facts_of(view),
        steps=need_steps(view),
        rounds=past_rounds(view.chain),
        talk=await thread_of(actor_of(request), "purchase_need", view.id),
        drawn=fresh(),
        crumbs=(Link("购置需求与闲置证明", "/admin/needs"), Link(view.item)),
    )


@door.post("/needs/<need_id>/search", summary="检索闲置资产")
async def search_for_idle(request: Request, need_id: str) -> HTTPResponse:
    """Search the boards and show what was found."""

    async def act(actor: Actor, form: Nothing) -> Done:
        view = await search_idle(actor, need_id)
        found = len(view.search.hits) if view.search else 0
        text = f"检索完成，匹配 {found} 件闲置资产。" if found else "检索完成，没有匹配的闲置资产，可以直接出具证明。"
        return Done(f"/admin/needs/{need_id}", text)

    return await answer_form(request, await _act_sheet(request, need_id, "检索闲置资产", "search"), Nothing, act)


@door.post("/needs/<need_id>/submission", summary="提交购置需求")
async def send_need(request: Request, need_id: str) -> HTTPResponse:
    """Ask those who must agree."""

    async def act(actor: Actor, form: Nothing) -> Done:
        view = await submit_need(actor, need_id)
        return Done(f"/admin/needs/{need_id}", f"已提交：{view.number}。审批结果会发消息告诉您。")

    return await answer_form(request, await _act_sheet(request, need_id, "提交审批", "submission"), Nothing, act)


@door.get("/needs/<need_id>/withdrawal", summary="撤回购置需求")
async def draw_need_withdrawal(request: Request, need_id: str) -> HTTPResponse:
    """Why."""
    return await draw_form(request, await _withdrawal_sheet(request, need_id))


@door.post("/needs/<need_id>/withdrawal", summary="撤回购置需求")
async def take_need_back(request: Request, need_id: str) -> HTTPResponse:
    """Take it back."""

    async def act(actor: Actor, form: WithdrawalForm) -> Done:
        await withdraw_need(actor, need_id, form.reason)
        return Done(f"/admin/needs/{need_id}", "购置需求已撤回。")

    return await answer_form(request, await _withdrawal_sheet(request, need_id), WithdrawalForm, act)


@door.get("/needs/<need_id>/correction", summary="修改退回的需求")
async def draw_need_correction(request: Request, need_id: str) -> HTTPResponse:
    """What may be changed, as it is now."""
    view = await need_view(actor_of(request), need_id)
    if not view.can_correct:
        is_own = view.applicant_id == actor_of(request).person_id
        raise StateConflict("approval.not_returned") if is_own else Forbidden("approval.not_applicant")
    return await draw_form(request, _correction_sheet(view))


@door.post("/needs/<need_id>/correction", summary="修改后重新提交")
async def send_need_again(request: Request, need_id: str) -> HTTPResponse:
    """Send it again; its approvals begin anew."""

    async def act(actor: Actor, form: CorrectionForm) -> Done:
        wanted = CorrectNeed(
            need_id=need_id,
            quantity=form.quantity,
            budget_fen=fen_of(form.budget, "budget"),
            needed_by=form.needed_by,
            purpose=form.purpose,
            note=form.note,
        )
        try:
            view = await correct_need(actor, wanted)
        except InvalidInput as error:
            raise InvalidInput(error.code, fields=[_beside(field) for field in error.fields]) from error
        return Done(f"/admin/needs/{need_id}", f"已重新提交：{view.item} {view.quantity} 件。从第一步重新审批。")

    sheet = _correction_sheet(await need_view(actor_of(request), need_id))
    return await answer_form(request, sheet, CorrectionForm, act)


@door.get("/needs/<need_id>/meeting", summary="已调剂解决")
async def draw_need_meeting(request: Request, need_id: str) -> HTTPResponse:
    """How."""
    return await draw_form(request, await _meeting_sheet(request, need_id))


@door.post("/needs/<need_id>/meeting", summary="已调剂解决")
async def end_met_need(request: Request, need_id: str) -> HTTPResponse:
    """Nothing needs to be bought any more."""

    async def act(actor: Actor, form: MeetingForm) -> Done:
        await meet_need(actor, need_id, form.how)
        return Done(f"/admin/needs/{need_id}", "已登记为调剂解决，不再购置。")

    return await answer_form(request, await _meeting_sheet(request, need_id), MeetingForm, act)


@door.get("/needs/<need_id>/proof.pdf", summary="闲置证明 PDF")
async def download_proof(request: Request, need_id: str) -> HTTPResponse:
    """The paper."""
    settings: Settings = request.app.ctx.settings
    content = await proof_pdf(actor_of(request), need_id, settings.public_url)
    headers = {
        "Content-Disposition": f'inline; filename="idle-proof-{need_id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return raw(content, content_type="application/pdf", headers=headers)


def _wanted(form: NeedForm) -> RecordNeed:
    return RecordNeed(
        category_code=form.category_code,
        item=form.item,
        quantity=form.quantity,
        specification=form.specification,
        purpose=form.purpose,
        budget_fen=fen_of(form.budget, "budget"),
        needed_by=form.needed_by,
        is_emergency=form.is_emergency == "1",
        emergency_reason=form.emergency_reason,
    )


def _beside(field: FieldError) -> FieldError:
    """The fault at the field in which the money was typed."""
    return FieldError("budget", field.code, **field.data) if field.field == "budget_fen" else field


def _new_sheet(actor: Actor) -> FormPage:
    require_role(actor, *RECORDERS)
    return FormPage(
        title="提购置需求",
        lead="先记下要买什么，再检索有没有闲置的可以调剂；有配置标准的资产须出具闲置证明才能提交审批。",
        action="/admin/needs",
        fields=(
            Field(name="item", label="要购置什么", help="写通用的名称，如 投影仪；检索时也按它查。", maxlength=64),
            Field(
                name="category_code",
                label="品目编码",
                help="如 A02020200；不知道的到“分类”里查。",
                maxlength=12,
                short=True,
            ),
            Field(name="quantity", label="数量", suffix="件", short=True, inputmode="numeric"),
            Field(name="specification", label="规格要求", kind="textarea", maxlength=500),
            Field(name="purpose", label="用途", kind="textarea", maxlength=500),
            Field(name="budget", label="预算金额（合计）", suffix="元", short=True, inputmode="decimal"),
            Field(name="needed_by", label="最晚何时要用", kind="date"),
            Field(name="is_emergency", label="应急购置（免闲置证明，须写明事由）", kind="checkbox", required=False),
            Field(name="emergency_reason", label="应急事由", kind="textarea", maxlength=500, required=False),
        ),
        submit="记下并继续",
        back=Link("返回", "/admin/needs"),
        crumbs=(Link("购置需求与闲置证明", "/admin/needs"), Link("提购置需求")),
        draft="need-new",
    )


async def _act_sheet(request: Request, need_id: str, title: str, path: str) -> FormPage:
    return _sheet(await need_view(actor_of(request), need_id), title, path, (), title)


def require_mine(view: NeedView, *, can_do: bool) -> None:
    """Draw no form that will be refused: Forbidden for who only looks on, StateConflict when it is too late for it."""
    if not view.is_mine:
        raise Forbidden("role.required")
    if not can_do:
        raise StateConflict("need.wrong_state", state_name=view.state_name)


def _correction_sheet(view: NeedView) -> FormPage:
    fields = (
        Field(
            name="quantity",
            label="数量",
            value=str(view.quantity),
            suffix="件",
            short=True,
            inputmode="numeric",
            help="只能改少。",
        ),
        Field(
            name="budget",
            label="预算金额（合计）",
            value=format_yuan(view.budget_fen),
            suffix="元",
            short=True,
            inputmode="decimal",
            help="只能改小。",
        ),
        Field(name="needed_by", label="最晚何时要用", kind="date", value=view.needed_by.isoformat()),
        Field(name="purpose", label="用途", kind="textarea", value=view.purpose, maxlength=500),
        Field(
            name="note",
            label="补充说明",
            kind="textarea",
            help="想对审批人说的话，可不写。",
            maxlength=500,
            required=False,
        ),
    )
    return _sheet(view, "修改后重新提交", "correction", fields, "重新提交")


async def _withdrawal_sheet(request: Request, need_id: str) -> FormPage:
    view = await need_view(actor_of(request), need_id)
    require_mine(view, can_do=view.can_withdraw)
    field = Field(name="reason", label="撤回原因", kind="textarea", maxlength=500)
    return _sheet(view, "撤回", "withdrawal", (field,), "确认撤回")


async def _meeting_sheet(request: Request, need_id: str) -> FormPage:
    view = await need_view(actor_of(request), need_id)
    require_mine(view, can_do=view.can_meet)
    field = Field(
        name="how",
        label="怎样解决的",
        kind="textarea",
        help="如 向区文广旅体局借用，借用单 临平卫健借〔2026〕3号。",
        maxlength=500,
    )
    return _sheet(view, "已调剂解决", "meeting", (field,), "登记，不再购置")


def _sheet(view: NeedView, title: str, path: str, fields: tuple[Field, ...], submit: str) -> FormPage:
    address = f"/admin/needs/{view.id}"
    return FormPage(
        title=f"{title}：{view.item}",
        action=f"{address}/{path}",
        fields=fields,
        submit=submit,
        back=Link("返回", address),
        facts=need_facts(view),
        crumbs=(Link("购置需求与闲置证明", "/admin/needs"), Link(view.item, address), Link(title)),
    )
