"""Who may manage which place: operations the warehouses of its subtree, asset managers their unit's sites and rooms."""

from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.scope import is_in_scope, require_role
from server.identity.types import UnitFacts
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, Unauthenticated
from server.kernel.unit_of_work import UnitOfWork
from server.places.models import Place
from server.places.types import WAREHOUSE_KINDS, PlaceKind

SEEN_BY = (Role.OPERATIONS, Role.ASSET_MANAGER, Role.SYSTEM_ADMIN, Role.WAREHOUSE_KEEPER)


def manager_roles(kind: str) -> tuple[Role, ...]:
    """The roles that manage places of this kind."""
    return (Role.OPERATIONS,) if kind in WAREHOUSE_KINDS else (Role.ASSET_MANAGER,)


def can_manage(actor: Actor, kind: str, unit_path: str) -> bool:
    """Whether the actor manages places of this kind of the unit at `unit_path`."""
    return actor.kind is ActorKind.SYSTEM or is_in_scope(actor, unit_path, *manager_roles(kind))


async def unit_for_new_place(uow: UnitOfWork, actor: Actor, kind: PlaceKind, unit_id: str | None) -> UnitFacts:
    """The unit that will run a new place at the top. Forbidden `role.required` or `place.not_operator`; NotFound
    `record.not_found` for a unit out of scope."""
    if actor.kind is not ActorKind.SYSTEM:
        require_role(actor, *manager_roles(kind))
    wanted = unit_id or actor.unit_id
    if wanted is None:
        raise Unauthenticated("session.required")
    facts = await unit_facts(uow, wanted)
    if not can_manage(actor, kind, facts.path):
        raise NotFound("record.not_found")
    if kind is PlaceKind.WAREHOUSE and not facts.is_operator:
        raise Forbidden("place.not_operator")
    return facts


async def get_place_for_change(uow: UnitOfWork, actor: Actor, place_id: str) -> Place:
    """Fetch and lock a place that the actor manages. NotFound `place.not_found` for any other."""
    place = await uow.lock(Place, place_id)
    if place is None or not can_manage(actor, place.kind, place.unit_path):
        raise NotFound("place.not_found")
    return place
