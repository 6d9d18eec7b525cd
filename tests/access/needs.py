"""What units look for and mean to buy: things of the matrix."""

from server.circulation.wanted.commands import post_wanted
from server.circulation.wanted.types import PostWanted
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.procurement.commands import issue_proof, record_need, search_idle
from server.procurement.types import IssueProof
from tests.access.world import Facts, Office, World
from tests.factories.identity import make_actor
from tests.factories.procurement import UNHEARD, purchase

# The wanted board


async def wanted(world: World, office: Office) -> Facts:
    return await make_a_post(await make_actor("周小兰", office.unit, Role.BORROWER))


async def make_a_post(poster: Actor) -> Facts:
    return {"wanted_id": (await post_wanted(poster, PostWanted(title="折叠会议桌", quantity=10, days=5))).id}


# Purchase needs


async def make_a_need(applicant: Actor) -> Facts:
    return {"need_id": (await record_need(applicant, purchase())).id}


async def need(world: World, office: Office) -> Facts:
    return await make_a_need(await make_actor("周小兰", office.unit, Role.BORROWER))


async def searched(world: World, office: Office) -> Facts:
    """A need whose search found nothing: nobody offers such a thing."""
    view = await record_need(office.manager, purchase(category_code=UNHEARD, item="无人驾驶售货车"))
    view = await search_idle(office.manager, view.id)
    assert view.search is not None and not view.search.hits
    return {"need_id": view.id, "search_id": view.search.id}


async def proof(world: World, office: Office) -> Facts:
    facts = await searched(world, office)
    await issue_proof(office.manager, facts["need_id"], IssueProof(search_id=facts["search_id"], refusals=()))
    return facts


# Things of the very person who asks


async def my_post_wanted(world: World, me: Actor) -> Facts:
    return await make_a_post(me)


async def my_need(world: World, me: Actor) -> Facts:
    return await make_a_need(me)
