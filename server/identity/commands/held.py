"""What a person still holds, for the page from which it is handed over."""

from server.identity.access import require_over_person
from server.identity.handover import held_items
from server.identity.roles import Role
from server.identity.types import HeldItem
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork


@command("identity.list_held", is_audited=False)
async def list_held(uow: UnitOfWork, actor: Actor, person_id: str) -> list[HeldItem]:
    """Everything a person holds, to that person and to those who hand over for or disable them. Writes nothing; a
    unit of work, because the domains above report only inside one. Raises Forbidden `role.required`, NotFound."""
    if person_id != actor.person_id:
        await require_over_person(uow, actor, person_id, Role.ASSET_MANAGER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    return [item for items in (await held_items(uow, person_id)).values() for item in items]
