"""Who answers for a loss, what is paid for it by which receipt, and what is not asked for any more."""

from datetime import date, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from server.circulation.checks import LONGEST_TEXT, fault
from server.circulation.losses.access import get_case_for_holder, get_case_for_judging
from server.circulation.losses.models import LossCase, LossPayment
from server.circulation.losses.progress import add_step, advance, change, lock_loan, open_case, tell_both
from server.circulation.losses.queries import read_loss
from server.circulation.losses.states import LossState
from server.circulation.losses.types import DecideLoss, LossView, RecordPayment, WaiveLoss
from server.circulation.models import Borrowing, BorrowingLine
from server.circulation.progress import add_event, settle
from server.circulation.rules import borrowing_rules
from server.identity.access import require_person
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import Forbidden, StateConflict
from server.kernel.instants import shanghai_day
from server.kernel.money import format_yuan
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

# A hundred million yuan: more than anything in a warehouse.
MOST_FEN = 10**10
LONGEST_RECEIPT = 64


@command("loss.decide")
async def decide_loss(uow: UnitOfWork, actor: Actor, request: DecideLoss) -> LossView:
    """Decide who answers for a lost thing, and what the borrower's unit pays: nothing, or an amount until a day. The
    loan need not wait for the money.

    For the holder's asset manager, operations or the department above, never whoever reported it. Raises InvalidInput;
    NotFound `loss.not_found`; Forbidden `role.required`, `loss.own_report`; StateConflict `loss.wrong_state`.
    """
    checks = Checks()
    decision = checks.text("decision", request.decision, longest=LONGEST_TEXT)
    check_amount(checks, "amount_fen", request.amount_fen)
    checks.finish()
    case = await get_case_for_judging(uow, actor, request.loss_id, LossState.REPORTED)
    borrowing, line = await lock_loan(uow, case)
    await uow.change_one(
        BorrowingLine,
        {"id": line.id, "loss_decided_at": None, "found_at": None},
        otherwise=StateConflict("record.changed"),
        loss_decided_at=await uow.now(),
    )
    said = f"{case.asset_name} {case.asset_code}：{decision}，{amount_words(request.amount_fen)}"
    await add_event(uow, borrowing.id, "loss_decided", said[:LONGEST_TEXT])
    await settle(uow, borrowing, note=f"{case.asset_code} 责任已认定")
    await _decided(uow, case, decision, request.amount_fen)
    await uow.record(
        "loss.decide",
        "loss",
        case.id,
        document_no=case.number,
        asset_code=case.asset_code,
        decision=decision,
        amount_fen=request.amount_fen,
    )
    return await read_loss(uow, actor, case.id)


async def _decided(uow: UnitOfWork, case: LossCase, decision: str, amount_fen: int) -> None:
    state = LossState.DECIDED if amount_fen else LossState.SETTLED
    await advance(uow, case, state, **await _terms(uow, case.holder_unit_id, decision, amount_fen))
    await add_step(uow, case, LossState.DECIDED, f"{decision}，{amount_words(amount_fen)}")
    await _tell(uow, case, decision, amount_fen)


async def claim_damage(
    uow: UnitOfWork, borrowing: Borrowing, line: BorrowingLine, decision: str, amount_fen: int
) -> LossCase:
    """The case of a damaged thing for which the borrower's unit pays: decided as it is opened, by somebody else than
    whoever found the damage (Forbidden `loss.own_report`). Takes a number, so nothing is locked after it."""
    person_id = require_person(uow.actor)
    assert line.inspected_at is not None
    if line.inspected_by == person_id:
        raise Forbidden("loss.own_report")
    inspector = await uow.fetch_one("SELECT name FROM person WHERE id = ?", line.inspected_by)
    case = await open_case(
        uow,
        borrowing,
        line,
        "damage",
        state=LossState.DECIDED.value,
        reported_by=line.inspected_by,
        reported_by_name="" if inspector is None else inspector["name"],
        reported_at=line.inspected_at,
        explanation=line.inspection_note or "",
        picture_id=line.inspection_picture_id,
        **await _terms(uow, borrowing.holder_unit_id, decision, amount_fen),
    )
    await add_step(uow, case, LossState.DECIDED, f"{decision}，{amount_words(amount_fen)}")
    await _tell(uow, case, decision, amount_fen)
    return case


async def _terms(uow: UnitOfWork, holder_unit_id: str, decision: str, amount_fen: int) -> dict[str, Any]:
    """What a decision writes: by whom, how much, and until when by the policy."""
    holder = await unit_facts(uow, holder_unit_id)
    days = (await borrowing_rules(uow, holder.region_path)).content.compensation_days
    return {
        "decided_by": uow.actor.person_id,
        "decided_by_name": uow.actor.person_name,
        "decided_at": await uow.now(),
        "decision": decision,
        "amount_fen": amount_fen,
        "due_on": await today(uow) + timedelta(days=days) if amount_fen else None,
    }


