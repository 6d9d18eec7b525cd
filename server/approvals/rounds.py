"""An application that was sent back begins again from the first step, corrected, inside the caller's unit of work."""

import msgspec

from server.approvals.models import ApprovalChain, ApprovalRound
from server.approvals.ops import fitted_title, lock_chain, open_step
from server.approvals.types import Restart, State
from server.identity.ops import hold_units
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, StateConflict
from server.kernel.unit_of_work import UnitOfWork


async def lock_returned(uow: UnitOfWork, actor: Actor, subject_kind: str, subject_id: str) -> ApprovalChain:
    """The chain of a subject that was sent back, locked, for its applicant: before the subject, as the lock order wants
    it. Nobody else corrects it, or they would decide what they wrote themselves.

    Raises StateConflict `approval.not_returned`; Forbidden `approval.not_applicant`.
    """
    chain = await lock_chain(uow, subject_kind, subject_id)
    if chain is None or chain.state != State.RETURNED:
        raise StateConflict("approval.not_returned")
    if actor.person_id is None or chain.applicant_id != actor.person_id:
        raise Forbidden("approval.not_applicant")
    return chain


async def restart_chain(uow: UnitOfWork, chain: ApprovalChain, restart: Restart) -> None:
    """Keep the round that has ended with what was changed since, and open the first step of the next one.

    The policy version stays the one of the first submission: what changed are the facts, not the rules.
    """
    await uow.add(
        ApprovalRound(
            chain_id=chain.id,
            round=chain.round,
            steps=chain.steps,
            changes=msgspec.to_builtins(restart.changes),
            corrected_by=uow.actor.person_id,
            corrected_by_name=uow.actor.person_name,
            corrected_at=await uow.now(),
        )
    )
    await hold_units(uow, {step.unit_id: step.unit_path for step in restart.steps})
    begun = {
        "state": State.PENDING.value,
        "round": chain.round + 1,
        "current_step": 0,
        "steps": msgspec.to_builtins(restart.steps),
        "subject_title": fitted_title(restart.title),
    }
    await uow.change_one(
        ApprovalChain,
        {"id": chain.id, "state": State.RETURNED.value, "round": chain.round},
        otherwise=StateConflict("record.changed"),
        **begun,
    )
    await open_step(uow, chain.update_from_dict(begun), 0)
