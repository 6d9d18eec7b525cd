"""Who acts by a session: read in one query, kept for at most five seconds in this process."""

import logging
import time
from collections import OrderedDict
from typing import Any

import msgspec

from server.identity.roles import PRIVILEGED
from server.identity.sessions import BY_PASSWORD, CHANNEL, session_id_of
from server.identity.types import RowSource, SessionFacts
from server.kernel.actor import Actor, ActorKind, Grant, PartyKind
from server.kernel.command import command
from server.kernel.errors import Unavailable
from server.kernel.instants import from_microseconds, to_day_number, to_microseconds
from server.kernel.ports.pubsub import MISSED
from server.kernel.reading import present, present_day, reading
from server.kernel.runtime import Runtime, current_runtime
from server.kernel.unit_of_work import UnitOfWork

_log = logging.getLogger("server.identity")
_KEPT_SECONDS = 5.0
_KEPT_SESSIONS = 10_000
# A session's last use is written down at most this often: a write for every read would cost more than the read.
_SEEN_SECONDS = 60

_OF_SESSION = (
    "SELECT s.id, s.person_id, s.unit_id, s.channel, s.csrf_token, s.has_second_factor, s.seen_at, s.expires_at,"
    " s.idle_seconds, s.ended_at, p.name AS person_name, p.is_active, p.must_change_password, p.is_totp_confirmed,"
    " u.name AS unit_name, u.path AS unit_path, u.party_id, r.path AS region_path, g.role, g.is_subtree,"
    " {delegated_by} AS delegated_by"
    " FROM session s JOIN person p ON p.id = s.person_id"
    " LEFT JOIN unit u ON u.id = s.unit_id AND u.is_active = 1 LEFT JOIN region r ON r.code = u.region_code"
)
# Own grants, and those of a person on leave who still holds them, in the same unit, today.
_SQL = (
    _OF_SESSION.format(delegated_by="NULL")
    + " LEFT JOIN post o ON o.person_id = s.person_id AND o.unit_id = u.id AND o.is_active = 1"
    " LEFT JOIN role_grant g ON g.post_id = o.id AND g.revoked_at IS NULL WHERE s.id = ?"
    " UNION ALL "
    + _OF_SESSION.format(delegated_by="d.from_person_id")
    + " JOIN post me ON me.person_id = s.person_id AND me.unit_id = u.id AND me.is_active = 1"
    " JOIN delegation d ON d.to_person_id = s.person_id AND d.unit_id = u.id AND d.revoked_at IS NULL"
    " AND d.starts_on <= ? AND d.ends_on >= ?"
    " JOIN person f ON f.id = d.from_person_id AND f.is_active = 1"
    " JOIN post o ON o.person_id = f.id AND o.unit_id = u.id AND o.is_active = 1"
    " JOIN role_grant g ON g.post_id = o.id AND g.role = d.role AND g.revoked_at IS NULL WHERE s.id = ?"
)


async def session_for_token(token: str, request_id: str = "") -> SessionFacts | None:
    """The live session of a token, its actor carrying `request_id`; None where there is none.

    At most five seconds behind, and not behind at all for changes announced on the channel `session`.
    """
    session_id = session_id_of(token)
    kept = _cache()
    facts = kept.get(session_id)
    if facts is None:
        generation = kept.generation
        async with reading() as rows:
            found = await read_session(rows, session_id)
        if found is None:
            return None
        facts, is_unseen = found
        kept.put(session_id, facts, generation)
        if is_unseen:
            await _note_seen(session_id)
    if facts.expires_at <= present():
        return None
    return msgspec.structs.replace(facts, actor=msgspec.structs.replace(facts.actor, request_id=request_id))


async def actor_for_session(token: str, request_id: str) -> Actor | None:
    """Who acts by a token; None where it is worth nothing."""
    facts = await session_for_token(token, request_id)
    return None if facts is None else facts.actor


async def read_session(rows: RowSource, session_id: str) -> tuple[SessionFacts, bool] | None:
    """The facts of a live session by its id, and whether its last use should be written down."""
    day = to_day_number(present_day())
    found = await rows.fetch_all(_SQL, session_id, day, day, session_id)
    if not found or not _is_live(found[0]):
        return None
    return _facts(found), to_microseconds(present()) - found[0]["seen_at"] > _SEEN_SECONDS * 1_000_000


