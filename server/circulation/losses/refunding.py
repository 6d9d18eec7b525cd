"""Paying back what was paid for a lost thing that was found again."""

from datetime import date

from tortoise.exceptions import IntegrityError

from server.circulation.checks import fault
from server.circulation.losses.access import get_case_for_holder
from server.circulation.losses.compensation import LONGEST_RECEIPT, check_amount
from server.circulation.losses.models import LossCase, LossRefund
from server.circulation.losses.progress import add_step, change, tell_both
from server.circulation.losses.queries import read_loss
from server.circulation.losses.states import LossState
from server.circulation.losses.types import LossView, RefundLoss
from server.identity.access import require_person
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.ids import new_id
from server.kernel.instants import shanghai_day
from server.kernel.money import format_yuan
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork


@command("loss.refund")
async def refund_loss(uow: UnitOfWork, actor: Actor, request: RefundLoss) -> LossView:
    """Record by its document that what was paid for a found thing, or a part of it, was paid back.

    For whoever records the receipts: the holder's asset manager or operations. Raises InvalidInput
    (`loss.over_refunded`, `loss.refunded_in_future`, `loss.refunded_before_found`); NotFound `loss.not_found`;
    Forbidden `role.required`; StateConflict `loss.wrong_state`, `loss.nothing_to_refund`, `loss.refund_twice`.
    """
    document_no = _checked(request)
    person_id = require_person(actor)
    case = await get_case_for_holder(uow, actor, request.loss_id, LossState.FOUND)
    _check_left(case, request.amount_fen)
    _check_day(request.refunded_on, case, await today(uow))
    refund = LossRefund(
        id=new_id(),
        case_id=case.id,
        document_no=document_no,
        refunded_on=request.refunded_on,
        amount_fen=request.amount_fen,
        recorded_by=person_id,
        recorded_by_name=actor.person_name,
        recorded_at=await uow.now(),
    )
    await _add(uow, refund)
    # As with receipts: under the case's lock, and only where its version is the one that was read.
    await change(uow, case, refunded_fen=case.refunded_fen + request.amount_fen)
    said = f"{format_yuan(request.amount_fen)} 元，凭证 {document_no}"
    await add_step(uow, case, "refunded", said)
    body = f"{case.asset_name} {case.asset_code} 已找回，退还赔偿 {said}。"
    await tell_both(uow, case, f"{case.number} 退还赔偿", body, f"refunded.{refund.id}")
    await uow.record(
        "loss.refund",
        "loss",
        case.id,
        document_no=case.number,
        refund_no=document_no,
        amount_fen=request.amount_fen,
        day=request.refunded_on.isoformat(),
    )
    return await read_loss(uow, actor, case.id)


def _checked(request: RefundLoss) -> str:
    checks = Checks()
    document_no = checks.text("document_no", request.document_no, longest=LONGEST_RECEIPT)
    check_amount(checks, "amount_fen", request.amount_fen, least=1)
    checks.finish()
    return document_no


def _check_left(case: LossCase, amount_fen: int) -> None:
    """Never more than what was received and not paid back yet."""
    left = case.paid_fen - case.refunded_fen
    if not left:
        raise StateConflict("loss.nothing_to_refund")
    if amount_fen > left:
        raise fault("amount_fen", "loss.over_refunded", left=format_yuan(left))


def _check_day(refunded_on: date, case: LossCase, day: date) -> None:
    assert case.ended_at is not None
    found_on = shanghai_day(case.ended_at)
    if refunded_on > day:
        raise fault("refunded_on", "loss.refunded_in_future")
    if refunded_on < found_on:
        raise fault("refunded_on", "loss.refunded_before_found", found_on=found_on.isoformat())


async def _add(uow: UnitOfWork, refund: LossRefund) -> None:
    try:
        await uow.add(refund)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("loss.refund_twice", document_no=refund.document_no) from error
        raise
