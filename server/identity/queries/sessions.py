"""Reads of the actor's own sessions, and of delegations and handovers."""

from server.identity.access import require_person
from server.identity.roles import Role
from server.identity.scope import Clause, scope_clause
from server.identity.types import DelegationView, HandoverView, SessionView
from server.identity.views import delegation_views, handover_views
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds, to_microseconds
from server.kernel.reading import present, reading

_HANDOVERS_SEEN_BY = (Role.ASSET_MANAGER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


async def my_sessions(actor: Actor) -> list[SessionView]:
    """The actor's own live sessions, the latest used first."""
    person_id, instant = require_person(actor), to_microseconds(present())
    async with reading() as rows:
        found = await rows.fetch_all(
            "SELECT s.id, s.channel, u.name AS unit_name, s.user_agent, s.created_at, s.seen_at, s.expires_at"
            " FROM session s LEFT JOIN unit u ON u.id = s.unit_id WHERE s.person_id = ? AND s.ended_at IS NULL"
            " AND s.expires_at > ? AND (s.idle_seconds = 0 OR s.seen_at + s.idle_seconds * 1000000 > ?)"
            " ORDER BY s.seen_at DESC, s.id",
            person_id,
            instant,
            instant,
        )
    return [
        SessionView(
            id=row["id"],
            channel=row["channel"],
            unit_name=row["unit_name"] or "",
            user_agent=row["user_agent"],
            created_at=from_microseconds(row["created_at"]),
            seen_at=from_microseconds(row["seen_at"]),
            expires_at=from_microseconds(row["expires_at"]),
            is_current=row["id"] == actor.session_id,
        )
        for row in found
    ]


async def list_delegations(actor: Actor) -> list[DelegationView]:
    """Delegations given or taken by the actor; for a security administrator, those of the units within scope too."""
    person_id = require_person(actor)
    condition, values = "d.from_person_id = ? OR d.to_person_id = ?", [person_id, person_id]
    if actor.has_role(Role.SECURITY_ADMIN):
        clause, bound = scope_clause(actor, "u.path", Role.SECURITY_ADMIN)
        condition, values = f"{condition} OR {clause}", values + list(bound)
    async with reading() as rows:
        return await delegation_views(rows, f"({condition})", *values)


async def list_handovers(actor: Actor, person_id: str) -> list[HandoverView]:
    """The signed lists of a person, oneself or within the scope of an asset manager or administrator."""
    clause, values = _handovers_seen(actor) if person_id != actor.person_id else ("1 = 1", ())
    condition = f"(h.from_person_id = ? OR h.to_person_id = ?) AND {clause}"
    async with reading() as rows:
        return await handover_views(rows, condition, person_id, person_id, *values)


async def handover_by_id(actor: Actor, handover_id: str) -> HandoverView:
    """One list: to both sides, and within the scope of an asset manager or administrator. NotFound
    `record.not_found` otherwise."""
    person_id = require_person(actor)
    condition, values = "h.from_person_id = ? OR h.to_person_id = ?", [person_id, person_id]
    if actor.has_role(*_HANDOVERS_SEEN_BY):
        clause, bound = _handovers_seen(actor)
        condition, values = f"{condition} OR {clause}", values + list(bound)
    async with reading() as rows:
        found = await handover_views(rows, f"h.id = ? AND ({condition})", handover_id, *values)
    if not found:
        raise NotFound("record.not_found")
    return found[0]


async def handovers_to_sign(actor: Actor) -> list[HandoverView]:
    """The lists that wait for the actor's own signature as the receiver."""
    person_id = require_person(actor)
    async with reading() as rows:
        return await handover_views(rows, "h.to_person_id = ? AND h.received_at IS NULL", person_id)


def _handovers_seen(actor: Actor) -> Clause:
    return scope_clause(actor, "u.path", *_HANDOVERS_SEEN_BY)
