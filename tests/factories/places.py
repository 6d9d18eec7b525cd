"""Warehouses of operators, sites and rooms of units, and their keepers."""

import itertools

from server.identity.types import PersonView, UnitView
from server.places.commands import assign_keeper, create_place
from server.places.types import AssignKeeper, CreatePlace, PlaceFacts, PlaceKind
from tests.factories.identity import SYSTEM

_codes = itertools.count(1)


async def make_place(
    kind: PlaceKind, name: str, unit: UnitView | None = None, *, parent: PlaceFacts | None = None, address: str = ""
) -> PlaceFacts:
    """A place of `unit`, or below `parent`."""
    request = CreatePlace(
        kind=kind,
        code=f"P{next(_codes):05d}",
        name=name,
        parent_id=parent.id if parent else None,
        address=address,
        unit_id=unit.id if unit else None,
    )
    return await create_place(SYSTEM, request)


async def make_warehouse(operator: UnitView, *keepers: PersonView, name: str = "市级公物仓") -> PlaceFacts:
    """A warehouse of an operator, kept by these people (who hold the keeper's role there)."""
    place = await make_place(PlaceKind.WAREHOUSE, name, operator, address="杭州市上城区解放东路 18 号")
    for keeper in keepers:
        await assign_keeper(SYSTEM, AssignKeeper(place_id=place.id, person_id=keeper.id))
    return place


async def make_room(unit: UnitView, *, site: str = "办公楼", name: str = "301 室") -> PlaceFacts:
    """A room of a unit, in a site of its own."""
    above = await make_place(PlaceKind.SITE, site, unit)
    return await make_place(PlaceKind.ROOM, name, parent=above)
