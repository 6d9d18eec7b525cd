"""What is done about a lost or damaged thing: the decision, receipts or waiver, write-off, finding and repayment."""

from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Act, Done, Field, FormPage, T, answer_form, draw_form
from admin.losses import PATH, TITLE, loss_facts
from admin.texts import fen_of
from server.assets.states import CONDITION_NAMES
from server.circulation.losses.commands import (
    ask_write_off,
    decide_loss,
    record_payment,
    refund_loss,
    report_found,
    waive_loss,
)
from server.circulation.losses.queries import loss_view
from server.circulation.losses.types import (
    AskWriteOff,
    DecideLoss,
    LossView,
    RecordPayment,
    RefundLoss,
    ReportFound,
    WaiveLoss,
)
from server.kernel.actor import Actor
from server.kernel.money import format_yuan
from server.kernel.reading import present_day
from server.web.formats import day, yuan
from server.web.parts import Link, Option
from server.web.sessions import actor_of

SheetOf = Callable[[LossView], FormPage]


class DecisionForm(msgspec.Struct, frozen=True):
    """Who answers, and how much is to be paid, in yuan."""

    decision: str
    amount: str


class PaymentForm(msgspec.Struct, frozen=True):
    """One receipt, in yuan."""

    receipt_no: str
    paid_on: date
    amount: str


class RefundForm(msgspec.Struct, frozen=True):
    """One repayment, in yuan."""

    document_no: str
    refunded_on: date
    amount: str


class ReasonForm(msgspec.Struct, frozen=True):
    """Why."""

    reason: str


class FoundForm(msgspec.Struct, frozen=True):
    """In which condition it came back."""

    condition: Literal["new", "good", "usable", "damaged"]
    note: str = ""


@door.get("/losses/<loss_id>/decision", summary="认定责任")
async def draw_loss_decision(request: Request, loss_id: str) -> HTTPResponse:
    """Who answers."""
    return await _draw(request, loss_id, _decision_sheet)


@door.post("/losses/<loss_id>/decision", summary="认定责任")
async def add_loss_decision(request: Request, loss_id: str) -> HTTPResponse:
    """Record the decision."""

    async def act(actor: Actor, form: DecisionForm) -> Done:
        wanted = DecideLoss(loss_id=loss_id, decision=form.decision, amount_fen=fen_of(form.amount, "amount"))
        view = await decide_loss(actor, wanted)
        until = f"请在 {day(view.due_on)} 前缴清。" if view.due_on else "不需赔偿。"
        return Done(f"{PATH}/{view.id}", f"责任已认定，已告知双方。{until}")

    return await _answer(request, loss_id, _decision_sheet, DecisionForm, act)


@door.get("/losses/<loss_id>/payments", summary="登记赔偿收据")
async def draw_loss_payment(request: Request, loss_id: str) -> HTTPResponse:
    """Which receipt."""
    return await _draw(request, loss_id, _payment_sheet)


@door.post("/losses/<loss_id>/payments", summary="登记赔偿收据")
async def add_loss_payment(request: Request, loss_id: str) -> HTTPResponse:
    """Record the receipt."""

    async def act(actor: Actor, form: PaymentForm) -> Done:
        wanted = RecordPayment(
            loss_id=loss_id,
            receipt_no=form.receipt_no,
            paid_on=form.paid_on,
            amount_fen=fen_of(form.amount, "amount"),
        )
        view = await record_payment(actor, wanted)
        left = f"还差 {yuan(view.left_fen)}。" if view.left_fen else "赔偿已付清。"
        return Done(f"{PATH}/{view.id}", f"已登记收据 {form.receipt_no}，{left}")

    return await _answer(request, loss_id, _payment_sheet, PaymentForm, act)


@door.get("/losses/<loss_id>/waiver", summary="免除赔偿")
async def draw_loss_waiver(request: Request, loss_id: str) -> HTTPResponse:
    """Why."""
    return await _draw(request, loss_id, _waiver_sheet)


@door.post("/losses/<loss_id>/waiver", summary="免除赔偿")
async def add_loss_waiver(request: Request, loss_id: str) -> HTTPResponse:
    """Ask for no more."""

    async def act(actor: Actor, form: ReasonForm) -> Done:
        view = await waive_loss(actor, WaiveLoss(loss_id=loss_id, reason=form.reason))
        return Done(f"{PATH}/{view.id}", f"已免除 {yuan(view.waived_fen)}，赔偿已了结。")

    return await _answer(request, loss_id, _waiver_sheet, ReasonForm, act)


@door.get("/losses/<loss_id>/write-off", summary="申请核销")
async def draw_write_off(request: Request, loss_id: str) -> HTTPResponse:
    """Why."""
    return await _draw(request, loss_id, _write_off_sheet)


@door.post("/losses/<loss_id>/write-off", summary="申请核销")
async def add_write_off(request: Request, loss_id: str) -> HTTPResponse:
    """Ask those who must agree."""

    async def act(actor: Actor, form: ReasonForm) -> Done:
        view = await ask_write_off(actor, AskWriteOff(loss_id=loss_id, reason=form.reason))
        return Done(f"{PATH}/{view.id}", "已提交核销申请，通过后自动销账。")

    return await _answer(request, loss_id, _write_off_sheet, ReasonForm, act)


@door.get("/losses/<loss_id>/finding", summary="登记找回")
async def draw_finding(request: Request, loss_id: str) -> HTTPResponse:
    """In which condition."""
    return await _draw(request, loss_id, _finding_sheet)


