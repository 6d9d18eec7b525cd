"""What is asked about lost and damaged things, and what a case shows. Money is integer fen, days Asia/Shanghai days."""

from datetime import date, datetime
from typing import Literal

import msgspec

from server.approvals.types import ChainView

LossKind = Literal["loss", "damage"]
Condition = Literal["new", "good", "usable", "damaged"]


class ReportLoss(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of a loan that is out is lost: how, and a picture where there is one (a report, the place)."""

    borrowing_id: str
    asset_id: str
    explanation: str
    picture_id: str | None = None


class DecideLoss(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a loss, and what the borrower's unit pays (0: nothing)."""

    loss_id: str
    decision: str
    amount_fen: int


class RecordPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A compensation, or a part of it, was paid: by which receipt, on which day."""

    loss_id: str
    receipt_no: str
    paid_on: date
    amount_fen: int


class RefundLoss(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid for a thing that was found again, or a part of it, was paid back: by which document, on which
    day."""

    loss_id: str
    document_no: str
    refunded_on: date
    amount_fen: int


class WaiveLoss(msgspec.Struct, frozen=True, kw_only=True):
    """What is not paid yet is not asked for any more, and why."""

    loss_id: str
    reason: str


class AskWriteOff(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for leave to write a lost thing off."""

    loss_id: str
    reason: str


class ReportFound(msgspec.Struct, frozen=True, kw_only=True):
    """A lost thing is back at the desk, in which condition."""

    loss_id: str
    condition: Condition
    note: str = ""


class LossRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case in a list. `left_fen`: decided and neither paid nor waived; nothing once the thing is found."""

    id: str
    number: str
    kind: LossKind
    kind_name: str
    state: str
    state_name: str
    asset_code: str
    asset_name: str
    borrower_unit_name: str
    holder_unit_name: str
    reported_at: datetime
    amount_fen: int
    left_fen: int


class LossPaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """One payment."""

    receipt_no: str
    paid_on: date
    amount_fen: int
    recorded_by_name: str


class LossRefundView(msgspec.Struct, frozen=True, kw_only=True):
    """One repayment."""

    document_no: str
    refunded_on: date
    amount_fen: int
    recorded_by_name: str


class LossStepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a case."""

    kind: str
    name: str
    at: datetime
    actor_name: str
    note: str


class LossView(msgspec.Struct, frozen=True, kw_only=True):
    """A case in full, and what the viewer may do with it now. `amount_fen`: None until it is decided; `chain`: of the
    latest application to write off. `lapsed_fen`: what was owed when the thing was found, and is so no more;
    `refundable_fen`: what was paid for a found thing and not paid back."""

    id: str
    number: str
    kind: LossKind
    kind_name: str
    state: str
    state_name: str
    borrowing_id: str
    borrowing_number: str
    asset_id: str
    asset_code: str
    asset_name: str
    value_fen: int
    borrower_unit_name: str
    holder_unit_name: str
    reported_by_name: str
    reported_at: datetime
    explanation: str
    picture_id: str | None
    decided_by_name: str
    decided_at: datetime | None
    decision: str
    amount_fen: int | None
    due_on: date | None
    paid_fen: int
    waived_fen: int
    waived_reason: str
    left_fen: int
    lapsed_fen: int
    refunded_fen: int
    refundable_fen: int
    payments: list[LossPaymentView]
    refunds: list[LossRefundView]
    chain: ChainView | None
    steps: list[LossStepView]
    can_decide: bool = False
    can_pay: bool = False
    can_waive: bool = False
    can_write_off: bool = False
    can_report_found: bool = False
    can_refund: bool = False
