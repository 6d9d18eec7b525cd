"""A purchase need that was sent back: corrected by its applicant, and sent again."""

from server.approvals.rounds import lock_returned, restart_chain
from server.approvals.types import Change, Restart
from server.identity.ops import unit_facts
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.money import format_yuan
from server.kernel.unit_of_work import UnitOfWork
from server.policies.queries import policy_by_id
from server.procurement.access import SUBJECT, find_need_for_work, get_need_for_work
from server.procurement.commands.submission import require_fresh_proof, title_of
from server.procurement.models import PurchaseNeed
from server.procurement.progress import change
from server.procurement.queries.needs import read_need
from server.procurement.queries.proofs import read_proof
from server.procurement.rules import plan, procurement_policy
from server.procurement.states import NeedState, Refusal
from server.procurement.types import CorrectNeed, NeedView

_LONGEST = 500
_SHORTEST = 2


@command("need.correct")
async def correct_need(uow: UnitOfWork, actor: Actor, request: CorrectNeed) -> NeedView:
    """Send again what was sent back: fewer pieces, less money, another day or purpose. What is to be bought stays what
    was searched for and proven; something else is another need. For the applicant alone.

    Raises InvalidInput naming the field; NotFound `need.not_found`; Forbidden `role.required`,
    `approval.not_applicant`; StateConflict `approval.not_returned`, `need.proof_stale`, `need.quantity_proven`,
    `approval.no_finance_authority`.
    """
    checks = Checks()
    purpose = checks.text("purpose", request.purpose, longest=_LONGEST, shortest=_SHORTEST)
    note = checks.text("note", request.note, longest=_LONGEST, shortest=0)
    checks.finish()
    await find_need_for_work(uow, actor, request.need_id)
    chain = await lock_returned(uow, actor, SUBJECT, request.need_id)
    need = await get_need_for_work(uow, actor, request.need_id, NeedState.SUBMITTED)
    await _check(uow, need, request)
    changes = _changes(need, request, purpose, note)
    await change(
        uow,
        need,
        purpose=purpose,
        quantity=request.quantity,
        budget_fen=request.budget_fen,
        needed_by=request.needed_by,
        is_returned=False,
    )
    policy = await policy_by_id(uow, chain.policy_version_id)
    unit = await unit_facts(uow, need.unit_id)
    steps = await plan(uow, procurement_policy(policy), unit, need.budget_fen)
    await restart_chain(uow, chain, Restart(title=title_of(need), steps=steps, changes=changes))
    await uow.record(
        "need.correct",
        SUBJECT,
        need.id,
        document_no=need.number,
        fields=[each.name for each in changes],
        quantity=need.quantity,
        budget_fen=need.budget_fen,
    )
    return await read_need(uow, actor, need.id)


async def _check(uow: UnitOfWork, need: PurchaseNeed, request: CorrectNeed) -> None:
    checks, day = Checks(), await today(uow)
    if not 1 <= request.quantity <= need.quantity:
        checks.fault("quantity", "need.only_fewer", limit=need.quantity)
    if not 1 <= request.budget_fen <= need.budget_fen:
        checks.fault("budget_fen", "need.only_less", limit=format_yuan(need.budget_fen))
    if request.needed_by < day:
        checks.fault("needed_by", "need.needed_in_past")
    checks.finish()
    if need.exemption is None:
        await require_fresh_proof(uow, need, day)
    if request.quantity < need.quantity and need.proof_id is not None:
        await _require_other_reasons(uow, need.proof_id)


async def _require_other_reasons(uow: UnitOfWork, proof_id: str) -> None:
    """What was not enough for twenty may be enough for five: then it has to be searched for again."""
    proof = await read_proof(uow, proof_id)
    if any(each.reason == Refusal.QUANTITY for each in proof.document.hits):
        raise StateConflict("need.quantity_proven")


def _changes(need: PurchaseNeed, request: CorrectNeed, purpose: str, note: str) -> list[Change]:
    pairs = (
        ("数量", f"{need.quantity} 件", f"{request.quantity} 件"),
        ("预算合计", f"{format_yuan(need.budget_fen)} 元", f"{format_yuan(request.budget_fen)} 元"),
        ("最晚要用", need.needed_by.isoformat(), request.needed_by.isoformat()),
        ("用途", need.purpose, purpose),
        ("补充说明", "", note),
    )
    return [Change(name=name, before=before, after=after) for name, before, after in pairs if before != after]
