"""Give a person another post, or end one."""

import msgspec

from server.identity.access import get_person_for, get_unit_for
from server.identity.checks import FieldChecks
from server.identity.handover import held_items, still_holds
from server.identity.models import Person, Post, RoleGrant
from server.identity.roles import Role
from server.identity.sessions import end_unit_sessions
from server.identity.types import PersonView
from server.identity.views import person_views
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class AddPost(msgspec.Struct, frozen=True):
    """A post of a known person in a unit."""

    person_id: str
    unit_id: str
    title: str


class EndPost(msgspec.Struct, frozen=True):
    """The end of a post: its roles and its sessions end with it."""

    post_id: str
    reason: str


@command("identity.add_post")
async def add_post(uow: UnitOfWork, actor: Actor, request: AddPost) -> PersonView:
    """Add a post; one that ended before begins again, without its old roles.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound, StateConflict `post.already_held`.
    """
    checks = FieldChecks()
    checks.text("title", request.title, 64)
    checks.finish()
    unit = await get_unit_for(uow, actor, request.unit_id, Role.SYSTEM_ADMIN)
    person = await _get_person(uow, request.person_id)
    before = await uow.find(Post, person_id=person.id, unit_id=unit.id)
    if before is None:
        await uow.add(Post(person_id=person.id, unit_id=unit.id, title=request.title))
    else:
        await uow.change_one(
            Post,
            {"id": before.id, "is_active": False},
            otherwise=StateConflict("post.already_held"),
            is_active=True,
            title=request.title,
        )
    await uow.record("post.added", "person", person.id, unit_id=unit.id)
    return (await person_views(uow, [person.id]))[0]


@command("identity.end_post")
async def end_post(uow: UnitOfWork, actor: Actor, request: EndPost) -> PersonView:
    """End a post. Raises InvalidInput (fields), Forbidden `role.required`, NotFound, StateConflict `post.ended`,
    `person.last_post` (disable the person instead), `person.still_holds` (for this unit)."""
    checks = FieldChecks()
    checks.text("reason", request.reason, 200)
    checks.finish()
    post = await uow.find(Post, id=request.post_id)
    if post is None:
        raise NotFound("record.not_found")
    await get_unit_for(uow, actor, post.unit_id, Role.SYSTEM_ADMIN)
    await get_person_for(uow, actor, post.person_id, Role.SYSTEM_ADMIN)
    if not [held for held in await uow.find_all(Post, person_id=post.person_id, is_active=True) if held.id != post.id]:
        raise StateConflict("person.last_post")
    held = [item for items in (await held_items(uow, post.person_id)).values() for item in items]
    if there := [item for item in held if item.unit_id == post.unit_id]:
        raise still_holds(there)
    await uow.change_one(
        Post, {"id": post.id, "is_active": True}, otherwise=StateConflict("post.ended"), is_active=False
    )
    await uow.change(
        RoleGrant,
        {"post_id": post.id, "revoked_at": None},
        revoked_at=await uow.now(),
        revoked_by=actor.person_id,
        revoke_reason=request.reason.strip(),
    )
    await end_unit_sessions(uow, post.person_id, post.unit_id)
    await uow.execute("DELETE FROM feed_key WHERE person_id = ? AND unit_id = ?", post.person_id, post.unit_id)
    await uow.record("post.ended", "person", post.person_id, unit_id=post.unit_id, reason=request.reason)
    return (await person_views(uow, [post.person_id]))[0]


async def _get_person(uow: UnitOfWork, person_id: str) -> Person:
    # Somebody of another unit may be called in: the right to the unit is what counts.
    person = await uow.lock(Person, person_id)
    if person is None or not person.is_active:
        raise NotFound("record.not_found")
    return person