async def _tell(uow: UnitOfWork, case: LossCase, decision: str, amount_fen: int) -> None:
    body = f"{case.asset_name} {case.asset_code}：{decision}，{amount_words(amount_fen)}。"
    await tell_both(uow, case, f"{case.number} 责任已认定", body, "decided")


@command("loss.pay")
async def record_payment(uow: UnitOfWork, actor: Actor, request: RecordPayment) -> LossView:
    """Record a payment by its receipt. Parts are summed to the fen; with the last of them the compensation is settled.

    For the holder's asset manager or operations. Raises InvalidInput (`loss.overpaid`, `loss.paid_in_future`,
    `loss.paid_before_decision`); NotFound `loss.not_found`; Forbidden `role.required`; StateConflict
    `loss.wrong_state`, `loss.receipt_twice`.
    """
    checks = Checks()
    receipt_no = checks.text("receipt_no", request.receipt_no, longest=LONGEST_RECEIPT)
    check_amount(checks, "amount_fen", request.amount_fen, least=1)
    checks.finish()
    person_id = require_person(actor)
    case = await get_case_for_holder(uow, actor, request.loss_id, LossState.DECIDED)
    left = case.amount_fen - case.paid_fen
    if request.amount_fen > left:
        raise fault("amount_fen", "loss.overpaid", left=format_yuan(left))
    _check_day(request.paid_on, case, await today(uow))
    payment = LossPayment(
        case_id=case.id,
        receipt_no=receipt_no,
        paid_on=request.paid_on,
        amount_fen=request.amount_fen,
        recorded_by=person_id,
        recorded_by_name=actor.person_name,
        recorded_at=await uow.now(),
    )
    try:
        await uow.add(payment)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("loss.receipt_twice", receipt_no=receipt_no) from error
        raise
    # Under the case's lock, and only where its version is the one that was read: no payment is lost or counted twice.
    await change(uow, case, paid_fen=case.paid_fen + request.amount_fen)
    await add_step(uow, case, "paid", f"{format_yuan(request.amount_fen)} 元，收据 {receipt_no}")
    if request.amount_fen == left:
        await _settled(uow, case, "全部付清")
    await uow.record(
        "loss.pay",
        "loss",
        case.id,
        document_no=case.number,
        receipt_no=receipt_no,
        amount_fen=request.amount_fen,
        day=request.paid_on.isoformat(),
    )
    return await read_loss(uow, actor, case.id)


@command("loss.waive")
async def waive_loss(uow: UnitOfWork, actor: Actor, request: WaiveLoss) -> LossView:
    """Ask for no more than was paid, and say why.

    For the holder's asset manager, operations or the department above, never whoever reported it. Raises InvalidInput;
    NotFound `loss.not_found`; Forbidden `role.required`, `loss.own_report`; StateConflict `loss.wrong_state`.
    """
    checks = Checks()
    reason = checks.text("reason", request.reason, longest=LONGEST_TEXT)
    checks.finish()
    case = await get_case_for_judging(uow, actor, request.loss_id, LossState.DECIDED)
    left = case.amount_fen - case.paid_fen
    await change(uow, case, waived_fen=left, waived_reason=reason)
    await add_step(uow, case, "waived", f"{format_yuan(left)} 元：{reason}")
    await _settled(uow, case, "余款免除")
    await uow.record("loss.waive", "loss", case.id, document_no=case.number, amount_fen=left, reason=reason)
    return await read_loss(uow, actor, case.id)


async def _settled(uow: UnitOfWork, case: LossCase, note: str) -> None:
    ended = {"ended_at": await uow.now()} if case.kind == "damage" else {}
    await advance(uow, case, LossState.SETTLED, **ended)
    await add_step(uow, case, LossState.SETTLED, note)
    await tell_both(uow, case, f"{case.number} 赔偿已了结", f"{case.asset_name} {case.asset_code}，{note}。", "settled")


def _check_day(paid_on: date, case: LossCase, day: date) -> None:
    assert case.decided_at is not None
    decided_on = shanghai_day(case.decided_at)
    if paid_on > day:
        raise fault("paid_on", "loss.paid_in_future")
    if paid_on < decided_on:
        raise fault("paid_on", "loss.paid_before_decision", decided_on=decided_on.isoformat())


def check_amount(checks: Checks, field: str, amount_fen: int, *, least: int = 0) -> None:
    """Note an amount that cannot be."""
    if amount_fen < least:
        checks.fault(field, "input.too_small", limit=least)
    if amount_fen > MOST_FEN:
        checks.fault(field, "input.too_large", limit=MOST_FEN)


def amount_words(amount_fen: int) -> str:
    """What is to be paid, in words."""
    return f"赔偿 {format_yuan(amount_fen)} 元" if amount_fen else "不需赔偿"
