"""Asking for leave to buy: not before it is proven that nothing idle would do, where that must be proven."""

from datetime import date

from server.approvals.ops import open_chain
from server.approvals.types import OpenChain
from server.identity.ops import unit_facts
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import from_day_number
from server.kernel.unit_of_work import UnitOfWork
from server.policies.queries import policy_for
from server.procurement.access import SUBJECT, get_need_for_work
from server.procurement.models import PurchaseNeed
from server.procurement.progress import advance
from server.procurement.queries.needs import read_need
from server.procurement.rules import NeedBasis, exemption_of, plan, procurement_policy
from server.procurement.states import NeedState
from server.procurement.types import NeedView


@command("need.submit")
async def submit_need(uow: UnitOfWork, actor: Actor, need_id: str) -> NeedView:
    """Ask those who must agree.

    Raises NotFound `need.not_found`; Forbidden `role.required`; StateConflict `need.wrong_state`, `need.proof_missing`,
    `need.proof_stale` (with `valid_until`), `approval.no_finance_authority`.
    """
    need = await get_need_for_work(uow, actor, need_id, NeedState.DRAFT)
    unit = await unit_facts(uow, need.unit_id)
    day = await today(uow)
    basis = NeedBasis(need.category_code, need.quantity, need.budget_fen, need.is_emergency)
    exemption = await exemption_of(uow, basis, unit, day)
    if exemption is None:
        await require_fresh_proof(uow, need, day)
    policy = await policy_for(uow, "procurement", unit.region_path, await uow.now())
    steps = await plan(uow, procurement_policy(policy), unit, need.budget_fen)
    await advance(
        uow,
        need,
        NeedState.SUBMITTED,
        submitted_at=await uow.now(),
        exemption=None if exemption is None else exemption.value,
        policy_version_id=policy.id,
    )
    await open_chain(
        uow,
        OpenChain(
            subject_kind=SUBJECT,
            subject_id=need.id,
            title=title_of(need),
            applicant_id=need.applicant_id,
            applicant_name=need.applicant_name,
            applicant_unit=unit,
            policy_version_id=policy.id,
            steps=steps,
        ),
    )
    number = f"{unit.short_name}购需〔{day.year}〕{await uow.next_number(f'purchase_need:{unit.id}:{day.year}')}号"
    await uow.change(PurchaseNeed, {"id": need.id}, number=number)
    await uow.record(
        "need.submit", SUBJECT, need.id, document_no=number, proof_id=need.proof_id, exemption=need.exemption
    )
    return await read_need(uow, actor, need.id)


def title_of(need: PurchaseNeed) -> str:
    """What a need is called among the approvals."""
    return f"购置 {need.item} {need.quantity} 件"


async def require_fresh_proof(rows: RowSource, need: PurchaseNeed, day: date) -> None:
    """Raise StateConflict `need.proof_missing` or `need.proof_stale` unless the need's latest proof counts on `day`."""
    found = None
    if need.proof_id is not None:
        found = await rows.fetch_one("SELECT valid_until FROM idle_proof WHERE id = ?", need.proof_id)
    if found is None:
        raise StateConflict("need.proof_missing")
    valid_until = from_day_number(found["valid_until"])
    if valid_until < day:
        raise StateConflict("need.proof_stale", valid_until=valid_until.isoformat())
