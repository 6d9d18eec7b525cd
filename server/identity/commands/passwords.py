"""Change one's own password, or give somebody a temporary one."""

import msgspec

from server.identity.access import get_person_for, require_person
from server.identity.attempts import Target, forget_failures, hold, note_failure, refuse_while_locked
from server.identity.checks import FieldChecks
from server.identity.limits import limits_for
from server.identity.models import Person
from server.identity.passwords import check_password, hash_password, is_password, make_temporary_password
from server.identity.roles import Role
from server.identity.sessions import end_all_sessions, get_own_session
from server.identity.types import TemporaryPassword
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, InvalidInput, StateConflict
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork


class ChangePassword(msgspec.Struct, frozen=True):
    """The present password and the one to come."""

    old_password: str
    new_password: str


async def change_password(actor: Actor, request: ChangePassword) -> None:
    """Change the actor's own password; every other session of theirs ends.

    Raises InvalidInput (fields; `password.wrong`), LimitReached `login.too_often`, Unauthenticated
    `session.required`, StateConflict `record.changed`.
    """
    actor = actor.with_key(None)
    person_id = require_person(actor)
    target = Target.of("password", person_id)
    async with reading() as rows:
        await refuse_while_locked(rows, target)
        row = await rows.fetch_one("SELECT login_name, password_hash FROM person WHERE id = ?", person_id)
        limits = await limits_for(rows, actor.region_path)
    stored = row["password_hash"] if row else None
    _check_new(request, row["login_name"] if row else None, limits.least_password_length)
    if not await is_password(stored, request.old_password[:129]):
        await _fail(actor, target)
    await _change(actor, target, stored, await hash_password(request.new_password))


def _check_new(request: ChangePassword, login_name: str | None, least: int) -> None:
    checks = FieldChecks()
    check_password(checks, "new_password", request.new_password, least)
    if login_name and login_name in request.new_password.lower():
        checks.add("new_password", "password.has_login_name")
    if request.new_password == request.old_password:
        checks.add("new_password", "password.unchanged")
    checks.finish()


@command("identity.fail_password")
async def _fail(uow: UnitOfWork, actor: Actor, target: Target) -> None:
    await uow.lock(Person, require_person(actor))
    await hold(uow, target)
    failures = await note_failure(uow, target, await limits_for(uow, actor.region_path))
    await uow.record("person.password_changed", "person", require_person(actor), outcome="refused", failures=failures)
    uow.refuse(InvalidInput("password.wrong"))


@command("identity.change_password")
async def _change(uow: UnitOfWork, actor: Actor, target: Target, old_hash: str | None, new_hash: str) -> None:
    person, session = await get_own_session(uow, actor)
    await refuse_while_locked(uow, target)
    await uow.change_one(
        Person,
        {"id": person.id, "password_hash": old_hash},
        otherwise=StateConflict("record.changed"),
        password_hash=new_hash,
        must_change_password=False,
    )
    await forget_failures(uow, target)
    await end_all_sessions(uow, person.id, but=session.id)
    await uow.record("person.password_changed", "person", person.id)


async def reset_password(actor: Actor, person_id: str) -> TemporaryPassword:
    """Give somebody a temporary password, shown once; every session ends and the login's delay with them.

    Raises Forbidden `role.required` or `person.own_account`, NotFound, StateConflict `person.no_login_name`.
    """
    password = make_temporary_password()
    await _reset(actor.with_key(None), person_id, await hash_password(password))
    return TemporaryPassword(password)


@command("identity.reset_password")
async def _reset(uow: UnitOfWork, actor: Actor, person_id: str, new_hash: str) -> None:
    person = await get_person_for(uow, actor, person_id, Role.SECURITY_ADMIN)
    if person.id == actor.person_id:
        raise Forbidden("person.own_account")
    if person.login_name is None:
        raise StateConflict("person.no_login_name")
    await uow.change(Person, {"id": person.id}, password_hash=new_hash, must_change_password=True)
    await forget_failures(uow, Target.of("login", person.login_name))
    await end_all_sessions(uow, person.id)
    await uow.record("person.password_reset", "person", person.id)


@command("identity.unlock_login")
async def unlock_login(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """End the delays after somebody's failed attempts. Raises Forbidden `role.required`, NotFound."""
    person = await get_person_for(uow, actor, person_id, Role.SECURITY_ADMIN)
    for kind, what in (("login", person.login_name or ""), ("totp", person.id), ("password", person.id)):
        await forget_failures(uow, Target.of(kind, what))
    await uow.record("person.unlocked", "person", person.id)