@door.post("/losses/<loss_id>/finding", summary="登记找回")
async def add_finding(request: Request, loss_id: str) -> HTTPResponse:
    """It goes back to its place."""

    async def act(actor: Actor, form: FoundForm) -> Done:
        view = await report_found(actor, ReportFound(loss_id=loss_id, condition=form.condition, note=form.note))
        paid = f"已收的赔偿 {yuan(view.paid_fen)} 由双方协商退还，退还后在这里登记。" if view.paid_fen else ""
        return Done(f"{PATH}/{view.id}", f"{view.asset_name} 已找回，回到原处。{paid}")

    return await _answer(request, loss_id, _finding_sheet, FoundForm, act)


@door.get("/losses/<loss_id>/refunds", summary="退还赔偿")
async def draw_refund(request: Request, loss_id: str) -> HTTPResponse:
    """By which document."""
    return await _draw(request, loss_id, _refund_sheet)


@door.post("/losses/<loss_id>/refunds", summary="退还赔偿")
async def add_refund(request: Request, loss_id: str) -> HTTPResponse:
    """Record the repayment."""

    async def act(actor: Actor, form: RefundForm) -> Done:
        wanted = RefundLoss(
            loss_id=loss_id,
            document_no=form.document_no,
            refunded_on=form.refunded_on,
            amount_fen=fen_of(form.amount, "amount"),
        )
        view = await refund_loss(actor, wanted)
        left = f"还有 {yuan(view.refundable_fen)} 没有退还。" if view.refundable_fen else "已全部退还。"
        return Done(f"{PATH}/{view.id}", f"已登记退还凭证 {form.document_no}，{left}")

    return await _answer(request, loss_id, _refund_sheet, RefundForm, act)


async def _draw(request: Request, loss_id: str, sheet_of: SheetOf) -> HTTPResponse:
    return await draw_form(request, sheet_of(await loss_view(actor_of(request), loss_id)))


async def _answer(request: Request, loss_id: str, sheet_of: SheetOf, type_: type[T], act: Act[T]) -> HTTPResponse:
    return await answer_form(request, sheet_of(await loss_view(actor_of(request), loss_id)), type_, act)


def _decision_sheet(view: LossView) -> FormPage:
    return _sheet(
        view,
        "认定责任",
        "decision",
        "写明责任和处理意见；借用单位只按这里记录的决定赔偿。",
        (
            Field(name="decision", label="认定意见", kind="textarea", maxlength=500),
            Field(
                name="amount", label="赔偿金额", suffix="元", short=True, inputmode="decimal", help="不需赔偿的填 0。"
            ),
        ),
    )


def _payment_sheet(view: LossView) -> FormPage:
    return _sheet(
        view,
        "登记赔偿收据",
        "payments",
        f"还应赔偿 {yuan(view.left_fen)}；分几次缴的，一张收据登记一次，精确到分。",
        (
            Field(name="receipt_no", label="收据号", maxlength=64),
            Field(name="paid_on", label="缴款日期", kind="date", value=present_day().isoformat()),
            Field(
                name="amount",
                label="金额",
                suffix="元",
                short=True,
                inputmode="decimal",
                value=format_yuan(view.left_fen),
            ),
        ),
    )


def _refund_sheet(view: LossView) -> FormPage:
    return _sheet(
        view,
        "退还赔偿",
        "refunds",
        f"东西已经找回，还能退还 {yuan(view.refundable_fen)}；分几次退的，一张凭证登记一次，精确到分。",
        (
            Field(name="document_no", label="凭证号", maxlength=64),
            Field(name="refunded_on", label="退还日期", kind="date", value=present_day().isoformat()),
            Field(
                name="amount",
                label="金额",
                suffix="元",
                short=True,
                inputmode="decimal",
                value=format_yuan(view.refundable_fen),
            ),
        ),
    )


def _waiver_sheet(view: LossView) -> FormPage:
    lead = f"还没付的 {yuan(view.left_fen)} 不再收取，原因记入档案。"
    return _sheet(
        view, "免除赔偿", "waiver", lead, (Field(name="reason", label="免除原因", kind="textarea", maxlength=500),)
    )


def _write_off_sheet(view: LossView) -> FormPage:
    lead = "由主管部门（达到规定原值的）和财政部门审批，通过后这张卡片销账。"
    return _sheet(
        view, "申请核销", "write-off", lead, (Field(name="reason", label="核销原因", kind="textarea", maxlength=200),)
    )


def _finding_sheet(view: LossView) -> FormPage:
    conditions = tuple(Option(value, name) for value, name in CONDITION_NAMES.items())
    return _sheet(
        view,
        "登记找回",
        "finding",
        "东西回到原处，可以再借；正在审批的核销随之撤回。",
        (
            Field(name="condition", label="找回时的成色", kind="radio", options=conditions, value="good"),
            Field(name="note", label="说明", kind="textarea", maxlength=500, required=False),
        ),
    )


def _sheet(view: LossView, title: str, act: str, lead: str, fields: tuple[Field, ...]) -> FormPage:
    return FormPage(
        title=f"{view.number} {title}",
        lead=lead,
        action=f"{PATH}/{view.id}/{act}",
        fields=fields,
        submit=title,
        back=Link("返回", f"{PATH}/{view.id}"),
        facts=loss_facts(view),
        crumbs=(Link(TITLE, PATH), Link(view.number, f"{PATH}/{view.id}"), Link(title)),
    )
