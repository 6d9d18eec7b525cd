"""Who keeps which region's allocation standards: those who answer for them, in the offices that speak for a region."""

from server.identity.queries import region_path
from server.identity.roles import Role
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, Unauthenticated

_KEEPERS = (Role.OPERATIONS, Role.FINANCE_REVIEWER)


async def require_region_for_standards(actor: Actor, region_code: str) -> None:
    """Let pass 机关事务管理 and 财政部门 (rules: Who) over the units below them, for their region or one inside it.

    Forbidden `role.required`, `standard.default_not_changeable`; NotFound `region.not_found` for another's region.
    """
    if actor.kind is ActorKind.SYSTEM:
        if region_code:
            await region_path(region_code)
        return
    if not can_import(actor):
        raise Forbidden("role.required")
    if not region_code:
        raise Forbidden("standard.default_not_changeable")
    if not (await region_path(region_code)).startswith(actor.region_path):
        raise NotFound("region.not_found")


def can_import(actor: Actor) -> bool:
    """Whether the actor enters tables at all. Both roles are granted in fitting offices alone; and a table is for every
    unit of its region, so a grant over one unit does not reach it."""
    return bool(actor.region_path) and any(grant.role in _KEEPERS and grant.is_subtree for grant in actor.grants)


def require_reader(actor: Actor) -> None:
    """Standards are published: whoever acts for a unit may read them. Unauthenticated `session.required`."""
    if actor.unit_id is None and actor.kind is not ActorKind.SYSTEM:
        raise Unauthenticated("session.required")
