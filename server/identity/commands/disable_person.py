"""Disable a person who has left."""

import msgspec

from server.identity.access import require_over_person
from server.identity.checks import FieldChecks
from server.identity.handover import held_items, still_holds
from server.identity.models import Delegation, Handover, Person
from server.identity.roles import Role
from server.identity.sessions import CHANNEL, end_all_sessions
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class DisablePerson(msgspec.Struct, frozen=True):
    """Whom, and why."""

    person_id: str
    reason: str


@command("identity.disable_person")
async def disable_person(uow: UnitOfWork, actor: Actor, request: DisablePerson) -> None:
    """Disable a person: every session, delegation and the WeChat binding end. Refused while anything is still held
    (上海市机关运行保障条例 15, 22).

    Raises InvalidInput (fields), Forbidden `role.required` or `person.own_account`, NotFound, StateConflict
    `person.still_holds` (count; items: kind, id, label of the first twenty), `person.handover_unsigned` (count).
    """
    checks = FieldChecks()
    checks.text("reason", request.reason, 200)
    checks.finish()
    person = await _get_person(uow, actor, request.person_id)
    held = [item for items in (await held_items(uow, person.id)).values() for item in items]
    if held:
        raise still_holds(held)
    await _require_received(uow, person.id)
    await uow.change(
        Person,
        {"id": person.id},
        is_active=False,
        version=person.version + 1,
        wechat_index=None,
        wechat_sealed=None,
    )
    await _end_delegations(uow, person.id)
    ended = await end_all_sessions(uow, person.id)
    await uow.execute("DELETE FROM feed_key WHERE person_id = ?", person.id)
    await uow.record("person.disabled", "person", person.id, reason=request.reason, sessions=ended)


async def _get_person(uow: UnitOfWork, actor: Actor, person_id: str) -> Person:
    # Whoever disables is held too: two administrators who disable each other at once must not both succeed.
    people = await uow.lock_all(Person, [each for each in (person_id, actor.person_id) if each])
    await require_over_person(uow, actor, person_id, Role.SECURITY_ADMIN)
    if person_id == actor.person_id:
        raise Forbidden("person.own_account")
    active = {person.id: person for person in people if person.is_active}
    if actor.person_id is not None and actor.person_id not in active:
        raise Forbidden("role.required")
    if person_id not in active:
        raise NotFound("record.not_found")
    return active[person_id]


async def _require_received(uow: UnitOfWork, person_id: str) -> None:
    """What was handed over is signed for by both (条例 15, 22)."""
    if unsigned := await uow.find_all(Handover, from_person_id=person_id, received_at=None):
        raise StateConflict("person.handover_unsigned", count=len(unsigned))


async def _end_delegations(uow: UnitOfWork, person_id: str) -> None:
    for side in ("from_person_id", "to_person_id"):
        for delegation in await uow.find_all(Delegation, revoked_at=None, **{side: person_id}):
            await uow.change(Delegation, {"id": delegation.id}, revoked_at=await uow.now())
            uow.publish_after_commit(CHANNEL, delegation.to_person_id)
