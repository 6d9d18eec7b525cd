"""Grant a role through a post, or take it back."""

import msgspec

from server.identity.access import get_post_for_granting
from server.identity.checks import FieldChecks
from server.identity.models import Person, Post, RoleGrant, Unit
from server.identity.roles import ADMINISTRATORS, ROLE_NAMES, Role
from server.identity.sessions import CHANNEL
from server.identity.types import PersonView
from server.identity.views import person_views
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.instants import to_day_number
from server.kernel.unit_of_work import UnitOfWork


class GrantRole(msgspec.Struct, frozen=True):
    """A role for a post, over its unit alone or over the units below too."""

    post_id: str
    role: str
    is_subtree: bool = False
    reason: str = ""


class RevokeRole(msgspec.Struct, frozen=True):
    """A role to take from a post."""

    post_id: str
    role: str
    reason: str = ""


@command("identity.grant_role")
async def grant_role(uow: UnitOfWork, actor: Actor, request: GrantRole) -> PersonView:
    """Grant a role. Only a security administrator may, never to himself, and never so that one person is two of the
    three administrators or an administrator and a clerk (三员分立).

    Raises InvalidInput, Forbidden `role.required` or `role.own_post`, NotFound, StateConflict
    `role.already_granted`, `role.separation`, `role.unit_unfit`.
    """
    check_role(request.role, request.reason)
    post, person, unit = await get_post_for_granting(uow, actor, request.post_id)
    await give_role(uow, request, post, person, unit)
    return (await person_views(uow, [person.id]))[0]


def check_role(role: str, reason: str, *, least: int = 0) -> None:
    """Raise InvalidInput unless the role is one and the reason is a line of at most 200 characters."""
    checks = FieldChecks()
    checks.choice("role", role, frozenset(ROLE_NAMES))
    checks.text("reason", reason, 200, least=least)
    checks.finish()


async def give_role(uow: UnitOfWork, request: GrantRole, post: Post, person: Person, unit: Unit) -> None:
    """Grant a role through a post that `get_post_for_granting` has locked. Raises StateConflict as `grant_role`."""
    require_fitting(request.role, unit)
    await require_separation(uow, person, post.id, request.role)
    await _bump(uow, person)
    await uow.add(
        RoleGrant(
            post_id=post.id,
            role=request.role,
            is_subtree=request.is_subtree,
            granted_by=uow.actor.person_id,
            granted_at=await uow.now(),
            reason=request.reason.strip(),
        )
    )
    uow.publish_after_commit(CHANNEL, person.id)
    await uow.record(
        "role.granted",
        "person",
        person.id,
        role=request.role,
        granted_for=unit.id,
        is_subtree=request.is_subtree,
        reason=request.reason,
    )


@command("identity.revoke_role")
async def revoke_role(uow: UnitOfWork, actor: Actor, request: RevokeRole) -> PersonView:
    """Take a role back, at once in every session.

    Raises Forbidden `role.required` or `role.own_post`, NotFound, StateConflict `role.not_held`.
    """
    checks = FieldChecks()
    checks.text("reason", request.reason, 200, least=0)
    checks.finish()
    post, person, unit = await get_post_for_granting(uow, actor, request.post_id)
    await _bump(uow, person)
    await uow.change_one(
        RoleGrant,
        {"post_id": post.id, "role": request.role, "revoked_at": None},
        otherwise=StateConflict("role.not_held"),
        revoked_at=await uow.now(),
        revoked_by=actor.person_id,
        revoke_reason=request.reason.strip(),
    )
    uow.publish_after_commit(CHANNEL, person.id)
    await uow.record("role.revoked", "person", person.id, role=request.role, granted_for=unit.id, reason=request.reason)
    return (await person_views(uow, [person.id]))[0]


def require_fitting(role: str, unit: Unit) -> None:
    """财政部门 and 机关事务管理 are what a unit is; nobody can be their reviewer from elsewhere."""
    if (role == Role.FINANCE_REVIEWER and not unit.is_finance_authority) or (
        role == Role.OPERATIONS and not unit.is_operator
    ):
        raise StateConflict("role.unit_unfit", role_name=ROLE_NAMES[role])


async def require_separation(uow: UnitOfWork, person: Person, post_id: str, role: str) -> None:
    """Raise StateConflict `role.already_granted`, or `role.separation` (三员分立) where it must not be the person's."""
    # The person's row is locked: two grants at once are decided one after the other.
    # What the person does for somebody on leave counts like a role of their own.
    held = await uow.fetch_all(
        "SELECT o.id AS post_id, g.role FROM role_grant g JOIN post o ON o.id = g.post_id"
        " WHERE o.person_id = ? AND o.is_active = 1 AND g.revoked_at IS NULL UNION"
        " SELECT '', d.role FROM delegation d WHERE d.to_person_id = ? AND d.revoked_at IS NULL AND d.ends_on >= ?",
        person.id,
        person.id,
        to_day_number(await today(uow)),
    )
    if any(row["role"] == role and row["post_id"] == post_id for row in held):
        raise StateConflict("role.already_granted", role_name=ROLE_NAMES[role])
    others = {row["role"] for row in held} - {role}
    if others and (role in ADMINISTRATORS or others & ADMINISTRATORS):
        raise StateConflict("role.separation", held="、".join(sorted(ROLE_NAMES[other] for other in others)))


async def _bump(uow: UnitOfWork, person: Person) -> None:
    # On a Galera cluster a lock alone is not replicated; a changed version is what makes two writers meet.
    await uow.change(Person, {"id": person.id}, version=person.version + 1)
