"""Lost and damaged things: reporting, deciding who answers, receipts, writing off, finding again."""

from datetime import date
from typing import Annotated

import msgspec
from sanic import Request

from miniapp_api.api import api
from miniapp_api.bodies import Key, Paging, Reason, RequiredText, Text
from server.circulation.losses.commands import (
    ask_write_off,
    decide_loss,
    record_payment,
    refund_loss,
    report_found,
    report_loss,
    waive_loss,
)
from server.circulation.losses.queries import list_losses, loss_view
from server.circulation.losses.types import (
    AskWriteOff,
    Condition,
    DecideLoss,
    LossRow,
    LossView,
    RecordPayment,
    RefundLoss,
    ReportFound,
    ReportLoss,
    WaiveLoss,
)
from server.kernel.paging import Page
from server.web.sessions import actor_of

TAG = "遗失与赔偿"
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**10)]


class LossQuery(Paging, frozen=True, kw_only=True):
    """All cases within sight, or those of one state."""

    state: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class LossBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which thing of the loan is lost, and how."""

    asset_id: Key
    explanation: RequiredText
    picture_id: Key | None = None


class LossDecisionBody(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers, and what is to be paid, in fen."""

    decision: RequiredText
    amount_fen: Fen


class PaymentBody(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt."""

    receipt_no: Key
    paid_on: date
    amount_fen: Annotated[int, msgspec.Meta(ge=1, le=10**10)]


class RefundBody(msgspec.Struct, frozen=True, kw_only=True):
    """One repayment."""

    document_no: Key
    refunded_on: date
    amount_fen: Annotated[int, msgspec.Meta(ge=1, le=10**10)]


class FindingBody(msgspec.Struct, frozen=True, kw_only=True):
    """In which condition it came back."""

    condition: Condition
    note: Text = ""


@api.get("/losses", answer=Page[LossRow], query=LossQuery, summary="遗失与赔偿列表", tag=TAG)
async def get_losses(request: Request, query: LossQuery) -> Page[LossRow]:
    return await list_losses(actor_of(request), query.state, query.cursor)


@api.get("/losses/<loss_id>", answer=LossView, summary="遗失与赔偿详情", tag=TAG)
async def get_loss(request: Request, loss_id: str) -> LossView:
    return await loss_view(actor_of(request), loss_id)


@api.write(
    "POST", "/borrowings/<borrowing_id>/loss", body=LossBody, answer=LossView, summary="报遗失", tag=TAG, status=201
)
async def post_loss(request: Request, borrowing_id: str, body: LossBody) -> LossView:
    wanted = ReportLoss(borrowing_id=borrowing_id, **msgspec.structs.asdict(body))
    return await report_loss(actor_of(request), wanted)


@api.write(
    "POST",
    "/losses/<loss_id>/decision",
    body=LossDecisionBody,
    answer=LossView,
    summary="认定责任",
    tag=TAG,
    status=201,
)
async def post_loss_decision(request: Request, loss_id: str, body: LossDecisionBody) -> LossView:
    wanted = DecideLoss(loss_id=loss_id, decision=body.decision, amount_fen=body.amount_fen)
    return await decide_loss(actor_of(request), wanted)


@api.write(
    "POST", "/losses/<loss_id>/payments", body=PaymentBody, answer=LossView, summary="登记赔偿收据", tag=TAG, status=201
)
async def post_loss_payment(request: Request, loss_id: str, body: PaymentBody) -> LossView:
    return await record_payment(actor_of(request), RecordPayment(loss_id=loss_id, **msgspec.structs.asdict(body)))


@api.write("POST", "/losses/<loss_id>/waiver", body=Reason, answer=LossView, summary="免除赔偿", tag=TAG, status=201)
async def post_loss_waiver(request: Request, loss_id: str, body: Reason) -> LossView:
    return await waive_loss(actor_of(request), WaiveLoss(loss_id=loss_id, reason=body.reason))


@api.write("POST", "/losses/<loss_id>/write-off", body=Reason, answer=LossView, summary="申请核销", tag=TAG, status=201)
async def post_write_off(request: Request, loss_id: str, body: Reason) -> LossView:
    return await ask_write_off(actor_of(request), AskWriteOff(loss_id=loss_id, reason=body.reason))


@api.write(
    "POST", "/losses/<loss_id>/finding", body=FindingBody, answer=LossView, summary="登记找回", tag=TAG, status=201
)
async def post_finding(request: Request, loss_id: str, body: FindingBody) -> LossView:
    return await report_found(actor_of(request), ReportFound(loss_id=loss_id, condition=body.condition, note=body.note))


@api.write(
    "POST", "/losses/<loss_id>/refunds", body=RefundBody, answer=LossView, summary="退还赔偿", tag=TAG, status=201
)
async def post_loss_refund(request: Request, loss_id: str, body: RefundBody) -> LossView:
    return await refund_loss(actor_of(request), RefundLoss(loss_id=loss_id, **msgspec.structs.asdict(body)))