def _is_live(row: dict[str, Any]) -> bool:
    instant = to_microseconds(present())
    is_rested_out = bool(row["idle_seconds"]) and row["seen_at"] + row["idle_seconds"] * 1_000_000 <= instant
    return row["ended_at"] is None and bool(row["is_active"]) and row["expires_at"] > instant and not is_rested_out


def _facts(rows: list[dict[str, Any]]) -> SessionFacts:
    first = rows[0]
    held = [Grant(row["role"], bool(row["is_subtree"]), row["delegated_by"]) for row in rows if row["role"] is not None]
    is_by_password, is_confirmed = first["channel"] in BY_PASSWORD, bool(first["has_second_factor"])
    is_privileged = any(grant.role in PRIVILEGED for grant in held)
    has_totp = bool(first["is_totp_confirmed"])
    must_change = is_by_password and bool(first["must_change_password"])
    return SessionFacts(
        actor=_actor(first, () if must_change else _granted(held, is_confirmed, has_totp and is_by_password)),
        channel=first["channel"],
        csrf_token=first["csrf_token"],
        expires_at=from_microseconds(first["expires_at"]),
        needs_second_factor=has_totp and not is_confirmed and (is_by_password or is_privileged),
        must_change_password=must_change,
        needs_totp_setup=is_privileged and not has_totp,
    )


def _granted(held: list[Grant], is_confirmed: bool, is_all_or_nothing: bool) -> tuple[Grant, ...]:
    """What counts before the second factor: nothing privileged, and nothing at all where the person has one."""
    if is_confirmed:
        return tuple(held)
    if is_all_or_nothing:
        return ()
    return tuple(grant for grant in held if grant.role not in PRIVILEGED)


def _actor(row: dict[str, Any], grants: tuple[Grant, ...]) -> Actor:
    has_unit = row["unit_path"] is not None
    return Actor(
        kind=ActorKind.PERSON,
        person_id=row["person_id"],
        person_name=row["person_name"],
        unit_id=row["unit_id"] if has_unit else None,
        unit_name=row["unit_name"] or "",
        unit_path=row["unit_path"] or "",
        region_path=row["region_path"] or "",
        party_id=row["party_id"],
        party_kind=PartyKind.GOVERNMENT_UNIT if has_unit else None,
        grants=grants,
        session_id=row["id"],
        has_second_factor=bool(row["has_second_factor"]),
    )


async def _note_seen(session_id: str) -> None:
    try:
        await _touch(Actor(kind=ActorKind.SYSTEM, person_name="session"), session_id)
    except Unavailable as error:
        # The request itself may go on: the next one tries again within the minute.
        _log.info("session use not noted: %s", error.code)


@command("identity.touch_session", is_audited=False)
async def _touch(uow: UnitOfWork, actor: Actor, session_id: str) -> None:
    instant = to_microseconds(await uow.now())
    await uow.execute(
        "UPDATE session SET seen_at = ? WHERE id = ? AND ended_at IS NULL AND seen_at < ?",
        instant,
        session_id,
        instant - _SEEN_SECONDS * 1_000_000,
    )


class _SessionCache:
    """Facts by session id, for one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.generation = 0
        self._kept: OrderedDict[str, tuple[float, SessionFacts]] = OrderedDict()
        runtime.pubsub.listen(CHANNEL, self.hear)

    def get(self, session_id: str) -> SessionFacts | None:
        """Fresh facts; none while changes made by other processes are not being heard."""
        kept = self._kept.get(session_id)
        if kept is None or kept[0] < time.monotonic() or not self.runtime.pubsub.is_connected:
            return None
        return kept[1]

    def put(self, session_id: str, facts: SessionFacts, generation: int) -> None:
        """Keep what was read, unless something was said since the reading began."""
        if generation != self.generation:
            return
        self._kept[session_id] = (time.monotonic() + _KEPT_SECONDS, facts)
        self._kept.move_to_end(session_id)
        while len(self._kept) > _KEPT_SESSIONS:
            self._kept.popitem(last=False)

    def hear(self, message: str) -> None:
        """Forget a person's sessions, or all of them."""
        self.generation += 1
        if message == MISSED or not message:
            self._kept.clear()
            return
        for session_id in [key for key, (_, facts) in self._kept.items() if facts.actor.person_id == message]:
            del self._kept[session_id]


_caches: list[_SessionCache] = []


def _cache() -> _SessionCache:
    runtime = current_runtime()
    if not _caches or _caches[0].runtime is not runtime:
        _caches[:] = [_SessionCache(runtime)]
    return _caches[0]
