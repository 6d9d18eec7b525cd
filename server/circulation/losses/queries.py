"""Cases of lost and damaged things: the list with its counts, and one in full."""

from typing import Any

from server.approvals.queries import chain_view
from server.circulation.access import is_at_desk, is_judge
from server.circulation.losses.access import SUBJECT, is_holder, visible_clause
from server.circulation.losses.money import kept_fen, lapsed_fen, left_fen
from server.circulation.losses.states import FINDABLE, KIND_NAMES, LOSS_STATE_NAMES, STEP_NAMES, LossState
from server.circulation.losses.types import LossPaymentView, LossRefundView, LossRow, LossStepView, LossView
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput, NotFound
from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading
from server.kernel.storage.database import Row

_FROM = "FROM loss_case k JOIN borrowing b ON b.id = k.borrowing_id"


async def list_losses(
    actor: Actor, state: str | None = None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[LossRow]:
    """Cases within the actor's sight, the latest first. `state`: one state, or None for all.

    Raises InvalidInput for an unknown `state` and a made-up cursor.
    """
    if state is not None and state not in LOSS_STATE_NAMES:
        raise InvalidInput(fields=[FieldError("state", "input.not_a_choice")])
    position = decode_cursor(cursor, str)
    async with reading() as db:
        clause, values = await visible_clause(db, actor)
        narrowed = "" if state is None else " AND k.state = ?"
        after = "" if position is None else " AND k.id < ?"
        rows = await db.fetch_all(
            f"SELECT k.* {_FROM} WHERE {clause}{narrowed}{after} ORDER BY k.id DESC LIMIT ?",
            *values,
            *((state,) if state is not None else ()),
            *(position or ()),
            size + 1,
        )
    return page_of([_row(row) for row in rows], size, lambda row: encode_cursor(row.id))


async def count_losses(actor: Actor) -> dict[str, int]:
    """How many cases within the actor's sight are in each state; states of which there are none are left out."""
    async with reading() as db:
        clause, values = await visible_clause(db, actor)
        rows = await db.fetch_all(f"SELECT k.state, COUNT(*) AS cases {_FROM} WHERE {clause} GROUP BY k.state", *values)
    return {row["state"]: row["cases"] for row in rows}


async def loss_view(actor: Actor, loss_id: str) -> LossView:
    """A case within the actor's sight, by its own id or that of its application to write off; raises NotFound
    `loss.not_found` for any other."""
    async with reading() as db:
        return await read_loss(db, actor, loss_id)


async def read_loss(rows: RowSource, actor: Actor, loss_id: str) -> LossView:
    """The same from a read session or an open unit of work."""
    clause, values = await visible_clause(rows, actor)
    row = await rows.fetch_one(
        f"SELECT k.*, b.number AS borrowing_number, b.place_path {_FROM} WHERE (k.id = ? OR k.write_off_id = ?)"
        f" AND {clause}",
        loss_id,
        loss_id,
        *values,
    )
    if row is None:
        raise NotFound("loss.not_found")
    payments = await rows.fetch_all("SELECT * FROM loss_payment WHERE case_id = ? ORDER BY id", row["id"])
    refunds = await rows.fetch_all("SELECT * FROM loss_refund WHERE case_id = ? ORDER BY id", row["id"])
    steps = await rows.fetch_all("SELECT * FROM loss_step WHERE case_id = ? ORDER BY id", row["id"])
    chain = None if row["write_off_id"] is None else await chain_view(rows, SUBJECT, row["write_off_id"])
    is_desk = await is_at_desk(rows, actor, row["holder_unit_path"], row["place_path"])
    plain = {name: row[name] for name in _PLAIN}
    return LossView(
        **plain,
        kind_name=KIND_NAMES[row["kind"]],
        state_name=LOSS_STATE_NAMES[row["state"]],
        reported_at=from_microseconds(row["reported_at"]),
        decided_at=None if row["decided_at"] is None else from_microseconds(row["decided_at"]),
        due_on=None if row["due_on"] is None else from_day_number(row["due_on"]),
        amount_fen=None if row["decided_at"] is None else row["amount_fen"],
        left_fen=left_fen(row),
        lapsed_fen=lapsed_fen(row),
        refundable_fen=_refundable(row),
        payments=[_payment(each) for each in payments],
        refunds=[_refund(each) for each in refunds],
        chain=chain,
        steps=[_step(each) for each in steps],
        **_abilities(actor, row, is_desk=is_desk),
    )


_PLAIN = (
    "id",
    "number",
    "kind",
    "state",
    "borrowing_id",
    "borrowing_number",
    "asset_id",
    "asset_code",
    "asset_name",
    "value_fen",
    "borrower_unit_name",
    "holder_unit_name",
    "reported_by_name",
    "explanation",
    "picture_id",
    "decided_by_name",
    "decision",
    "paid_fen",
    "waived_fen",
    "waived_reason",
    "refunded_fen",
)


def _abilities(actor: Actor, row: Row, *, is_desk: bool) -> dict[str, Any]:
    state = row["state"]
    is_manager = is_holder(actor, row["holder_unit_path"])
    may_judge = is_judge(actor, row["holder_unit_path"])
    is_other = actor.person_id is not None and actor.person_id != row["reported_by"]
    is_lost = row["kind"] == "loss"
    return {
        "can_decide": may_judge and is_other and state == LossState.REPORTED,
        "can_pay": is_manager and state == LossState.DECIDED,
        "can_waive": may_judge and is_other and state == LossState.DECIDED,
        "can_write_off": is_manager and is_lost and state == LossState.SETTLED,
        "can_report_found": is_desk and is_lost and state in FINDABLE,
        "can_refund": is_manager and _refundable(row) > 0,
    }


def _refundable(row: Row) -> int:
    return kept_fen(row) if row["state"] == LossState.FOUND else 0


def _payment(row: Row) -> LossPaymentView:
    return LossPaymentView(
        receipt_no=row["receipt_no"],
        paid_on=from_day_number(row["paid_on"]),
        amount_fen=row["amount_fen"],
        recorded_by_name=row["recorded_by_name"],
    )


def _refund(row: Row) -> LossRefundView:
    return LossRefundView(
        document_no=row["document_no"],
        refunded_on=from_day_number(row["refunded_on"]),
        amount_fen=row["amount_fen"],
        recorded_by_name=row["recorded_by_name"],
    )


def _step(row: Row) -> LossStepView:
    return LossStepView(
        kind=row["kind"],
        name=STEP_NAMES[row["kind"]],
        at=from_microseconds(row["at"]),
        actor_name=row["actor_name"],
        note=row["note"],
    )


def _row(row: Row) -> LossRow:
    return LossRow(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        kind_name=KIND_NAMES[row["kind"]],
        state=row["state"],
        state_name=LOSS_STATE_NAMES[row["state"]],
        asset_code=row["asset_code"],
        asset_name=row["asset_name"],
        borrower_unit_name=row["borrower_unit_name"],
        holder_unit_name=row["holder_unit_name"],
        reported_at=from_microseconds(row["reported_at"]),
        amount_fen=row["amount_fen"],
        left_fen=left_fen(row),
    )
