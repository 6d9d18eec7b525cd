"""Fetch, lock and permission in one step. What the actor may not see is `NotFound`, as if it were not there."""

from typing import NoReturn

from server.identity.models import Person, Post, Unit
from server.identity.roles import Role
from server.identity.scope import is_in_scope
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import Forbidden, NotFound
from server.kernel.unit_of_work import UnitOfWork


def require_over(actor: Actor, unit_path: str, *roles: str) -> None:
    """Let pass who holds one of `roles` over the unit, and the product itself.

    Raises Forbidden `role.required` without such a role, NotFound `record.not_found` where it does not reach.
    """
    if actor.kind == ActorKind.SYSTEM:
        return
    if not actor.has_role(*roles):
        raise Forbidden("role.required")
    if not is_in_scope(actor, unit_path, *roles):
        _not_found()


def require_person(actor: Actor) -> str:
    """The id of the person who acts; Forbidden where nobody in particular does."""
    if actor.person_id is None:
        raise Forbidden("role.required")
    return actor.person_id


async def get_unit_for(uow: UnitOfWork, actor: Actor, unit_id: str, *roles: str) -> Unit:
    """An active unit over which the actor holds one of `roles`, locked."""
    unit = await uow.lock(Unit, unit_id)
    if unit is None or not unit.is_active:
        _not_found(actor, *roles)
    require_over(actor, unit.path, *roles)
    return unit


async def get_person_for(uow: UnitOfWork, actor: Actor, person_id: str, *roles: str) -> Person:
    """An active person who has a post in a unit over which the actor holds one of `roles`, locked."""
    person = await uow.lock(Person, person_id)
    if person is None or not person.is_active:
        _not_found(actor, *roles)
    await require_over_person(uow, actor, person_id, *roles)
    return person


async def require_over_person(uow: UnitOfWork, actor: Actor, person_id: str, *roles: str) -> None:
    """As `require_over`, for any unit in which the person has a post."""
    if actor.kind == ActorKind.SYSTEM:
        return
    if not actor.has_role(*roles):
        raise Forbidden("role.required")
    if not any(is_in_scope(actor, path, *roles) for path in await post_paths(uow, person_id)):
        _not_found()


async def get_post_for_granting(uow: UnitOfWork, actor: Actor, post_id: str) -> tuple[Post, Person, Unit]:
    """A live post, its person and unit, for whoever may give and take roles there. The person is locked, without which
    no post changes.

    Raises Forbidden `role.own_post` for the actor's own: nobody decides over their own rights.
    """
    seen = await uow.find(Post, id=post_id)
    if seen is None:
        _not_found(actor, Role.SECURITY_ADMIN)
    person = await uow.lock(Person, seen.person_id)
    post = await uow.find(Post, id=post_id)
    # Where it is by now: its unit may have been merged while this waited for the person.
    unit = None if post is None else await uow.find(Unit, id=post.unit_id)
    if person is None or post is None or unit is None or not (person.is_active and post.is_active):
        _not_found(actor, Role.SECURITY_ADMIN)
    require_over(actor, unit.path, Role.SECURITY_ADMIN)
    if person.id == actor.person_id:
        raise Forbidden("role.own_post")
    return post, person, unit


async def post_paths(uow: UnitOfWork, person_id: str) -> list[str]:
    """The paths of all units in which a person has a live post."""
    rows = await uow.fetch_all(
        "SELECT u.path FROM post o JOIN unit u ON u.id = o.unit_id WHERE o.person_id = ? AND o.is_active = 1", person_id
    )
    return [row["path"] for row in rows]


def _not_found(actor: Actor | None = None, *roles: str) -> NoReturn:
    # Whoever lacks the role hears that, not whether there is such a record.
    if actor is not None and actor.kind != ActorKind.SYSTEM and not actor.has_role(*roles):
        raise Forbidden("role.required")
    raise NotFound("record.not_found")
