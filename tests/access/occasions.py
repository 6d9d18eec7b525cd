"""Events and temporary bodies that an office leads, as things of the matrix."""

import itertools

from server.circulation.occasions.commands import create_occasion
from server.circulation.occasions.types import CreateOccasion
from server.identity.commands import CreateUnit, create_unit
from tests.access.world import Facts, Maker, Office, World
from tests.factories.circulation import day
from tests.factories.identity import SYSTEM

_numbers = itertools.count(1)


async def occasion(world: World, office: Office) -> Facts:
    """An event of the office, for which nothing is out."""
    assert office.manager.person_id is not None
    request = CreateOccasion(
        name="文化艺术节", starts_on=day(0), ends_on=day(2), responsible_id=office.manager.person_id
    )
    return {"occasion_id": (await create_occasion(office.manager, request)).id}


async def body(world: World, office: Office) -> Facts:
    """A temporary body that the office leads, somewhere else in the tree."""
    request = CreateUnit(
        code=f"LS{next(_numbers):07d}",
        name="艺术节组委会",
        short_name="组委会",
        kind="temporary_body",
        region_code=office.unit.region_code,
        parent_id=world.elsewhere.id,
        lead_unit_id=office.unit.id,
        ends_on=day(2),
    )
    return {"occasion_id": (await create_unit(SYSTEM, request)).id}


OCCASIONS: dict[str, Maker] = {"occasion": occasion, "body": body}
