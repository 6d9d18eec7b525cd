"""Cases of lost and damaged things, what was paid for them and paid back, and what happened, as they are stored."""

from datetime import date, datetime

from tortoise.fields import CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import DayField, FenField, InstantField, Record, id_field


class LossCase(Record):
    """One thing of a loan that was lost, or came back damaged and is to be paid for. `kind`: loss | damage; `state`:
    see losses.states. A line has one case of a kind.

    Money is integer fen: `paid_fen` is the sum of the payments, `waived_fen` what the decision said and nobody pays,
    `refunded_fen` the sum of what was paid back after the thing was found.
    """

    # 文号, gapless per holding unit and year.
    number = CharField(max_length=48)
    kind = CharField(max_length=8)
    borrowing_id = id_field(db_index=True)
    line_id = id_field()
    asset_id = id_field(db_index=True)
    asset_code = CharField(max_length=48)
    asset_name = CharField(max_length=160)
    value_fen = FenField()
    borrower_unit_id = id_field()
    borrower_unit_name = CharField(max_length=128)
    borrower_unit_path = CharField(max_length=255)
    holder_unit_id = id_field()
    holder_unit_name = CharField(max_length=128)
    holder_unit_path = CharField(max_length=255)
    reported_by = id_field()
    reported_by_name = CharField(max_length=64)
    reported_at: datetime = InstantField()  # type: ignore[assignment]
    explanation = CharField(max_length=500)
    picture_id = id_field(null=True)
    state = CharField(max_length=16)
    # The responsibility decision: the borrower's unit is charged only through it (rules: Damage).
    decided_by = id_field(null=True)
    decided_by_name = CharField(max_length=64, default="")
    decided_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    decision = CharField(max_length=500, default="")
    amount_fen = FenField(default=0)
    due_on: date | None = DayField(null=True)  # type: ignore[assignment]
    paid_fen = FenField(default=0)
    waived_fen = FenField(default=0)
    waived_reason = CharField(max_length=500, default="")
    refunded_fen = FenField(default=0)
    # The subject of the latest application to write the thing off: one that was refused is followed by another.
    write_off_id = id_field(null=True, unique=True)
    policy_version_id = id_field(null=True)
    ended_at: datetime | None = InstantField(null=True)  # type: ignore[assignment]
    version = IntField(default=1)

    class Meta:
        table = "loss_case"
        unique_together = (("line_id", "kind"),)
        indexes = (
            Index(fields=("holder_unit_path", "state", "id")),
            Index(fields=("borrower_unit_path", "state", "id")),
        )


class LossPayment(Record):
    """One payment of a compensation as its receipt says. Never changed."""

    case_id = id_field()
    receipt_no = CharField(max_length=64)
    paid_on: date = DayField()  # type: ignore[assignment]
    amount_fen = FenField()
    recorded_by = id_field()
    recorded_by_name = CharField(max_length=64)
    recorded_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "loss_payment"
        unique_together = (("case_id", "receipt_no"),)


class LossRefund(Record):
    """One repayment of what was paid for a thing that was found again, as its document says. Never changed."""

    case_id = id_field()
    document_no = CharField(max_length=64)
    refunded_on: date = DayField()  # type: ignore[assignment]
    amount_fen = FenField()
    recorded_by = id_field()
    recorded_by_name = CharField(max_length=64)
    recorded_at: datetime = InstantField()  # type: ignore[assignment]

    class Meta:
        table = "loss_refund"
        unique_together = (("case_id", "document_no"),)


class LossStep(Record):
    """One step of a case: what, when, by whom. Never changed."""

    case_id = id_field(db_index=True)
    kind = CharField(max_length=20)
    at: datetime = InstantField()  # type: ignore[assignment]
    actor_id = id_field(null=True)
    actor_name = CharField(max_length=64)
    note = CharField(max_length=500)

    class Meta:
        table = "loss_step"
