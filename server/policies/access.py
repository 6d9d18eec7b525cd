"""Who may change or read which policy, and for which region."""

from server.identity.ops import unit_facts
from server.identity.queries import region_path
from server.identity.roles import Role
from server.identity.types import RowSource
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound, Unauthenticated
from server.kernel.unit_of_work import UnitOfWork
from server.policies.models import PolicyVersion

# 三员分立: the system administrator keeps the rules of business, the security administrator those of logging in.
_CHANGED_BY: dict[str, Role] = {
    "borrowing": Role.SYSTEM_ADMIN,
    "coding": Role.SYSTEM_ADMIN,
    "calendar": Role.SYSTEM_ADMIN,
    "procurement": Role.SYSTEM_ADMIN,
    "security": Role.SECURITY_ADMIN,
}
_READ_BY: dict[str, tuple[Role, ...]] = {
    "security": (Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN),
}


async def require_region_for_change(rows: RowSource, actor: Actor, kind: str, region_code: str) -> str:
    """The region's path, when the actor may change `kind` there: an administrator over the units below, in a unit that
    leads a region, for that region or one inside it.

    Forbidden `role.required`, `policy.default_not_changeable`; NotFound `region.not_found` for another's region.
    """
    if actor.kind is ActorKind.SYSTEM:
        return await region_path(region_code) if region_code else ""
    if not await can_change(rows, actor, kind):
        raise Forbidden("role.required")
    if not region_code:
        raise Forbidden("policy.default_not_changeable")
    path = await region_path(region_code)
    if not actor.region_path or not path.startswith(actor.region_path):
        raise NotFound("region.not_found")
    return path


async def _leads_region(rows: RowSource, unit_id: str) -> bool:
    """Whether a unit speaks for its region: the one at the region's top, or its operator (机关事务管理). The
    administrator of a school is not to change the rules of the whole district."""
    unit = await unit_facts(rows, unit_id)
    if unit.parent_id is None or unit.is_operator:
        return True
    return (await unit_facts(rows, unit.parent_id)).region_code != unit.region_code


async def get_version_for_change(uow: UnitOfWork, actor: Actor, version_id: str) -> PolicyVersion:
    """Fetch and lock a version of a region whose rules the actor keeps. Forbidden `role.required` to whoever keeps
    none of its kind; NotFound `policy.not_found` for one of another's region, as for none at all."""
    version = await uow.lock(PolicyVersion, version_id)
    if version is None:
        raise NotFound("policy.not_found")
    try:
        await require_region_for_change(uow, actor, version.kind, version.region_code)
    except NotFound as error:
        raise NotFound("policy.not_found") from error
    return version


async def can_change(rows: RowSource, actor: Actor, kind: str) -> bool:
    """Whether the actor may change `kind` somewhere: whether a page offers the form."""
    # A policy binds every unit of its region, so a grant over one unit alone does not reach it.
    if not any(grant.role == _CHANGED_BY[kind] and grant.is_subtree for grant in actor.grants):
        return False
    return actor.unit_id is not None and await _leads_region(rows, actor.unit_id)


def can_read(actor: Actor, kind: str) -> bool:
    """Rules of business are open to everybody who acts for a unit; those of logging in to the administrators."""
    return actor.unit_id is not None and (kind not in _READ_BY or actor.has_role(*_READ_BY[kind]))


def require_reader(actor: Actor, kind: str) -> None:
    """Unauthenticated `session.required` or Forbidden `role.required` unless the actor may read `kind`."""
    if actor.unit_id is None:
        raise Unauthenticated("session.required")
    if not can_read(actor, kind):
        raise Forbidden("role.required")
