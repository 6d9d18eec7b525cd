"""Who keeps which warehouse."""

from server.identity.queries import people_with_role
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import InvalidInput, StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.places.access import get_place_for_change
from server.places.models import KeeperAssignment
from server.places.types import AssignKeeper, EndKeeper, PlaceKind


@command("places.assign_keeper")
async def assign_keeper(uow: UnitOfWork, actor: Actor, request: AssignKeeper) -> None:
    """Make a person keeper of a warehouse. StateConflict `place.closed`, `place.keeper_already_assigned`; InvalidInput
    `place.not_a_warehouse`, or `place.not_a_keeper` when the person does not hold the keeper's role there."""
    place = await get_place_for_change(uow, actor, request.place_id)
    if place.kind != PlaceKind.WAREHOUSE:
        raise InvalidInput("place.not_a_warehouse")
    if not place.is_active:
        raise StateConflict("place.closed")
    if request.person_id not in await people_with_role(uow, Role.WAREHOUSE_KEEPER, place.unit_path):
        raise InvalidInput("place.not_a_keeper")
    # The place is locked, so two assignments of one person cannot pass this together.
    if await uow.find(KeeperAssignment, person_id=request.person_id, place_id=place.id, ended_at=None):
        raise StateConflict("place.keeper_already_assigned")
    await uow.add(
        KeeperAssignment(
            person_id=request.person_id,
            place_id=place.id,
            assigned_by=actor.person_id or "",
            assigned_at=await uow.now(),
        )
    )
    await uow.record("place.keeper_assigned", "place", place.id, person_id=request.person_id)


@command("places.end_keeper")
async def end_keeper(uow: UnitOfWork, actor: Actor, request: EndKeeper) -> None:
    """End an assignment. StateConflict `place.keeper_not_assigned`; NotFound `place.not_found`."""
    place = await get_place_for_change(uow, actor, request.place_id)
    await uow.change_one(
        KeeperAssignment,
        {"person_id": request.person_id, "place_id": place.id, "ended_at": None},
        otherwise=StateConflict("place.keeper_not_assigned"),
        ended_at=await uow.now(),
    )
    await uow.record("place.keeper_ended", "place", place.id, person_id=request.person_id)
