"""The product with limits out of the way, the four offices, and a pass for everybody."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from server.identity.models import Person, Session
from server.identity.roles import Role
from server.identity.sessions import API, WEB, session_id_of
from server.kernel.actor import Actor, system_actor
from server.kernel.unit_of_work import unit_of_work
from server.places.commands import assign_keeper
from server.places.types import AssignKeeper, PlaceKind
from server.settings import Settings
from tests.access.sending import Answer, Pass, pass_of
from tests.access.things import MAKERS
from tests.access.world import Facts, World, make_world
from tests.factories.circulation import make_photograph
from tests.factories.identity import SYSTEM
from tests.factories.places import make_place
from tests.support.http import served, signed_in


@dataclass(slots=True)
class Trial:
    """A client on the product and the world in it.

    Passes of those who ask are made once and kept, and so is what was heard of things that do not exist.
    """

    client: httpx.AsyncClient
    world: World
    own: Facts
    unknown: dict[str, Answer] = field(default_factory=dict)
    _passes: dict[str, Pass] = field(default_factory=dict)

    async def pass_for(self, actor: Actor, *, is_new: bool = False) -> Pass:
        """The session of an asker; a new one where the request before may have ended it."""
        assert actor.person_id is not None
        if is_new or actor.person_id not in self._passes:
            self._passes[actor.person_id] = await pass_of(await signed_in(actor, WEB), await signed_in(actor))
        return self._passes[actor.person_id]

    def facts_of(self, role: Role, *, is_subtree: bool) -> Facts:
        """What bodies say of whoever asks."""
        branch = self.world.offices["below" if is_subtree else "own"].unit
        return {
            **self.own,
            "my_role": role,
            "my_branch_id": branch.id,
            "my_name": self.world.asking[role, is_subtree].person_name,
        }


@pytest.fixture
async def trial(product_environment: dict[str, str]) -> AsyncIterator[Trial]:
    """The world, served."""
    limits = {"REQUESTS_PER_MINUTE": "1000000", "LOGIN_ATTEMPTS_PER_MINUTE": "1000000"}
    async with served(Settings.from_environment({**product_environment, **limits})) as client:
        world = await make_world(MAKERS)
        yield Trial(client, world, await _own_facts(world))


async def _own_facts(world: World) -> Facts:
    own = world.offices["own"]
    for is_subtree in (False, True):
        keeper = world.asking[Role.WAREHOUSE_KEEPER, is_subtree]
        assert keeper.person_id is not None
        await assign_keeper(SYSTEM, AssignKeeper(place_id=own.warehouse.id, person_id=keeper.person_id))
    shelf = await make_place(PlaceKind.ZONE, "周转区", parent=own.warehouse)
    return {
        "my_shelf_id": shelf.id,
        "my_picture_id": await make_photograph(own.manager),
        "my_region_code": own.unit.region_code,
    }


async def half_pass(actor: Actor) -> Pass:
    """A session that is known by password alone, of somebody who has a second factor."""
    token, bearer = await signed_in(actor, WEB), await signed_in(actor, API)
    async with unit_of_work(system_actor("test")) as uow:
        await uow.change(Person, {"id": actor.person_id}, is_totp_confirmed=True)
        for each in (token, bearer):
            await uow.change(Session, {"id": session_id_of(each)}, has_second_factor=False)
    return await pass_of(token, bearer)
