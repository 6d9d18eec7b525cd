"""A unit's own facts: a new name by a document, corrections, and its end."""

from datetime import date
from typing import Any

import msgspec

from server.identity.access import get_unit_for
from server.identity.checks import FieldChecks
from server.identity.commands.create_unit import KINDS, TEMPORARY
from server.identity.following import ChangeKind, Reorganisation, UnitSide, held_by, obstacles_to
from server.identity.models import Region, Unit, UnitChange
from server.identity.reorganisation import carry_out
from server.identity.roles import ROLE_NAMES, Role
from server.identity.sessions import CHANNEL
from server.identity.types import UnitView
from server.identity.views import unit_view
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork


class RenameUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's new name, by the document (批文) that gives it, from a day not in the future."""

    unit_id: str
    name: str
    short_name: str
    document_no: str
    effective_on: date
    reason: str


class CorrectUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's basic facts as they should be. `version`: of the facts that the reader saw. The code stays: it stands
    in asset codes."""

    unit_id: str
    version: int
    kind: str
    region_code: str
    reason: str
    is_finance_authority: bool = False
    is_operator: bool = False
    lead_unit_id: str | None = None
    ends_on: date | None = None


class CloseUnit(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a unit that has nothing left, by the document that ends it."""

    unit_id: str
    document_no: str
    effective_on: date
    reason: str


@command("unit.rename")
async def rename_unit(uow: UnitOfWork, actor: Actor, request: RenameUnit) -> UnitView:
    """Give a unit a new name at once, wherever it is named in something under way; papers that have ended keep the old.

    By a system administrator over it. Raises InvalidInput (fields), Forbidden `role.required`, NotFound
    `record.not_found`, StateConflict `unit_change.too_early`, `unit_change.pending`.
    """
    checks = FieldChecks()
    checks.text("name", request.name, 128)
    checks.text("short_name", request.short_name, 32)
    checks.text("document_no", request.document_no, 64)
    checks.text("reason", request.reason, 200)
    checks.finish()
    unit = await get_unit_for(uow, actor, request.unit_id, Role.SYSTEM_ADMIN)
    name, short_name = request.name.strip(), request.short_name.strip()
    row = await _change_row(uow, actor, ChangeKind.RENAME, unit, name, request)
    await uow.change(Unit, {"id": unit.id}, short_name=short_name)
    await carry_out(uow, row, unit, unit)
    await uow.add(row)
    await uow.record("unit.renamed", "unit", unit.id, before=unit.name, after=name, document_no=row.document_no)
    return await _view(uow, unit.id)


@command("unit.correct")
async def correct_unit(uow: UnitOfWork, actor: Actor, request: CorrectUnit) -> UnitView:
    """Correct what a unit is. By a system administrator over it.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound `record.not_found`, StateConflict
    `record.changed`, `unit.function_in_use` (somebody holds a role that only such a unit bears),
    `unit_change.warehouse_without_operator`.
    """
    await _check_facts(uow, request)
    unit = await get_unit_for(uow, actor, request.unit_id, Role.SYSTEM_ADMIN)
    await _require_unused(uow, unit, request)
    after = {
        name: getattr(request, name)
        for name in ("kind", "region_code", "is_finance_authority", "is_operator", "lead_unit_id", "ends_on")
    }
    before = {name: getattr(unit, name) for name in after}
    await uow.change_one(
        Unit,
        {"id": unit.id, "version": request.version, "is_active": True},
        otherwise=StateConflict("record.changed"),
        version=request.version + 1,
        **after,
    )
    uow.publish_after_commit(CHANNEL)
    differing = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    await uow.record("unit.corrected", "unit", unit.id, fields=differing, reason=request.reason)
    return await _view(uow, unit.id)


@command("unit.close")
async def close_unit(uow: UnitOfWork, actor: Actor, request: CloseUnit) -> UnitView:
    """End a unit that has nothing left: nobody, no thing, no place, nothing under way. What it had goes elsewhere by a
    merger, a split or a handover first, so nothing disappears with it (rules: Asset life).

    By a system administrator over it. Raises InvalidInput (fields), Forbidden `role.required`, NotFound
    `record.not_found`, StateConflict `unit.still_holds` (items: label, number), `unit_change.too_early`,
    `unit_change.pending`, and what the domains name in their way (`occasion.unresolved` of a temporary body).
    """
    checks = FieldChecks()
    checks.text("document_no", request.document_no, 64)
    checks.text("reason", request.reason, 200)
    checks.finish()
    unit = await get_unit_for(uow, actor, request.unit_id, Role.SYSTEM_ADMIN)
    row = await _change_row(uow, actor, ChangeKind.CLOSE, unit, unit.name, request)
    for obstacle in await obstacles_to(uow, _change_of(unit, ChangeKind.CLOSE, request.reason)):
        raise obstacle
    held = await held_by(uow, unit.id)
    if held:
        what = "、".join(f"{amount.label} {amount.number} 项" for amount in held)
        raise StateConflict("unit.still_holds", what=what, items=[msgspec.to_builtins(amount) for amount in held])
    await uow.change_one(
        Unit,
        {"id": unit.id, "version": unit.version, "is_active": True},
        otherwise=StateConflict("record.changed"),
        version=unit.version + 1,
        is_active=False,
    )
    await uow.add(row)
    uow.publish_after_commit(CHANNEL)
    await uow.record("unit.closed", "unit", unit.id, document_no=row.document_no, reason=row.reason)
    return await _view(uow, unit.id)


