"""Opening and ending sessions. The token is 256 random bits that only the client has; we keep its SHA-256."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from server.identity.access import require_person
from server.identity.limits import SecurityLimits
from server.identity.models import Person, Session
from server.identity.types import SessionGrant
from server.kernel.actor import Actor
from server.kernel.errors import Unauthenticated
from server.kernel.instants import to_microseconds
from server.kernel.unit_of_work import UnitOfWork

# Message: the person's id. Every process forgets what it knows of that person's sessions.
CHANNEL = "session"
# `web`: a browser's cookie; `mini`: the mini-program, by WeChat; `api`: the JSON door, by password.
WEB, MINI, API = "web", "mini", "api"
# Sessions that began with a password: short, all or nothing before the second factor, and the password may be due.
BY_PASSWORD = frozenset({WEB, API})
_USER_AGENT_LENGTH = 200


class NewToken(NamedTuple):
    """A session's two secrets. Made outside the command, so that no stored answer of a command ever holds them."""

    token: str
    csrf_token: str

    @property
    def id(self) -> str:
        """The session's id."""
        return session_id_of(self.token)


class OpenedSession(msgspec.Struct, frozen=True):
    """What a command answers with; the token is added outside."""

    expires_at: datetime
    needs_second_factor: bool
    must_change_password: bool
    needs_totp_setup: bool

    def with_token(self, made: NewToken) -> SessionGrant:
        """The grant to hand to the client."""
        return SessionGrant(
            made.token,
            made.csrf_token,
            self.expires_at,
            self.needs_second_factor,
            self.must_change_password,
            self.needs_totp_setup,
        )


def new_token() -> NewToken:
    """Fresh secrets for one session."""
    return NewToken(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def session_id_of(token: str) -> str:
    """The stored name of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(
    uow: UnitOfWork,
    made: NewToken,
    *,
    person_id: str,
    unit_id: str | None,
    channel: str,
    user_agent: str,
    limits: SecurityLimits,
) -> Session:
    """Insert a session. The caller holds the person's row, so that disabling cannot pass by unseen."""
    now = await uow.now()
    is_short = channel in BY_PASSWORD
    lasts = timedelta(hours=limits.web_session_hours) if is_short else timedelta(days=limits.mini_session_days)
    session = Session(
        id=made.id,
        person_id=person_id,
        unit_id=unit_id,
        channel=channel,
        csrf_token=made.csrf_token,
        created_at=now,
        seen_at=now,
        expires_at=now + lasts,
        idle_seconds=limits.web_idle_minutes * 60 if is_short else 0,
        user_agent="".join(letter for letter in user_agent if letter.isprintable())[:_USER_AGENT_LENGTH],
    )
    await uow.add(session)
    return session


async def get_own_session(uow: UnitOfWork, actor: Actor) -> tuple[Person, Session]:
    """The actor's person and live session, both locked; Unauthenticated `session.required` where it has ended, as every
    session does when the person is disabled."""
    person = await uow.lock(Person, require_person(actor))
    session = await uow.lock(Session, actor.session_id) if actor.session_id else None
    if person is None or session is None or session.ended_at is not None or session.expires_at <= await uow.now():
        raise Unauthenticated("session.required")
    return person, session


async def replace_session(
    uow: UnitOfWork, old: Session, made: NewToken, *, unit_id: str | None, has_second_factor: bool
) -> Session:
    """End `old` and go on under a new id (session fixation: OWASP ASVS 7.2.4); it expires when the old one would."""
    now = await uow.now()
    await end_session(uow, old.id, old.person_id)
    session = Session(
        id=made.id,
        person_id=old.person_id,
        unit_id=unit_id,
        channel=old.channel,
        csrf_token=made.csrf_token,
        has_second_factor=has_second_factor,
        created_at=now,
        seen_at=now,
        expires_at=old.expires_at,
        idle_seconds=old.idle_seconds,
        user_agent=old.user_agent,
    )
    await uow.add(session)
    return session


async def end_session(uow: UnitOfWork, session_id: str, person_id: str) -> int:
    """End one session of a person; 0 where there is no live one."""
    ended = await uow.execute(
        "UPDATE session SET ended_at = ? WHERE id = ? AND person_id = ? AND ended_at IS NULL",
        to_microseconds(await uow.now()),
        session_id,
        person_id,
    )
    uow.publish_after_commit(CHANNEL, person_id)
    return ended


async def end_all_sessions(uow: UnitOfWork, person_id: str, *, but: str | None = None) -> int:
    """End every live session of a person, except the one named `but`; how many there were."""
    ended = await uow.execute(
        "UPDATE session SET ended_at = ? WHERE person_id = ? AND ended_at IS NULL AND id <> ?",
        to_microseconds(await uow.now()),
        person_id,
        but or "",
    )
    uow.publish_after_commit(CHANNEL, person_id)
    return ended


async def end_unit_sessions(uow: UnitOfWork, person_id: str, unit_id: str) -> int:
    """End a person's sessions for one unit: when the post there ends."""
    ended = await uow.execute(
        "UPDATE session SET ended_at = ? WHERE person_id = ? AND unit_id = ? AND ended_at IS NULL",
        to_microseconds(await uow.now()),
        person_id,
        unit_id,
    )
    uow.publish_after_commit(CHANNEL, person_id)
    return ended
