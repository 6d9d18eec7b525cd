"""Who may reorganise units: the system administrator proposes, the security administrator confirms, over both."""

from server.identity.access import require_over
from server.identity.models import Unit, UnitChange
from server.identity.roles import Role
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork

# A change decides over whom roles reach, so both see it; the audit administrator watches.
SEEN_BY = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)

# Whoever registers people or manages a unit's things asks for roles; the security administrator decides.
ASKING = (Role.SYSTEM_ADMIN, Role.ASSET_MANAGER)


def require_one_of(actor: Actor, *roles: str) -> None:
    """Let pass the product itself and who holds one of the roles; Forbidden `role.required`."""
    if actor.kind != ActorKind.SYSTEM and not actor.has_role(*roles):
        raise Forbidden("role.required")


async def get_units_for(uow: UnitOfWork, actor: Actor, unit_ids: tuple[str, str], role: str) -> tuple[Unit, Unit]:
    """Two active units over which the actor holds the role, locked in one order; NotFound `record.not_found`."""
    require_one_of(actor, role)
    units = {unit.id: unit for unit in await uow.lock_all(Unit, unit_ids) if unit.is_active}
    if set(unit_ids) - units.keys():
        raise NotFound("record.not_found")
    for unit in units.values():
        require_over(actor, unit.path, role)
    return units[unit_ids[0]], units[unit_ids[1]]


async def get_proposal_for(uow: UnitOfWork, actor: Actor, change_id: str, role: str) -> tuple[UnitChange, Unit, Unit]:
    """A proposal that still waits, with its two units locked, for whoever holds the role over both.

    Raises Forbidden `role.required`, NotFound `record.not_found`, StateConflict `unit_change.decided`.
    """
    require_one_of(actor, role)
    change = await uow.find(UnitChange, id=change_id)
    if change is None:
        raise NotFound("record.not_found")
    if change.state != "proposed":
        await _require_seen(uow, actor, change, role)
        raise StateConflict("unit_change.decided")
    unit, other = await get_units_for(uow, actor, (change.from_unit_id, change.to_unit_id), role)
    return change, unit, other


async def _require_seen(uow: UnitOfWork, actor: Actor, change: UnitChange, role: str) -> None:
    unit = await uow.find(Unit, id=change.from_unit_id)
    if unit is None:
        raise NotFound("record.not_found")
    require_over(actor, unit.path, role)
