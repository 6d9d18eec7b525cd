"""What follows a unit among the approvals: what waits goes to the unit that is there now; decisions stay as made."""

import msgspec

from server.approvals.models import ApprovalChain
from server.approvals.ops import lock_waiting_of, steps_of
from server.approvals.types import OPEN_STATES, Step
from server.identity.ops import ChangeKind, Reorganisation, UnitColumns, follow, on_unit_changed
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork

follow(
    UnitColumns(
        table="approval_chain",
        unit_id="applicant_unit_id",
        name="applicant_unit_name",
        label="提出的待审批申请",
        open="state IN ('pending', 'returned')",
    )
)
follow(
    UnitColumns(
        table="approval_task",
        unit_id="unit_id",
        path="unit_path",
        name="unit_name",
        label="待办审批",
        open="state = 'pending'",
        held="state = 'pending'",
    )
)


async def follow_in_plans(uow: UnitOfWork, change: Reorganisation) -> int:
    """Bring the plans of the pending chains up to date: the steps still to come are opened from them."""
    chains = await lock_waiting_of(uow, change.before.id)
    if change.kind is ChangeKind.SPLIT:
        return 0
    for chain in chains:
        if chain.state in OPEN_STATES:
            await _replan(uow, chain, [_followed(step, change) for step in steps_of(chain)])
    return 0


def _followed(step: Step, change: Reorganisation) -> Step:
    path = step.unit_path
    if path.startswith(change.before.path):
        path = change.after.path + path[len(change.before.path) :]
    if step.unit_id != change.before.id:
        return msgspec.structs.replace(step, unit_path=path)
    return msgspec.structs.replace(step, unit_id=change.after.id, unit_path=path, unit_name=change.after.name)


async def _replan(uow: UnitOfWork, chain: ApprovalChain, steps: list[Step]) -> None:
    """Store the plan, without steps to come that would ask the same role of the same unit once more: nobody decides
    twice, so a chain that asks one unit twice may find nobody."""
    kept: list[Step] = []
    for number, step in enumerate(steps):
        is_asked = any((step.role, step.unit_id) == (other.role, other.unit_id) for other in kept)
        if number <= chain.current_step or not is_asked:
            kept.append(step)
    await uow.change_one(
        ApprovalChain,
        {"id": chain.id, "state": chain.state, "current_step": chain.current_step},
        otherwise=StateConflict("record.changed"),
        steps=msgspec.to_builtins(kept),
    )


on_unit_changed("approval_chain", follow_in_plans)
