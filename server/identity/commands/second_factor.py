"""The second factor: set up, confirm, and take away when the phone is lost."""

from server.identity.access import get_person_for
from server.identity.attempts import Target, forget_failures, note_failure, refuse_while_locked
from server.identity.commands.log_in import opened_view
from server.identity.limits import limits_for
from server.identity.models import Person
from server.identity.roles import Role
from server.identity.sessions import (
    NewToken,
    OpenedSession,
    end_all_sessions,
    get_own_session,
    new_token,
    replace_session,
)
from server.identity.totp import matching_step, new_secret, otpauth_uri
from server.identity.types import SessionGrant, TotpSetup
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, InvalidInput, StateConflict
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import UnitOfWork

TOTP_FIELD = "person.totp"


async def begin_totp_setup(actor: Actor) -> TotpSetup:
    """Make a secret for the actor's authenticator app; asking again before confirming makes another.

    Raises Unauthenticated `session.required`, StateConflict `totp.already_set`.
    """
    secret = new_secret()
    account = await _begin_setup(actor.with_key(None), current_runtime().cipher.encrypt(TOTP_FIELD, secret))
    return TotpSetup(secret, otpauth_uri(secret, account))


async def confirm_totp(actor: Actor, code: str) -> SessionGrant:
    """Finish the set-up by a first code; the session goes on under a new id with the second factor confirmed.

    Raises Unauthenticated `session.required`, StateConflict `totp.already_set` or `totp.not_begun`, InvalidInput
    `totp.wrong`, LimitReached `login.too_often`.
    """
    made = new_token()
    return (await _confirm(actor.with_key(None), code, made, is_setup=True)).with_token(made)


async def confirm_second_factor(actor: Actor, code: str) -> SessionGrant:
    """Confirm the second factor in this session, which goes on under a new id. Each code is accepted once.

    Raises Unauthenticated `session.required`, StateConflict `totp.not_begun`, InvalidInput `totp.wrong`,
    LimitReached `login.too_often`.
    """
    made = new_token()
    return (await _confirm(actor.with_key(None), code, made, is_setup=False)).with_token(made)


@command("identity.begin_totp_setup")
async def _begin_setup(uow: UnitOfWork, actor: Actor, sealed: str) -> str:
    person, _ = await get_own_session(uow, actor)
    if person.is_totp_confirmed:
        raise StateConflict("totp.already_set")
    await uow.change(Person, {"id": person.id}, totp_sealed=sealed, totp_step=0)
    await uow.record("person.totp_begun", "person", person.id)
    return person.login_name or person.name


@command("identity.confirm_totp")
async def _confirm(uow: UnitOfWork, actor: Actor, code: str, made: NewToken, *, is_setup: bool) -> OpenedSession:
    person, session = await get_own_session(uow, actor)
    target = Target.of("totp", person.id)
    await refuse_while_locked(uow, target)
    if is_setup and person.is_totp_confirmed:
        raise StateConflict("totp.already_set")
    if person.totp_sealed is None or not (is_setup or person.is_totp_confirmed):
        raise StateConflict("totp.not_begun")
    if not await _take_code(uow, person, code):
        failures = await note_failure(uow, target, await limits_for(uow, actor.region_path))
        await uow.record("person.second_factor", "person", person.id, outcome="refused", failures=failures)
        uow.refuse(InvalidInput("totp.wrong"))
    await forget_failures(uow, target)
    await replace_session(uow, session, made, unit_id=session.unit_id, has_second_factor=True)
    await uow.record("person.second_factor", "person", person.id, is_setup=is_setup)
    return await opened_view(uow, made)


async def _take_code(uow: UnitOfWork, person: Person, code: str) -> bool:
    """Whether the code is right and was not used before: its step becomes the last accepted one (RFC 6238, 5.2)."""
    secret = current_runtime().cipher.decrypt(TOTP_FIELD, str(person.totp_sealed))
    step = matching_step(secret, code, await uow.now())
    if step is None:
        return False
    taken = await uow.change(Person, {"id": person.id, "totp_step__lt": step}, totp_step=step, is_totp_confirmed=True)
    return taken == 1


@command("identity.reset_second_factor")
async def reset_second_factor(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """Take away somebody's second factor, who sets up a new one at the next login; every session ends.

    Raises Forbidden `role.required` or `person.own_account`, NotFound.
    """
    person = await get_person_for(uow, actor, person_id, Role.SECURITY_ADMIN)
    if person.id == actor.person_id:
        raise Forbidden("person.own_account")
    await uow.change(Person, {"id": person.id}, totp_sealed=None, is_totp_confirmed=False)
    await forget_failures(uow, Target.of("totp", person.id))
    await end_all_sessions(uow, person.id)
    await uow.record("person.second_factor_reset", "person", person.id)
