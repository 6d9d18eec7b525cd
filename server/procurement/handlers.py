"""What the domains below tell procurement inside their own units of work: decisions, and people who hand over."""

from server.approvals.ops import hand_over_application, on_decided
from server.identity.ops import HeldItem, register_handover, register_holding
from server.identity.queries import names_of
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.errors import NotFound
from server.kernel.ids import new_id
from server.kernel.unit_of_work import UnitOfWork
from server.notices.ops import notify
from server.procurement.access import SUBJECT, require_state
from server.procurement.commands.submission import require_fresh_proof
from server.procurement.models import PurchaseNeed
from server.procurement.progress import advance, change
from server.procurement.states import NeedState


async def take_decision(uow: UnitOfWork, actor: Actor, need_id: str, outcome: str, opinion: str) -> None:
    """A step of a need's approvals was decided. Nobody agrees to a need whose proof has run out meanwhile.

    Raises StateConflict `need.wrong_state`, `need.proof_missing`, `need.proof_stale`.
    """
    need = await uow.lock(PurchaseNeed, need_id)
    if need is None:
        raise NotFound("need.not_found")
    require_state(need, NeedState.SUBMITTED)
    if outcome not in {"rejected", "returned"} and need.exemption is None:
        await require_fresh_proof(uow, need, await today(uow))
    if outcome == "returned":
        await _send_back(uow, need, opinion)
    elif outcome == "approved":
        await advance(uow, need, NeedState.APPROVED, end_note=opinion or None, ended_at=await uow.now())
    elif outcome == "rejected":
        await advance(uow, need, NeedState.REJECTED, end_note=opinion, ended_at=await uow.now())


async def lock_version(uow: UnitOfWork, need_id: str) -> int:
    """The need, locked; its version."""
    need = await uow.lock(PurchaseNeed, need_id)
    if need is None:
        raise NotFound("need.not_found")
    return need.version


async def _send_back(uow: UnitOfWork, need: PurchaseNeed, opinion: str) -> None:
    """It waits for its applicant, as long as that takes: a need holds nothing that others wait for."""
    await change(uow, need, is_returned=True)
    body = f"{need.number} {need.item}：{opinion}。请修改后重新提交。"
    await notify(uow, [need.applicant_id], "购置需求被退回修改", body, SUBJECT, need.id, f"sent_back:{new_id()}")


async def held_needs(uow: UnitOfWork, person_id: str) -> list[HeldItem]:
    """The undecided needs for which the person answers."""
    rows = await uow.fetch_all(
        "SELECT id, item, quantity, unit_id FROM purchase_need WHERE applicant_id = ?"
        " AND state IN ('draft', 'submitted') ORDER BY id",
        person_id,
    )
    return [
        HeldItem(SUBJECT, row["id"], f"购置需求：{row['item']} {row['quantity']} 件", row["unit_id"]) for row in rows
    ]


async def move_needs(uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
    """Let `to_id`, a colleague in the unit, answer for the needs and be their applicant."""
    name = (await names_of(uow, [to_id]))[to_id]
    for item in items:
        await hand_over_application(uow, SUBJECT, item.id, from_id=from_id, person_id=to_id, person_name=name)
    for need in await uow.lock_all(PurchaseNeed, [item.id for item in items]):
        await change(uow, need, applicant_id=to_id, applicant_name=name)


on_decided(SUBJECT, take_decision, lock_version)
register_holding("procurement", held_needs)
register_handover("procurement", move_needs, locks="purchase_need")
