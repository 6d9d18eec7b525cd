"""Log in with a name and a password."""

import msgspec

from server.identity.attempts import Target, forget_failures, hold, note_failure, refuse_while_locked
from server.identity.limits import limits_for
from server.identity.models import Person
from server.identity.passwords import hash_password, is_outdated, is_password
from server.identity.session_facts import read_session
from server.identity.sessions import WEB, NewToken, OpenedSession, new_token, open_session
from server.identity.types import RowSource, SessionGrant
from server.kernel.actor import Actor, ActorKind
from server.kernel.command import command
from server.kernel.errors import Unauthenticated
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork

# Nobody's password is longer; a longer one is refused before it costs a hash of megabytes.
_LONGEST = 128


class LogIn(msgspec.Struct, frozen=True):
    """A login by name. `channel`: web, or api at the JSON door."""

    login_name: str
    password: str
    user_agent: str = ""
    channel: str = WEB


class _Known(msgspec.Struct, frozen=True):
    """Whose password was right, and the hash it was right for. `new_hash`: where the parameters have changed."""

    person_id: str
    password_hash: str
    new_hash: str | None


class _Device(msgspec.Struct, frozen=True):
    """From where. Not the whole request: what holds a password goes no further than it must."""

    channel: str
    user_agent: str


async def log_in(actor: Actor, request: LogIn) -> SessionGrant:
    """Open a session, under a new id. The password is verified outside any transaction.

    Raises Unauthenticated `login.failed`, the same after the same time whether the name, the password or the
    account is at fault; LimitReached `login.too_often` (retry_after) while an earlier failure's delay lasts.
    """
    actor = actor.with_key(None)
    login_name = request.login_name.strip().lower()[:_LONGEST]
    target = Target.of("login", login_name)
    async with reading() as rows:
        await refuse_while_locked(rows, target)
        row = await rows.fetch_one("SELECT id, password_hash FROM person WHERE login_name = ?", login_name)
    stored = row["password_hash"] if row else None
    is_right = await is_password(stored, request.password[: _LONGEST + 1]) and len(request.password) <= _LONGEST
    if row is None or stored is None or not is_right:
        await _fail(actor, target, row["id"] if row else "")
        raise AssertionError("a failure is always refused")
    new_hash = await hash_password(request.password) if is_outdated(stored) else None
    made = new_token()
    opened = await _open(
        actor, _Known(row["id"], stored, new_hash), target, made, _Device(request.channel, request.user_agent)
    )
    return opened.with_token(made)


@command("identity.fail_log_in")
async def _fail(uow: UnitOfWork, actor: Actor, target: Target, person_id: str) -> None:
    # The person's row first, as for a right password (a name without a person asks for no row, at the same cost).
    await uow.lock(Person, person_id)
    await hold(uow, target)
    failures = await note_failure(uow, target, await limits_for(uow, ""))
    await uow.record("person.log_in", "person", person_id, outcome="refused", target=target.id, failures=failures)
    uow.refuse(Unauthenticated("login.failed"))


@command("identity.log_in")
async def _open(
    uow: UnitOfWork, actor: Actor, known: _Known, target: Target, made: NewToken, device: _Device
) -> OpenedSession:
    person = await uow.lock(Person, known.person_id)
    # Of many guesses made at once, one may be right: it counts only if none has failed in the meantime.
    await refuse_while_locked(uow, target)
    if person is None or not person.is_active or person.password_hash != known.password_hash:
        failures = await note_failure(uow, target, await limits_for(uow, ""))
        await uow.record("person.log_in", "person", known.person_id, outcome="refused", failures=failures)
        uow.refuse(Unauthenticated("login.failed"))
    await forget_failures(uow, target)
    if known.new_hash:
        await uow.change(Person, {"id": person.id}, password_hash=known.new_hash)
    return await start_session(uow, person, made, channel=device.channel, user_agent=device.user_agent)


async def start_session(
    uow: UnitOfWork, person: Person, made: NewToken, *, channel: str, user_agent: str
) -> OpenedSession:
    """Open a session for a person whose row is held, for the unit of last time, and record the login."""
    unit_id = await _unit_of_last_time(uow, person.id)
    limits = await limits_for(uow, await _region_path(uow, unit_id))
    await open_session(
        uow, made, person_id=person.id, unit_id=unit_id, channel=channel, user_agent=user_agent, limits=limits
    )
    # The request came from nobody; from here on the audit names the person it turned out to be.
    uow.actor = Actor(
        kind=ActorKind.PERSON,
        person_id=person.id,
        person_name=person.name,
        unit_id=unit_id,
        request_id=uow.actor.request_id,
    )
    await uow.record("person.log_in", "person", person.id, channel=channel)
    return await opened_view(uow, made)


async def opened_view(uow: UnitOfWork, made: NewToken) -> OpenedSession:
    """What is still to be done in a session just opened."""
    found = await read_session(uow, made.id)
    assert found is not None
    facts, _ = found
    return OpenedSession(
        facts.expires_at, facts.needs_second_factor, facts.must_change_password, facts.needs_totp_setup
    )


async def _unit_of_last_time(rows: RowSource, person_id: str) -> str | None:
    row = await rows.fetch_one(
        "SELECT o.unit_id FROM post o JOIN unit u ON u.id = o.unit_id AND u.is_active = 1"
        " LEFT JOIN session s ON s.person_id = o.person_id AND s.unit_id = o.unit_id"
        " WHERE o.person_id = ? AND o.is_active = 1"
        " GROUP BY o.id, o.unit_id ORDER BY COALESCE(MAX(s.created_at), 0) DESC, o.id LIMIT 1",
        person_id,
    )
    return row["unit_id"] if row else None


async def _region_path(rows: RowSource, unit_id: str | None) -> str:
    row = await rows.fetch_one(
        "SELECT r.path FROM unit u JOIN region r ON r.code = u.region_code WHERE u.id = ?", unit_id or ""
    )
    return row["path"] if row else ""
