"""Saved searches and the list of synonyms, for the matrix."""

import itertools

from server.circulation.commands import save_search
from server.circulation.finding_types import SaveSearch
from server.circulation.types import ListingFilter
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.search.queries import current_synonyms
from tests.access.world import Facts, Office, World
from tests.factories.identity import make_actor

_numbers = itertools.count(1)


async def saved(world: World, office: Office) -> Facts:
    return {"search_id": await searched(await make_actor("孙丽华", office.unit, Role.BORROWER))}


async def searched(actor: Actor) -> str:
    return (await save_search(actor, SaveSearch("投影仪", ListingFilter(text="投影仪")))).id


async def synonyms(world: World, office: Office) -> Facts:
    async with reading() as rows:
        current = await current_synonyms(rows)
    return {"version": str(current.version), "synonym": f"叫法{next(_numbers)}"}


async def my_search(world: World, me: Actor) -> Facts:
    return {"search_id": await searched(me)}