async def _change_row(
    uow: UnitOfWork, actor: Actor, kind: ChangeKind, unit: Unit, name: str, request: RenameUnit | CloseUnit
) -> UnitChange:
    """The record of a change that needs no second administrator, because it gives nobody power over anything."""
    if request.effective_on > await today(uow):
        raise StateConflict("unit_change.too_early", effective_on=request.effective_on.isoformat())
    if await uow.find(UnitChange, from_unit_id=unit.id, state="proposed") is not None:
        raise StateConflict("unit_change.pending")
    now = await uow.now()
    who: dict[str, Any] = {"proposed_by": actor.person_id, "proposed_by_name": actor.person_name, "proposed_at": now}
    return UnitChange(
        kind=kind.value,
        state="done",
        from_unit_id=unit.id,
        from_unit_name=unit.name,
        from_path=unit.path,
        to_unit_id=unit.id,
        to_unit_name=name,
        to_path=unit.path,
        people=[],
        places=[],
        document_no=request.document_no.strip(),
        effective_on=request.effective_on,
        reason=request.reason.strip(),
        moved=[],
        **who,
        decided_by=actor.person_id,
        decided_by_name=actor.person_name,
        decided_at=now,
        decision_note="",
    )


async def _check_facts(uow: UnitOfWork, request: CorrectUnit) -> None:
    checks = FieldChecks()
    checks.text("reason", request.reason, 200)
    checks.choice("kind", request.kind, KINDS)
    is_temporary = request.kind == TEMPORARY
    for field, value in (("lead_unit_id", request.lead_unit_id), ("ends_on", request.ends_on)):
        if is_temporary and not value:
            checks.add(field, "input.required")
        if not is_temporary and value:
            checks.add(field, "unit.only_temporary")
    if await uow.find(Region, code=request.region_code) is None:
        checks.add("region_code", "input.not_a_choice")
    lead = request.lead_unit_id
    if lead and (lead == request.unit_id or await uow.find(Unit, id=lead, is_active=True) is None):
        checks.add("lead_unit_id", "input.not_a_choice")
    checks.finish()


async def _require_unused(uow: UnitOfWork, unit: Unit, request: CorrectUnit) -> None:
    """A function goes only when nobody exercises it any more."""
    for is_lost, role in (
        (unit.is_finance_authority and not request.is_finance_authority, Role.FINANCE_REVIEWER),
        (unit.is_operator and not request.is_operator, Role.OPERATIONS),
    ):
        row = await uow.fetch_one(
            "SELECT COUNT(*) AS number FROM role_grant g JOIN post o ON o.id = g.post_id"
            " WHERE o.unit_id = ? AND o.is_active = 1 AND g.role = ? AND g.revoked_at IS NULL",
            unit.id,
            role,
        )
        if is_lost and row is not None and row["number"]:
            raise StateConflict("unit.function_in_use", role_name=ROLE_NAMES[role], number=row["number"])
    if unit.is_operator and not request.is_operator:
        for obstacle in await obstacles_to(uow, _change_of(unit, ChangeKind.CORRECT, request.reason)):
            raise obstacle


def _change_of(unit: Unit, kind: ChangeKind, reason: str) -> Reorganisation:
    """What happens to the unit alone, as those who may object to it hear of it."""
    side = UnitSide(unit.id, unit.name, unit.path)
    return Reorganisation(change_id="", kind=kind, before=side, after=side, document_no="", reason=reason)


async def _view(uow: UnitOfWork, unit_id: str) -> UnitView:
    unit = await uow.find(Unit, id=unit_id)
    region = None if unit is None else await uow.find(Region, code=unit.region_code)
    if unit is None or region is None:
        raise NotFound("record.not_found")
    return unit_view(unit, region.name)
