# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Who sees a purchase need and who works on it. What is out of sight is NotFound."""

from server.approvals.access import asked_clause
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.procurement.models import PurchaseNeed
from server.procurement.states import STATE_NAMES, NeedState

SUBJECT = "purchase_need"
# A civil servant of the unit asks, and so does whoever manages its assets (rules: Who).
RECORDERS = (Role.BORROWER, Role.ASSET_MANAGER)
_REVIEWERS = (Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)
_OVERSEERS = (Role.ASSET_MANAGER, *_REVIEWERS)


def visible_clause(actor: Actor) -> Clause:
    """The condition on `purchase_need n`: one's own, the unit's for its manager and accountant, what is below for
    those who review it, and whatever somebody was asked about."""
    if actor.kind is ActorKind.SYSTEM:
        return "1 = 1", ()
    clauses: list[Clause] = [("n.applicant_id = ?", (actor.person_id,))]
    if actor.has_role(*_OVERSEERS):
        clauses.append(scope_clause(actor, "n.unit_path", *_OVERSEERS))
    if actor.has_role(Role.UNIT_ACCOUNTANT):
        clauses.append(("n.unit_id = ?", (actor.unit_id,)))
    clauses += [asked_clause(actor, SUBJECT, "n.id", role) for role in _OVERSEERS if actor.has_role(role)]
    sql = " OR ".join(clause for clause, _ in clauses)
    return f"({sql})", tuple(value for _, values in clauses for value in values)


async def require_visible(rows: RowSource, actor: Actor, need_id: str) -> None:
    """Raise NotFound `need.not_found` unless the actor may see the need."""
    clause, values = visible_clause(actor)
    if await rows.fetch_one(f"SELECT n.id FROM purchase_need n WHERE n.id = ? AND {clause}", need_id, *values) is None:
        raise NotFound("need.not_found")


def is_worker(actor: Actor, applicant_id: str, unit_path: str) -> bool:
    """Whether the actor recorded the need, or manages the assets of the unit that has it."""
    is_applicant = actor.person_id is not None and applicant_id == actor.person_id
    return is_applicant or is_in_scope(actor, unit_path, Role.ASSET_MANAGER)


async def find_need_for_work(uow: UnitOfWork, actor: Actor, need_id: str) -> PurchaseNeed:
    """The need, not locked: its approvals come first in the lock order."""
    need = await uow.find(PurchaseNeed, id=need_id)
    if need is not None and is_worker(actor, need.applicant_id, need.unit_path):
        return need
    await require_visible(uow, actor, need_id)
    raise Forbidden("role.required")


async def get_need_for_work(uow: UnitOfWork, actor: Actor, need_id: str, *states: NeedState) -> PurchaseNeed:
    """The need, locked, for whoever works on it, in one of `states`; StateConflict `need.wrong_state` otherwise."""
    await find_need_for_work(uow, actor, need_id)
    need = await uow.lock(PurchaseNeed, need_id)
    assert need is not None
    require_state(need, *states)
    return need


def require_state(need: PurchaseNeed, *states: NeedState) -> None:
    """Raise StateConflict `need.wrong_state` unless the need is in one of `states`."""
    if need.state not in states:
        raise StateConflict("need.wrong_state", state_name=STATE_NAMES[need.state])
