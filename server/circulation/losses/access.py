"""Who sees a case, and who handles it: fetch, lock and permission in one function. What is out of sight is NotFound.

Both sides of the loan see it, the desk where the thing belongs, those above who oversee either, and whoever was asked
to let it be written off. The holder's managers decide and are paid; never whoever reported it (rules: two persons).
A unit with a single manager has no second person, so the department above decides as well (主管部门: the second
decision); money is recorded by the managers alone.
"""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from collections.abc import Callable

from server.approvals.access import asked_clause
from server.circulation.access import JUDGES, LENDERS, desk_paths, is_at_desk, is_judge
from server.circulation.losses.models import LossCase
from server.circulation.losses.states import LOSS_STATE_NAMES, LossState
from server.circulation.models import Borrowing
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope, prefix_clause, scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork

SUBJECT = "write_off"
_BORROWER_SIDE = (Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)
_ASKED = (Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)


async def visible_clause(rows: RowSource, actor: Actor) -> Clause:
    """The condition on `loss_case k` joined with its `borrowing b` for what the actor may see."""
    if actor.kind == ActorKind.SYSTEM:
        return "1 = 1", ()
    clauses: list[Clause] = [("b.applicant_id = ?", (actor.person_id,))]
    for column, roles in (("k.borrower_unit_path", _BORROWER_SIDE), ("k.holder_unit_path", JUDGES)):
        if actor.has_role(*roles):
            clauses.append(scope_clause(actor, column, *roles))
    clauses += [asked_clause(actor, SUBJECT, "k.write_off_id", role) for role in _ASKED if actor.has_role(role)]
    clauses += [prefix_clause("b.place_path", path) for path in await desk_paths(rows, actor)]
    sql = " OR ".join(clause for clause, _ in clauses)
    return f"({sql})", tuple(value for _, values in clauses for value in values)


async def require_visible(rows: RowSource, actor: Actor, loss_id: str) -> None:
    """Raise NotFound `loss.not_found` unless the actor may see the case."""
    clause, values = await visible_clause(rows, actor)
    row = await rows.fetch_one(
        f"SELECT k.id FROM loss_case k JOIN borrowing b ON b.id = k.borrowing_id WHERE k.id = ? AND {clause}",
        loss_id,
        *values,
    )
    if row is None:
        raise NotFound("loss.not_found")


def is_holder(actor: Actor, holder_unit_path: str) -> bool:
    """Whether the actor handles the holder's cases: its asset manager or operations."""
    return is_in_scope(actor, holder_unit_path, *LENDERS)


async def get_case_for_holder(
    uow: UnitOfWork, actor: Actor, loss_id: str, *states: LossState, may: Callable[[Actor, str], bool] = is_holder
) -> LossCase:
    """The case, locked and in one of `states`, for the holder's managers, or who else `may`.

    Raises NotFound `loss.not_found`; Forbidden `role.required`; StateConflict `loss.wrong_state`.
    """
    case = await uow.lock(LossCase, loss_id)
    if case is None or not may(actor, case.holder_unit_path):
        await require_visible(uow, actor, loss_id)
        raise Forbidden("role.required")
    require_state(case, *states)
    return case


async def get_case_for_judging(uow: UnitOfWork, actor: Actor, loss_id: str, state: LossState) -> LossCase:
    """The case, locked and in `state`, for whoever decides what is paid: somebody else than reported it.

    Raises as `get_case_for_holder`, and Forbidden `loss.own_report`.
    """
    case = await get_case_for_holder(uow, actor, loss_id, state, may=is_judge)
    require_other(actor, case)
    return case


async def get_case_for_desk(uow: UnitOfWork, actor: Actor, loss_id: str) -> LossCase:
    """The case, locked, for whoever is at the desk where the thing belongs.

    Raises NotFound `loss.not_found`; Forbidden `role.required`.
    """
    case = await uow.lock(LossCase, loss_id)
    borrowing = None if case is None else await uow.find(Borrowing, id=case.borrowing_id)
    path = "" if borrowing is None else borrowing.place_path
    if case is not None and await is_at_desk(uow, actor, case.holder_unit_path, path):
        return case
    await require_visible(uow, actor, loss_id)
    raise Forbidden("role.required")


def require_state(case: LossCase, *states: LossState) -> None:
    """Raise StateConflict `loss.wrong_state` unless the case is in one of `states`."""
    if case.state not in states:
        raise StateConflict("loss.wrong_state", state_name=LOSS_STATE_NAMES[case.state])


def require_other(actor: Actor, case: LossCase) -> None:
    """Raise Forbidden `loss.own_report` for whoever reported what is to be decided."""
    if actor.person_id is not None and actor.person_id == case.reported_by:
        raise Forbidden("loss.own_report")
