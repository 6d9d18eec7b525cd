"""Log out, end sessions, and act for another of one's units."""

from server.identity.access import get_person_for, require_person
from server.identity.commands.log_in import opened_view
from server.identity.models import Post, Unit
from server.identity.roles import Role
from server.identity.sessions import (
    NewToken,
    OpenedSession,
    end_all_sessions,
    end_session,
    get_own_session,
    new_token,
    replace_session,
)
from server.identity.types import SessionGrant
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import NotFound
from server.kernel.unit_of_work import UnitOfWork


@command("identity.log_out")
async def log_out(uow: UnitOfWork, actor: Actor) -> None:
    """End the actor's own session; one that has ended already stays so."""
    person_id = require_person(actor)
    await end_session(uow, actor.session_id or "", person_id)
    await uow.record("person.log_out", "person", person_id)


@command("identity.end_own_session")
async def end_own_session(uow: UnitOfWork, actor: Actor, session_id: str) -> None:
    """End another of the actor's own sessions, on a device left behind. NotFound `record.not_found` otherwise."""
    person_id = require_person(actor)
    if not await end_session(uow, session_id, person_id):
        raise NotFound("record.not_found")
    await uow.record("session.ended", "person", person_id, session_id=session_id)


@command("identity.end_sessions")
async def end_sessions(uow: UnitOfWork, actor: Actor, person_id: str) -> int:
    """End all sessions of somebody within scope; how many. Raises Forbidden `role.required`, NotFound."""
    person = await get_person_for(uow, actor, person_id, Role.SECURITY_ADMIN)
    ended = await end_all_sessions(uow, person.id)
    await uow.record("session.all_ended", "person", person.id, sessions=ended)
    return ended


async def switch_unit(actor: Actor, unit_id: str) -> SessionGrant:
    """Act for another unit in which the actor has a post; the session goes on under a new id.

    Raises NotFound `record.not_found` without a post there, Unauthenticated `session.required`.
    """
    made = new_token()
    return (await _switch(actor.with_key(None), unit_id, made)).with_token(made)


@command("identity.switch_unit")
async def _switch(uow: UnitOfWork, actor: Actor, unit_id: str, made: NewToken) -> OpenedSession:
    person, session = await get_own_session(uow, actor)
    post = await uow.find(Post, person_id=person.id, unit_id=unit_id, is_active=True)
    unit = await uow.find(Unit, id=unit_id, is_active=True)
    if post is None or unit is None:
        raise NotFound("record.not_found")
    await replace_session(uow, session, made, unit_id=unit.id, has_second_factor=session.has_second_factor)
    await uow.record("session.unit_switched", "person", person.id, switched_to=unit.id)
    return await opened_view(uow, made)
