# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Leave delegation (代办): dated, for one role in one unit, recorded, never to oneself."""

from datetime import date

import msgspec

from server.identity.access import require_person
from server.identity.checks import FieldChecks
from server.identity.limits import limits_for
from server.identity.models import Delegation, Person, Post, Unit
from server.identity.roles import ADMINISTRATORS, ROLE_NAMES, Role
from server.identity.scope import is_in_scope
from server.identity.sessions import CHANNEL
from server.identity.types import DelegationView
from server.identity.views import delegation_views
from server.kernel.actor import Actor, ActorKind
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.instants import to_day_number
from server.kernel.unit_of_work import UnitOfWork


class Delegate(msgspec.Struct, frozen=True):
    """One role of the actor in the acting unit, for a colleague, from the first to the last day, both included."""

    to_person_id: str
    role: str
    starts_on: date
    ends_on: date
    reason: str


class RevokeDelegation(msgspec.Struct, frozen=True):
    """The delegation to end at once."""

    delegation_id: str


@command("identity.delegate")
async def delegate(uow: UnitOfWork, actor: Actor, request: Delegate) -> DelegationView:
    """Let a colleague of the same unit act in one of the actor's own roles while the actor is away.

    Raises InvalidInput (fields), Forbidden `role.required` (not held, or itself only delegated), NotFound for
    somebody who has no post in the unit, StateConflict `delegation.to_oneself`, `delegation.role_fixed`,
    `delegation.separation`, `delegation.overlaps`.
    """
    person_id = require_person(actor)
    await _check(uow, actor, request)
    if request.to_person_id == person_id:
        raise StateConflict("delegation.to_oneself")
    if request.role in ADMINISTRATORS:
        raise StateConflict("delegation.role_fixed", role_name=ROLE_NAMES[request.role])
    people = await uow.lock_all(Person, [person_id, request.to_person_id])
    await _require_recipient(uow, actor, people, request.to_person_id)
    await _require_own_role(uow, actor, request.role)
    await _require_free(uow, actor, request)
    delegation = Delegation(
        from_person_id=person_id, unit_id=actor.unit_id, created_at=await uow.now(), **msgspec.structs.asdict(request)
    )
    await uow.add(delegation)
    uow.publish_after_commit(CHANNEL, request.to_person_id)
    await uow.record(
        "role.delegated",
        "person",
        request.to_person_id,
        role=request.role,
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        delegation_id=delegation.id,
    )
    return (await delegation_views(uow, "d.id = ?", delegation.id))[0]


@command("identity.revoke_delegation")
async def revoke_delegation(uow: UnitOfWork, actor: Actor, request: RevokeDelegation) -> DelegationView:
    """End a delegation now: by whoever gave it, or a security administrator over the unit.

    Raises NotFound for everybody else, StateConflict `delegation.ended`.
    """
    delegation = await uow.find(Delegation, id=request.delegation_id)
    if delegation is None or not await _can_end(uow, actor, delegation):
        raise NotFound("record.not_found")
    await uow.change_one(
        Delegation,
        {"id": delegation.id, "revoked_at": None, "ends_on__gte": to_day_number(await today(uow))},
        otherwise=StateConflict("delegation.ended"),
        revoked_at=await uow.now(),
    )
    uow.publish_after_commit(CHANNEL, delegation.to_person_id)
    await uow.record(
        "role.delegation_revoked", "person", delegation.to_person_id, role=delegation.role, delegation_id=delegation.id
    )
    return (await delegation_views(uow, "d.id = ?", delegation.id))[0]


async def _can_end(uow: UnitOfWork, actor: Actor, delegation: Delegation) -> bool:
    if actor.kind is ActorKind.SYSTEM or delegation.from_person_id == actor.person_id:
        return True
    unit = await uow.find(Unit, id=delegation.unit_id)
    return unit is not None and is_in_scope(actor, unit.path, Role.SECURITY_ADMIN)


async def _check(uow: UnitOfWork, actor: Actor, request: Delegate) -> None:
    limit = (await limits_for(uow, actor.region_path)).longest_delegation_days
    checks = FieldChecks()
    checks.text("reason", request.reason, 200)
    checks.choice("role", request.role, frozenset(ROLE_NAMES))
    if request.starts_on < await today(uow):
        checks.add("starts_on", "delegation.starts_in_past")
    if request.ends_on < request.starts_on:
        checks.add("ends_on", "delegation.ends_before_start")
    elif (request.ends_on - request.starts_on).days >= limit:
        checks.add("ends_on", "delegation.too_long", limit=limit)
    checks.finish()


async def _require_own_role(uow: UnitOfWork, actor: Actor, role: str) -> None:
    # The grant in the session must be the actor's own (so with the second factor, where it needs one) and live.
    grant = actor.grant_for(role)
    if grant is None or grant.delegated_by is not None:
        raise Forbidden("role.required")
    row = await uow.fetch_one(
        "SELECT g.id FROM role_grant g JOIN post o ON o.id = g.post_id AND o.is_active = 1"
        " WHERE o.person_id = ? AND o.unit_id = ? AND g.role = ? AND g.revoked_at IS NULL",
        actor.person_id,
        actor.unit_id,
        role,
    )
    if row is None:
        raise Forbidden("role.required")


async def _require_recipient(uow: UnitOfWork, actor: Actor, people: list[Person], to_person_id: str) -> None:
    recipient = next((person for person in people if person.id == to_person_id), None)
    post = await uow.find(Post, person_id=to_person_id, unit_id=actor.unit_id, is_active=True)
    if recipient is None or not recipient.is_active or post is None:
        raise NotFound("record.not_found")
    marks = ", ".join("?" * len(ADMINISTRATORS))
    row = await uow.fetch_one(
        "SELECT g.id FROM role_grant g JOIN post o ON o.id = g.post_id AND o.is_active = 1"
        f" WHERE o.person_id = ? AND g.revoked_at IS NULL AND g.role IN ({marks})",
        to_person_id,
        *sorted(ADMINISTRATORS),
    )
    if row is not None:
        raise StateConflict("delegation.separation")


async def _require_free(uow: UnitOfWork, actor: Actor, request: Delegate) -> None:
    row = await uow.fetch_one(
        "SELECT id FROM delegation WHERE from_person_id = ? AND to_person_id = ? AND unit_id = ? AND role = ?"
        " AND revoked_at IS NULL AND starts_on <= ? AND ends_on >= ?",
        actor.person_id,
        request.to_person_id,
        actor.unit_id,
        request.role,
        to_day_number(request.ends_on),
        to_day_number(request.starts_on),
    )
    if row is not None:
        raise StateConflict("delegation.overlaps")
