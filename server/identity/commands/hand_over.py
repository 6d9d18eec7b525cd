"""Hand over what a person holds, by a signed list, before they leave (上海市机关运行保障条例 15, 22)."""

import msgspec

from server.identity.access import require_over_person, require_person
from server.identity.checks import FieldChecks
from server.identity.handover import held_items, move_items
from server.identity.models import Handover, Person
from server.identity.roles import Role
from server.identity.types import HandoverView, HeldItem
from server.identity.views import handover_views
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class HandOver(msgspec.Struct, frozen=True):
    """From whom, to whom, and what was agreed."""

    from_person_id: str
    to_person_id: str
    note: str


@command("identity.hand_over")
async def hand_over(uow: UnitOfWork, actor: Actor, request: HandOver) -> HandoverView:
    """Move everything that one person holds for the units both work in to the other, and sign the list.

    By the person who leaves, or an asset manager or system administrator over them. Raises InvalidInput (fields),
    Forbidden `role.required`, NotFound, StateConflict `handover.to_oneself`, `handover.recipient_elsewhere`,
    `handover.nothing_held`.
    """
    signer = require_person(actor)
    checks = FieldChecks()
    checks.text("note", request.note, 500, least=0)
    checks.finish()
    if request.from_person_id == request.to_person_id:
        raise StateConflict("handover.to_oneself")
    people = await uow.lock_all(Person, [request.from_person_id, request.to_person_id])
    if request.from_person_id != signer:
        await require_over_person(uow, actor, request.from_person_id, Role.ASSET_MANAGER, Role.SYSTEM_ADMIN)
    if len(people) != 2 or not all(person.is_active for person in people):
        raise NotFound("record.not_found")
    units = await _shared_units(uow, request)
    items = _of_units(await held_items(uow, request.from_person_id), units)
    if not any(items.values()):
        raise StateConflict("handover.nothing_held")
    handover = await _sign(uow, request, signer, actor.unit_id if actor.unit_id in units else units[0], items)
    await move_items(uow, request.from_person_id, request.to_person_id, items)
    moved = {name: len(held) for name, held in items.items()}
    await uow.record(
        "handover.signed", "person", request.from_person_id, to=request.to_person_id, moved=moved, list_id=handover.id
    )
    return handover


async def _shared_units(uow: UnitOfWork, request: HandOver) -> list[str]:
    rows = await uow.fetch_all(
        "SELECT a.unit_id FROM post a JOIN post b ON b.unit_id = a.unit_id AND b.person_id = ? AND b.is_active = 1"
        " WHERE a.person_id = ? ORDER BY a.is_active DESC, a.id",
        request.to_person_id,
        request.from_person_id,
    )
    if not rows:
        raise StateConflict("handover.recipient_elsewhere")
    return [row["unit_id"] for row in rows]


def _of_units(items: dict[str, list[HeldItem]], units: list[str]) -> dict[str, list[HeldItem]]:
    """What is held for the shared units; what another unit's people must take stays."""
    return {name: [item for item in held if not item.unit_id or item.unit_id in units] for name, held in items.items()}


async def _sign(
    uow: UnitOfWork, request: HandOver, signer: str, unit_id: str | None, items: dict[str, list[HeldItem]]
) -> HandoverView:
    listed = [item for held in items.values() for item in held]
    row = Handover(
        from_person_id=request.from_person_id,
        to_person_id=request.to_person_id,
        unit_id=unit_id,
        items=msgspec.to_builtins(listed),
        note=request.note,
        signed_at=await uow.now(),
        signed_by=signer,
    )
    await uow.add(row)
    await uow.emit("handover.signed", {"handover_id": row.id, "to_person_id": row.to_person_id, "items": len(listed)})
    return (await handover_views(uow, "h.id = ?", row.id))[0]
