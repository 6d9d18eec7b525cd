"""A lost thing is written off when those who must agree have agreed."""

from server.approvals.ops import on_decided
from server.assets.ops import write_off
from server.circulation.losses.access import SUBJECT, require_state
from server.circulation.losses.models import LossCase
from server.circulation.losses.progress import add_step, advance, tell_both
from server.circulation.losses.states import LossState
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.unit_of_work import UnitOfWork


async def take_decision(uow: UnitOfWork, actor: Actor, write_off_id: str, outcome: str, opinion: str) -> None:
    """A step of a write-off was decided. The last agreement ends the card; a refusal leaves the case as it was.

    Raises StateConflict `loss.wrong_state`, `asset.not_lost`.
    """
    if outcome == "step_approved":
        return
    seen = await uow.find(LossCase, write_off_id=write_off_id)
    case = None if seen is None else await uow.lock(LossCase, seen.id)
    # What is asked for anew has an id of its own, and is asked for only once this has been answered.
    if case is None:
        raise NotFound("loss.not_found")
    require_state(case, LossState.WRITING_OFF)
    if outcome != "approved":
        await advance(uow, case, LossState.SETTLED)
        await add_step(uow, case, "write_off_refused", opinion)
        return
    await write_off(uow, case.asset_id, document_no=case.number, reason="遗失核销")
    await advance(uow, case, LossState.WRITTEN_OFF, ended_at=await uow.now())
    await add_step(uow, case, LossState.WRITTEN_OFF, opinion)
    await tell_both(
        uow, case, f"{case.number} 已核销", f"{case.asset_name} {case.asset_code} 已核销销账。", "written_off"
    )


on_decided(SUBJECT, take_decision)
