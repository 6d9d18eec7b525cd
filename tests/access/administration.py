"""Things of the administrators: units to be changed, roles asked for, somebody who has left."""

import itertools

from server.identity.commands import (
    DisablePerson,
    ProposeChange,
    RequestRole,
    disable_person,
    propose_unit_change,
    request_role,
)
from server.identity.queries import unit_by_id
from server.identity.roles import Role
from tests.access.world import Facts, Maker, Office, World
from tests.factories.circulation import day
from tests.factories.identity import SYSTEM, make_person, make_unit

_numbers = itertools.count(1)


async def subunit(world: World, office: Office) -> Facts:
    """A unit below the office's, of which there is nothing yet."""
    number = next(_numbers)
    made = await make_unit(f"临平区第{number}管理所", f"{number}所", office.unit)
    return {"unit_id": made.id, "version": str(made.version), "unit_name": f"临平区第{number}服务站"}


async def merging(world: World, office: Office) -> Facts:
    """A unit below the office's, and one beside it to go to."""
    facts, other = await subunit(world, office), await subunit(world, office)
    return {**facts, "to_unit_id": other["unit_id"], "kind": "merge"}


async def splitting(world: World, office: Office) -> Facts:
    """The same with somebody in it who is to go."""
    facts = await merging(world, office)
    unit = await unit_by_id(SYSTEM, facts["unit_id"])
    return {**facts, "kind": "split", "person_id": (await make_person("钱文华", unit)).id}


async def proposed(world: World, office: Office) -> Facts:
    """A merger of two units below the office's that waits for the second administrator."""
    facts = await merging(world, office)
    wanted = ProposeChange(
        kind="merge",
        unit_id=facts["unit_id"],
        to_unit_id=facts["to_unit_id"],
        document_no="临委编〔2026〕18号",
        effective_on=day(0),
        reason="机构改革",
    )
    return {"change_id": (await propose_unit_change(SYSTEM, wanted)).id}


async def asked(world: World, office: Office) -> Facts:
    """A role that somebody has asked for."""
    somebody = await make_person("钱文华", office.unit)
    wanted = RequestRole(somebody.posts[0].post_id, Role.UNIT_ACCOUNTANT, False, "接任会计")
    return {"request_id": (await request_role(SYSTEM, wanted)).id}


async def gone(world: World, office: Office) -> Facts:
    """Somebody who has left."""
    somebody = await make_person("钱文华", office.unit)
    await disable_person(SYSTEM, DisablePerson(somebody.id, "退休"))
    return {"person_id": somebody.id}


ADMINISTRATION: dict[str, Maker] = {
    each.__name__: each for each in (subunit, merging, splitting, proposed, asked, gone)
}
