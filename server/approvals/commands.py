"""The one decision: agree, refuse, or send back to be corrected."""

from collections.abc import Sequence

from server.approvals.access import Decision, get_task_for_decision
from server.approvals.models import ApprovalChain, ApprovalTask
from server.approvals.ops import is_returnable, open_step, require_version, steps_of, tell_subject
from server.approvals.queries import decided_task
from server.approvals.types import (
    LONGEST_OPINION,
    MOST_AT_ONCE,
    OPEN_STATES,
    SHORTEST_REASON,
    ChosenDecision,
    Decide,
    DecisionOutcome,
    ReturnTask,
    State,
    TaskView,
)
from server.identity.queries import names_of
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import DomainError, InvalidInput, StateConflict
from server.kernel.messages import sentence_for
from server.kernel.unit_of_work import UnitOfWork


@command("approvals.decide")
async def decide(uow: UnitOfWork, actor: Actor, request: Decide) -> TaskView:
    """Approve or reject a step. The next step opens, or the chain ends; the subject's domain is told in this unit of
    work and may refuse by raising. Raises what `get_task_for_decision` raises; InvalidInput on `opinion`."""
    opinion = _opinion(request.opinion, is_needed=not request.is_approved)
    decision = await _get_as_seen(uow, actor, request)
    chain = decision.chain
    state = State.APPROVED if request.is_approved else State.REJECTED
    await _close_task(uow, actor, decision, state, opinion)
    is_last = not request.is_approved or chain.current_step + 1 == len(steps_of(chain))
    await _move_chain(uow, chain, state if is_last else State.PENDING)
    if not is_last:
        await open_step(uow, chain, chain.current_step + 1)
    await tell_subject(uow, actor, chain, str(state) if is_last else "step_approved", opinion)
    await _record(uow, decision, state, is_last=is_last)
    return await decided_task(uow, request.task_id)


@command("approvals.return")
async def return_task(uow: UnitOfWork, actor: Actor, request: ReturnTask) -> TaskView:
    """Send an application back to its applicant, who corrects it and sends it again, or withdraws it. Raises what
    `decide` raises; StateConflict `approval.not_returnable` for a kind that nobody can correct."""
    opinion = _opinion(request.opinion, is_needed=True)
    decision = await _get_as_seen(uow, actor, request)
    if not is_returnable(decision.chain.subject_kind):
        raise StateConflict("approval.not_returnable")
    await _close_task(uow, actor, decision, State.RETURNED, opinion)
    await _move_chain(uow, decision.chain, State.RETURNED)
    await tell_subject(uow, actor, decision.chain, State.RETURNED.value, opinion)
    await _record(uow, decision, State.RETURNED, is_last=False)
    return await decided_task(uow, request.task_id)


async def decide_each(actor: Actor, decisions: Sequence[ChosenDecision]) -> list[DecisionOutcome]:
    """Take several decisions, each as its own command and in its own transaction: one that is refused spoils no other.
    Each has a key of its own, made from the actor's, so that a repeat does none twice.

    Raises InvalidInput `approval.none_chosen`, `approval.too_many` (with `limit`), `approval.chosen_twice`.
    """
    if not decisions:
        raise InvalidInput("approval.none_chosen")
    if len(decisions) > MOST_AT_ONCE:
        raise InvalidInput("approval.too_many", limit=MOST_AT_ONCE)
    if len({each.task_id for each in decisions}) < len(decisions):
        raise InvalidInput("approval.chosen_twice")
    return [await _outcome(actor, each) for each in decisions]


async def _outcome(actor: Actor, wanted: ChosenDecision) -> DecisionOutcome:
    key = f"{actor.idempotency_key}:{wanted.task_id}" if actor.idempotency_key else None
    try:
        task = await _take(actor.with_key(key), wanted)
    except DomainError as error:
        return DecisionOutcome(
            task_id=wanted.task_id, is_done=False, code=_code_of(error), sentence=_sentence_of(error)
        )
    return DecisionOutcome(task_id=wanted.task_id, is_done=True, task=task)


async def _take(actor: Actor, wanted: ChosenDecision) -> TaskView:
    if wanted.choice == "return":
        return await return_task(actor, ReturnTask(wanted.task_id, wanted.opinion, wanted.version))
    return await decide(actor, Decide(wanted.task_id, wanted.choice == "approve", wanted.opinion, wanted.version))


def _code_of(error: DomainError) -> str:
    return error.fields[0].code if isinstance(error, InvalidInput) and error.fields else error.code


def _sentence_of(error: DomainError) -> str:
    return sentence_for(error.fields[0] if isinstance(error, InvalidInput) and error.fields else error)


async def _get_as_seen(uow: UnitOfWork, actor: Actor, request: Decide | ReturnTask) -> Decision:
    decision = await get_task_for_decision(uow, actor, request.task_id)
    if request.version is not None:
        await require_version(uow, decision.chain, request.version)
    return decision


def _opinion(typed: str, *, is_needed: bool) -> str:
    checks = Checks()
    text = checks.text("opinion", typed, longest=LONGEST_OPINION, shortest=0)
    if is_needed and len(text) < SHORTEST_REASON:
        checks.fault("opinion", "approval.opinion_needed", limit=SHORTEST_REASON)
    checks.finish()
    return text


async def _close_task(uow: UnitOfWork, actor: Actor, decision: Decision, state: State, opinion: str) -> None:
    absent = decision.grant.delegated_by
    names = await names_of(uow, [absent]) if absent else {}
    await uow.change_one(
        ApprovalTask,
        {"id": decision.task.id, "state": State.PENDING.value},
        otherwise=StateConflict("approval.already_decided"),
        state=state.value,
        opinion=opinion or None,
        decided_by=actor.person_id,
        decided_by_name=actor.person_name,
        on_behalf_of=absent,
        on_behalf_of_name=names.get(absent) if absent else None,
        decided_at=await uow.now(),
    )


async def _move_chain(uow: UnitOfWork, chain: ApprovalChain, state: State) -> None:
    is_open = state in OPEN_STATES
    await uow.change_one(
        ApprovalChain,
        {"id": chain.id, "state": State.PENDING.value, "current_step": chain.current_step},
        otherwise=StateConflict("approval.already_decided"),
        state=state.value,
        current_step=chain.current_step + 1 if state is State.PENDING else chain.current_step,
        decided_at=None if is_open else await uow.now(),
    )


async def _record(uow: UnitOfWork, decision: Decision, state: State, *, is_last: bool) -> None:
    chain, task = decision.chain, decision.task
    await uow.record(
        "approval.decided",
        chain.subject_kind,
        chain.subject_id,
        task_id=task.id,
        step=task.name,
        role=task.role,
        unit_id=task.unit_id,
        decision=str(state),
        is_last=is_last,
        on_behalf_of=decision.grant.delegated_by,
    )
    await uow.emit("approval.decided", {"task_id": task.id, "is_last": is_last})
