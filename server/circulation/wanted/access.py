"""Who sees a post, who posts, offers and closes. What is out of reach is NotFound."""

from server.circulation.queries.board_sql import region_prefixes
from server.circulation.wanted.models import WantedPost
from server.identity.access import require_person
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.scope import Clause, is_in_scope, require_role
from server.identity.types import UnitFacts
from server.kernel.actor import Actor
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork

# A borrower posts wanted (rules: Who), and so does whoever manages the unit's assets.
POSTERS = (Role.BORROWER, Role.ASSET_MANAGER)
# What a unit holds, its asset manager offers; operations what lies in the warehouses that they run.
OFFERERS = (Role.ASSET_MANAGER, Role.OPERATIONS)


def reach_clause(actor: Actor, column: str = "w.reach_path") -> Clause:
    """The condition for posts that the actor's region sees."""
    prefixes = region_prefixes(actor.region_path)
    if not prefixes:
        return "1 = 0", ()
    return f"{column} IN ({', '.join('?' * len(prefixes))})", tuple(prefixes)


def is_own(actor: Actor, poster_id: str, unit_path: str) -> bool:
    """Whether the actor posted it, or manages the assets of the unit that did."""
    is_poster = actor.person_id is not None and poster_id == actor.person_id
    return is_poster or is_in_scope(actor, unit_path, Role.ASSET_MANAGER)


async def acting_unit(uow: UnitOfWork, actor: Actor, *roles: Role) -> tuple[str, UnitFacts]:
    """Who acts and for which active unit, with one of `roles`. Forbidden `role.required`, `wanted.unit_inactive`."""
    person_id = require_person(actor)
    require_role(actor, *roles)
    assert actor.unit_id is not None
    unit = await unit_facts(uow, actor.unit_id)
    if not unit.is_active:
        raise Forbidden("wanted.unit_inactive")
    return person_id, unit


async def get_wanted_for_offer(uow: UnitOfWork, actor: Actor, wanted_id: str) -> WantedPost:
    """The open post, locked, for another unit within its reach.

    NotFound `wanted.not_found`; StateConflict `wanted.closed`, `wanted.own`.
    """
    wanted = await uow.lock(WantedPost, wanted_id)
    if wanted is None or wanted.reach_path not in region_prefixes(actor.region_path):
        raise NotFound("wanted.not_found")
    if wanted.unit_id == actor.unit_id:
        raise StateConflict("wanted.own")
    _require_open(wanted)
    return wanted


async def get_wanted_for_closing(uow: UnitOfWork, actor: Actor, wanted_id: str) -> WantedPost:
    """The open post, locked, for its poster and the unit's asset manager.

    Forbidden `role.required`; NotFound `wanted.not_found`; StateConflict `wanted.closed`.
    """
    require_role(actor, *POSTERS)
    wanted = await uow.lock(WantedPost, wanted_id)
    if wanted is None or not is_own(actor, wanted.poster_id, wanted.unit_path):
        raise NotFound("wanted.not_found")
    _require_open(wanted)
    return wanted


def _require_open(wanted: WantedPost) -> None:
    if wanted.state != "open":
        raise StateConflict("wanted.closed")
