"""Several things of one loan, one scan after the other: handing out, taking back, and finding the rest intact."""

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, Nothing, answer_form, draw_form
from admin.loans import crumbs_of
from admin.progress import latest_line, piece_facts, short_facts
from server.circulation.commands import inspect_rest, issue_by_code, return_by_code
from server.circulation.queries import borrowing_view
from server.circulation.types import BorrowingView, IssueByCode, ReturnByCode
from server.kernel.actor import Actor
from server.web.parts import Link
from server.web.sessions import actor_of


class IssuingForm(msgspec.Struct, frozen=True):
    """One scan, and who takes it."""

    code: str = ""
    received_by: str = ""


class TakingBackForm(msgspec.Struct, frozen=True):
    """One scan."""

    code: str = ""


@door.get("/loans/<borrowing_id>/issuing", summary="逐件发放")
async def draw_issuing(request: Request, borrowing_id: str) -> HTTPResponse:
    """The input for the next scan."""
    return await draw_form(request, _issuing_sheet(await borrowing_view(actor_of(request), borrowing_id)))


@door.post("/loans/<borrowing_id>/issuing", summary="发放一件")
async def issue_piece(request: Request, borrowing_id: str) -> HTTPResponse:
    """Hand out what was scanned, or an equal one; then the next."""

    async def act(actor: Actor, form: IssuingForm) -> Done:
        view = await issue_by_code(actor, IssueByCode(borrowing_id, form.code, form.received_by))
        line = latest_line(view, "issued_at")
        instead = f"（代 {line.instead_of_code}）" if line.instead_of_code else ""
        text = f"已发放 {line.asset_name} {line.asset_code}{instead}。"
        if view.waiting_count:
            return Done(f"/admin/loans/{view.id}/issuing", f"{text}还有 {view.waiting_count} 件。")
        return Done(f"/admin/loans/{view.id}", f"{text}全部发完。", "打印借用单", f"/admin/loans/{view.id}/slip")

    view = await borrowing_view(actor_of(request), borrowing_id)
    return await answer_form(request, _issuing_sheet(view), IssuingForm, act)


@door.get("/loans/<borrowing_id>/taking-back", summary="逐件收回")
async def draw_taking_back(request: Request, borrowing_id: str) -> HTTPResponse:
    """The input for the next scan."""
    return await draw_form(request, _taking_back_sheet(await borrowing_view(actor_of(request), borrowing_id)))


@door.post("/loans/<borrowing_id>/taking-back", summary="收回一件")
async def take_back_piece(request: Request, borrowing_id: str) -> HTTPResponse:
    """Take back what was scanned; then the next."""

    async def act(actor: Actor, form: TakingBackForm) -> Done:
        view = await return_by_code(actor, ReturnByCode(form.code))
        line = latest_line(view, "returned_at")
        text = f"已收回 {line.asset_name} {line.asset_code}。"
        if view.id != borrowing_id:
            # A thing of another loan was on the same cart: it is back all the same, and the keeper hears whose it was.
            return Done(f"/admin/loans/{borrowing_id}/taking-back", f"{text}它属于另一张借用单 {view.number}。")
        if view.out_count:
            return Done(f"/admin/loans/{view.id}/taking-back", f"{text}还有 {view.out_count} 件在外。")
        return Done(f"/admin/loans/{view.id}", f"{text}全部收回，请验收。")

    view = await borrowing_view(actor_of(request), borrowing_id)
    return await answer_form(request, _taking_back_sheet(view), TakingBackForm, act)


@door.get("/loans/<borrowing_id>/inspections", summary="其余都完好")
async def draw_inspections(request: Request, borrowing_id: str) -> HTTPResponse:
    """Say how many there are first."""
    return await draw_form(request, _inspections_sheet(await borrowing_view(actor_of(request), borrowing_id)))


@door.post("/loans/<borrowing_id>/inspections", summary="其余都完好")
async def find_rest_intact(request: Request, borrowing_id: str) -> HTTPResponse:
    """Everything that is back and not inspected is intact."""

    async def act(actor: Actor, form: Nothing) -> Done:
        view = await inspect_rest(actor, borrowing_id)
        return Done(f"/admin/loans/{view.id}", f"{view.number} 已验收完好。")

    view = await borrowing_view(actor_of(request), borrowing_id)
    return await answer_form(request, _inspections_sheet(view), Nothing, act)


def _issuing_sheet(view: BorrowingView) -> FormPage:
    taken = [line for line in view.lines if line.issued_at]
    # Who took the last one most likely takes the next.
    who = (latest_line(view, "issued_at").issued_to if taken else None) or view.applicant_name
    return FormPage(
        title="逐件发放",
        lead=f"{view.number}：还有 {view.waiting_count} 件待领。扫一件发一件；申请的是同款的，扫到哪件发哪件。",
        action=f"/admin/loans/{view.id}/issuing",
        fields=(
            Field(name="code", label="扫码或输入编号", maxlength=512, autofocus=True),
            Field(name="received_by", label="领取人", value=who, help="当面核对身份后填写。", maxlength=64),
        ),
        submit="发放",
        back=Link("返回", f"/admin/loans/{view.id}"),
        facts=short_facts(view),
        crumbs=crumbs_of(view, "发放"),
    )


def _taking_back_sheet(view: BorrowingView) -> FormPage:
    return FormPage(
        title="逐件收回",
        lead=f"{view.number}：还有 {view.out_count} 件在外。扫一件收一件，收完再验收。",
        action=f"/admin/loans/{view.id}/taking-back",
        fields=(Field(name="code", label="扫码或输入编号", maxlength=512, autofocus=True),),
        submit="收回",
        back=Link("返回", f"/admin/loans/{view.id}"),
        facts=short_facts(view),
        crumbs=crumbs_of(view, "收回"),
    )


def _inspections_sheet(view: BorrowingView) -> FormPage:
    back = [line for line in view.lines if line.state == "returned"]
    return FormPage(
        title="其余都完好",
        lead=f"{view.number}：{len(back)} 件已经收回、还没有验收，都记为完好。有损坏的请先单独验收。",
        action=f"/admin/loans/{view.id}/inspections",
        fields=(),
        submit=f"{len(back)} 件都完好",
        back=Link("返回", f"/admin/loans/{view.id}"),
        facts=piece_facts(view),
        crumbs=crumbs_of(view, "验收"),
    )
