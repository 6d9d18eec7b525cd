"""Options of selects: units, places, people and regions within the actor's sight."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.identity.queries import (
    PersonFilter,
    list_people,
    list_regions,
    list_units,
    names_of,
    people_with_role,
    unit_by_id,
)
from server.identity.queries.colleagues import list_colleagues
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.paging import PAGE_LIMIT, Page
from server.kernel.reading import reading
from server.places.queries import list_places, places_of_unit
from server.places.types import PARENT_KINDS
from server.web.parts import Option

T = TypeVar("T")
# A longer select helps nobody; whoever oversees more begins from the unit's or the place's own page.
MOST_OPTIONS = 500
PARENTS = frozenset(kind for kinds in PARENT_KINDS.values() for kind in kinds)


async def gather(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> list[T]:
    """All items of a paged list, up to what a select can show."""
    items: list[T] = []
    cursor: str | None = None
    while len(items) < MOST_OPTIONS:
        page = await fetch(cursor)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return items


async def unit_options(actor: Actor) -> tuple[Option, ...]:
    """The units that the actor sees, in the order of the tree."""
    units = await gather(lambda cursor: list_units(actor, cursor=cursor, size=PAGE_LIMIT))
    return tuple(Option(unit.id, unit.name) for unit in units)


async def place_options(actor: Actor) -> tuple[Option, ...]:
    """The open places that the actor sees, by their full names."""
    places = await gather(lambda cursor: list_places(actor, cursor=cursor, size=PAGE_LIMIT))
    return tuple(Option(place.id, f"{place.full_name}（{place.code}）") for place in places)


async def parent_options(actor: Actor) -> tuple[Option, ...]:
    """The places below which the actor may make another."""
    places = await gather(lambda cursor: list_places(actor, cursor=cursor, size=PAGE_LIMIT))
    fitting = (place for place in places if place.can_change and place.kind in PARENTS)
    return tuple(Option(place.id, f"{place.full_name}（{place.code}）") for place in fitting)


async def colleague_options(actor: Actor) -> tuple[Option, ...]:
    """The others of the acting unit, whom everybody there may know."""
    return tuple(Option(each.id, f"{each.name}（{each.title}）") for each in await list_colleagues(actor))


async def place_options_of(unit_id: str) -> tuple[Option, ...]:
    """The open places of one unit, for a page that has made sure of who asks."""
    async with reading() as rows:
        places = await places_of_unit(rows, unit_id)
    return tuple(Option(place.id, f"{place.full_name}（{place.code}）") for place in places)


async def person_options(actor: Actor, unit_id: str | None, but: str = "") -> tuple[Option, ...]:
    """The active people of a unit (None: of all units in sight), without `but`."""
    wanted = PersonFilter(unit_id=unit_id)
    people = await gather(lambda cursor: list_people(actor, wanted, cursor, PAGE_LIMIT))
    return tuple(
        Option(person.id, "，".join([person.name, *sorted({post.unit_name for post in person.posts})]))
        for person in people
        if person.id != but
    )


async def keeper_options(actor: Actor, unit_id: str) -> tuple[Option, ...]:
    """The people who hold the keeper's role over a unit in the actor's sight."""
    unit = await unit_by_id(actor, unit_id)
    async with reading() as rows:
        names = await names_of(rows, await people_with_role(rows, Role.WAREHOUSE_KEEPER, unit.path))
    return tuple(Option(person_id, name) for person_id, name in sorted(names.items(), key=lambda pair: pair[1]))


async def region_options(below: str) -> tuple[Option, ...]:
    """A division and everything below it."""
    return tuple(Option(region.code, f"{region.name}（{region.code}）") for region in await list_regions(below))
