# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Who may decide a step: the role, over the unit, not the applicant, nobody twice. Checked with the rows locked."""

import msgspec

from server.approvals.models import ApprovalChain, ApprovalTask
from server.approvals.types import ROUND_STRIDE, State
from server.identity.scope import Clause, prefix_clause, scope_clause
from server.kernel.actor import Actor, Grant
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class Decision(msgspec.Struct, frozen=True):
    """A step that the actor may decide now, under the chain's lock, and the grant by which."""

    chain: ApprovalChain
    task: ApprovalTask
    grant: Grant


async def get_task_for_decision(uow: UnitOfWork, actor: Actor, task_id: str) -> Decision:
    """Fetch the task under its chain's lock, and check role, unit, delegation, applicant and state.

    NotFound `approval.task_not_found` for another unit's task; Forbidden `approval.own_application` for the applicant
    and whoever acts for the applicant; StateConflict `approval.already_decided`, `approval.cancelled`,
    `approval.already_decided_by_you`.
    """
    found = await uow.find(ApprovalTask, id=task_id)
    if found is None or actor.person_id is None:
        raise NotFound("approval.task_not_found")
    # The chain's lock is its tasks' too: nobody writes one without it.
    chain = await uow.lock(ApprovalChain, found.chain_id)
    task = await uow.find(ApprovalTask, id=task_id)
    grants = [] if task is None else grants_over(actor, task.role, task.unit_path)
    if chain is None or task is None or not grants:
        raise NotFound("approval.task_not_found")
    # A delegate has the powers of whoever is on leave, and so not more: that person could not decide it either.
    grants = [grant for grant in grants if grant.delegated_by != chain.applicant_id]
    if actor.person_id == chain.applicant_id or not grants:
        raise Forbidden("approval.own_application")
    _require_pending(task)
    return Decision(chain, task, await _unused_grant(uow, actor.person_id, chain, grants))


def grants_over(actor: Actor, role: str, unit_path: str) -> list[Grant]:
    """The actor's grants of `role` that reach the unit at `unit_path`, own ones before delegated ones."""
    is_own = unit_path == actor.unit_path
    is_below = bool(actor.unit_path) and unit_path.startswith(actor.unit_path)
    grants = [g for g in actor.grants if g.role == role and (is_own or (g.is_subtree and is_below))]
    return sorted(grants, key=lambda grant: grant.delegated_by is not None)


def waiting_clause(actor: Actor) -> Clause | None:
    """A condition on tasks `t` of chains `c` for those that wait for the actor; None where none can.

    It says in SQL what `get_task_for_decision` checks: role, unit, not the applicant's, nobody twice.
    """
    if actor.person_id is None or not actor.unit_path or not actor.grants:
        return None
    parts, values = [], list[str]()
    for grant in dict.fromkeys(actor.grants):
        clause, bound = _grant_clause(actor, grant)
        parts.append(clause)
        values += bound
    me = actor.person_id
    sql = f"t.state = 'pending' AND c.state = 'pending' AND c.applicant_id <> ? AND ({' OR '.join(parts)})"
    return sql, (me, *values)


def asked_clause(actor: Actor, subject_kind: str, subject_id: str, role: str) -> Clause:
    """A condition that holds where the actor's `role` was asked about the subject whose id is column `subject_id`."""
    scope, values = scope_clause(actor, "t.unit_path", role)
    sql = (
        "EXISTS (SELECT 1 FROM approval_chain c JOIN approval_task t ON t.chain_id = c.id"
        f" WHERE c.subject_kind = ? AND c.subject_id = {subject_id} AND t.role = ? AND {scope})"
    )
    return sql, (subject_kind, role, *values)


def _grant_clause(actor: Actor, grant: Grant) -> Clause:
    reach = (
        prefix_clause("t.unit_path", actor.unit_path) if grant.is_subtree else ("t.unit_path = ?", (actor.unit_path,))
    )
    deciders = [actor.person_id] + ([grant.delegated_by] if grant.delegated_by else [])
    marks = ", ".join("?" * len(deciders))
    sql = (
        f"(t.role = ? AND {reach[0]} AND c.applicant_id NOT IN ({marks}) AND NOT EXISTS (SELECT 1 FROM approval_task d"
        f" WHERE d.chain_id = t.chain_id AND d.step >= (c.round - 1) * {ROUND_STRIDE}"
        f" AND (d.decided_by IN ({marks}) OR d.on_behalf_of IN ({marks}))))"
    )
    return sql, (grant.role, *reach[1], *deciders, *deciders, *deciders)


async def heard_in(uow: UnitOfWork, chain: ApprovalChain) -> set[str]:
    """Who has decided a step of the chain's present round, or had somebody decide it."""
    decided = await uow.find_all(
        ApprovalTask, chain_id=chain.id, decided_by__isnull=False, step__gte=(chain.round - 1) * ROUND_STRIDE
    )
    return {person for task in decided for person in (task.decided_by, task.on_behalf_of) if person}


def _require_pending(task: ApprovalTask) -> None:
    if task.state == State.CANCELLED:
        raise StateConflict("approval.cancelled")
    if task.state != State.PENDING:
        raise StateConflict("approval.already_decided")


async def _unused_grant(uow: UnitOfWork, person_id: str, chain: ApprovalChain, grants: list[Grant]) -> Grant:
    """The first grant whose holder has not decided another step: the steps are there to be several people's.

    A step of an earlier round was another application: whoever sent it back decides what was corrected.
    """
    heard = await heard_in(uow, chain)
    usable = [grant for grant in grants if not heard & {person_id, grant.delegated_by}]
    if not usable:
        raise StateConflict("approval.already_decided_by_you")
    return usable[0]
