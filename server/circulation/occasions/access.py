"""Who sees an event or a temporary body with its recall list, and who leads it. What is out of sight is NotFound.

The lead unit's people borrow for it and see it; its asset managers create, prolong and close events. The department and
the finance authority above look over what their scope covers; a body's own people see their own body.
"""

from server.circulation.occasions.models import Occasion
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope, require_role, scope_clause
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork

LEADERS = (Role.ASSET_MANAGER,)
_PEOPLE = (Role.BORROWER, Role.ASSET_MANAGER)
_OVERSEERS = (Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER)


def visible_clause(actor: Actor, lead: str, body: str = "") -> Clause:
    """The condition for what the actor may see. `lead`: the alias whose `lead_unit_path` and `lead_unit_id` lead it;
    `body`: the column with the body's own unit, where there is one."""
    if actor.kind == ActorKind.SYSTEM:
        return "1 = 1", ()
    clauses: list[Clause] = []
    if actor.has_role(*_PEOPLE):
        clauses.append((f"{lead}.lead_unit_id = ?", (actor.unit_id,)))
        if body:
            clauses.append((f"{body} = ?", (actor.unit_id,)))
    if actor.has_role(*_OVERSEERS):
        clauses.append(scope_clause(actor, f"{lead}.lead_unit_path", *_OVERSEERS))
    sql = " OR ".join(clause for clause, _ in clauses) or "1 = 0"
    return f"({sql})", tuple(value for _, values in clauses for value in values)


async def get_occasion_for_leading(uow: UnitOfWork, actor: Actor, occasion_id: str) -> Occasion:
    """The open event, locked, for the lead unit's asset manager.

    Raises Forbidden `role.required`; NotFound `occasion.not_found`; StateConflict `occasion.closed`.
    """
    require_role(actor, *LEADERS)
    occasion = await uow.lock(Occasion, occasion_id)
    if occasion is None or not is_in_scope(actor, occasion.lead_unit_path, *LEADERS):
        raise NotFound("occasion.not_found")
    require_open(occasion)
    return occasion


def require_open(occasion: Occasion) -> None:
    """Raise StateConflict `occasion.closed` unless the event still goes on."""
    if occasion.state != "open":
        raise StateConflict("occasion.closed", name=occasion.name)
