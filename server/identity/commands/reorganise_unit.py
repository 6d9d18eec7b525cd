"""Merge, split and move units: one administrator proposes, another confirms, and then everything follows at once."""

from datetime import date
from typing import Any

import msgspec

from server.identity.checks import FieldChecks
from server.identity.following import ChangeKind, place_tree
from server.identity.models import Unit, UnitChange
from server.identity.reorganisation import all_obstacles, carry_out, reorganisation_of
from server.identity.roles import Role
from server.identity.types import UnitChangeView
from server.identity.unit_access import get_proposal_for, get_units_for
from server.identity.views import unit_change_views
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import FieldError, Forbidden, InvalidInput, StateConflict
from server.kernel.unit_of_work import UnitOfWork

PROPOSABLE = frozenset({ChangeKind.MOVE.value, ChangeKind.MERGE.value, ChangeKind.SPLIT.value})
_MOST_CHOSEN = 2000


class ProposeChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to happen to `unit_id`: merged into `to_unit_id`, moved below it, or split so that the people and places
    named go to it. `effective_on`: the day that the approval (批文 `document_no`) gives."""

    kind: str
    unit_id: str
    to_unit_id: str
    document_no: str
    effective_on: date
    reason: str
    person_ids: tuple[str, ...] = ()
    place_ids: tuple[str, ...] = ()


class DropChange(msgspec.Struct, frozen=True):
    """A proposal that is not to be carried out, and why."""

    change_id: str
    reason: str


@command("unit_change.propose")
async def propose_unit_change(uow: UnitOfWork, actor: Actor, request: ProposeChange) -> UnitChangeView:
    """Propose a change; nothing moves yet. By a system administrator over both units.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound `record.not_found`, StateConflict
    `unit_change.pending` (another one waits), and the obstacles: `unit_change.same_unit`, `unit_change.below_itself`,
    `unit_change.already_there`, `unit_change.too_deep`, `unit_change.custody_torn`, `unit_change.number_taken`,
    `unit_change.warehouse_without_operator`.
    """
    _check(request)
    unit, other = await get_units_for(uow, actor, (request.unit_id, request.to_unit_id), Role.SYSTEM_ADMIN)
    if await uow.find(UnitChange, from_unit_id=unit.id, state="proposed") is not None:
        raise StateConflict("unit_change.pending")
    row = UnitChange(
        kind=request.kind,
        state="proposed",
        from_unit_id=unit.id,
        from_unit_name=unit.name,
        from_path=unit.path,
        to_unit_id=other.id,
        to_unit_name=other.name,
        to_path=other.path,
        people=sorted(set(request.person_ids)),
        places=sorted(set(request.place_ids)),
        document_no=request.document_no.strip(),
        effective_on=request.effective_on,
        reason=request.reason.strip(),
        moved=[],
        **_signed_by(actor),
        proposed_at=await uow.now(),
    )
    await _check_chosen(uow, row)
    for obstacle in await all_obstacles(uow, await reorganisation_of(uow, row, unit, other)):
        raise obstacle
    await uow.add(row)
    await uow.record(
        "unit_change.proposed", "unit", unit.id, kind=row.kind, to_unit_id=other.id, document_no=row.document_no
    )
    return (await unit_change_views(uow, "x.id = ?", row.id))[0]


@command("unit_change.confirm")
async def confirm_unit_change(uow: UnitOfWork, actor: Actor, change_id: str) -> UnitChangeView:
    """Confirm a proposal and carry it out. By a security administrator over both units, never by whoever proposed.

    Raises Forbidden `role.required`, `unit_change.own_proposal`; NotFound `record.not_found`; StateConflict
    `unit_change.decided`, `unit_change.too_early`, and the obstacles of a proposal.
    """
    row, unit, other = await get_proposal_for(uow, actor, change_id, Role.SECURITY_ADMIN)
    if actor.person_id is not None and actor.person_id == row.proposed_by:
        raise Forbidden("unit_change.own_proposal")
    if row.effective_on > await today(uow):
        raise StateConflict("unit_change.too_early", effective_on=row.effective_on.isoformat())
    moved = await carry_out(uow, row, unit, other)
    await _decide(
        uow,
        actor,
        row,
        "done",
        "",
        from_unit_name=row.from_unit_name,
        from_path=row.from_path,
        to_unit_name=row.to_unit_name,
        to_path=row.to_path,
        moved=row.moved,
    )
    await uow.record(
        "unit_change.done",
        "unit",
        unit.id,
        kind=row.kind,
        to_unit_id=other.id,
        document_no=row.document_no,
        moved={amount.label: amount.number for amount in moved},
    )
    return (await unit_change_views(uow, "x.id = ?", row.id))[0]


@command("unit_change.refuse")
async def refuse_unit_change(uow: UnitOfWork, actor: Actor, request: DropChange) -> UnitChangeView:
    """Refuse a proposal. By a security administrator over both units. Raises InvalidInput (reason), Forbidden,
    NotFound, StateConflict `unit_change.decided`."""
    row, unit = await _drop(uow, actor, request, Role.SECURITY_ADMIN, "refused")
    await uow.record("unit_change.refused", "unit", unit.id, kind=row.kind, reason=request.reason)
    return (await unit_change_views(uow, "x.id = ?", row.id))[0]


@command("unit_change.withdraw")
async def withdraw_unit_change(uow: UnitOfWork, actor: Actor, request: DropChange) -> UnitChangeView:
    """Take a proposal back. By a system administrator over both units. Raises as `refuse_unit_change`."""
    row, unit = await _drop(uow, actor, request, Role.SYSTEM_ADMIN, "withdrawn")
    await uow.record("unit_change.withdrawn", "unit", unit.id, kind=row.kind, reason=request.reason)
    return (await unit_change_views(uow, "x.id = ?", row.id))[0]


async def _drop(uow: UnitOfWork, actor: Actor, request: DropChange, role: str, state: str) -> tuple[UnitChange, Unit]:
    checks = FieldChecks()
    checks.text("reason", request.reason, 200)
    checks.finish()
    row, unit, _ = await get_proposal_for(uow, actor, request.change_id, role)
    await _decide(uow, actor, row, state, request.reason.strip())
    return row, unit


async def _decide(uow: UnitOfWork, actor: Actor, row: UnitChange, state: str, note: str, **values: Any) -> None:
    await uow.change_one(
        UnitChange,
        {"id": row.id, "state": "proposed"},
        otherwise=StateConflict("unit_change.decided"),
        state=state,
        decided_by=actor.person_id,
        decided_by_name=actor.person_name,
        decided_at=await uow.now(),
        decision_note=note,
        **values,
    )


def _signed_by(actor: Actor) -> dict[str, Any]:
    return {
        "proposed_by": actor.person_id,
        "proposed_by_name": actor.person_name,
        "decided_by": None,
        "decided_by_name": "",
        "decided_at": None,
        "decision_note": "",
    }


def _check(request: ProposeChange) -> None:
    checks = FieldChecks()
    checks.choice("kind", request.kind, PROPOSABLE)
    checks.text("document_no", request.document_no, 64)
    checks.text("reason", request.reason, 200)
    is_split = request.kind == ChangeKind.SPLIT
    chosen = [*request.person_ids, *request.place_ids]
    if is_split and not chosen:
        checks.add("person_ids", "unit_change.nothing_chosen")
    if len(chosen) > _MOST_CHOSEN:
        checks.add("person_ids", "input.too_large", limit=_MOST_CHOSEN)
    checks.finish()


async def _check_chosen(uow: UnitOfWork, row: UnitChange) -> None:
    """Everybody named works in the unit, and every place named is one of its own at the top."""
    if row.kind != ChangeKind.SPLIT:
        row.people, row.places = [], []
        return
    found = await uow.fetch_all("SELECT person_id FROM post WHERE unit_id = ? AND is_active = 1", row.from_unit_id)
    faults = []
    if not set(row.people) <= {each["person_id"] for each in found}:
        faults.append(FieldError("person_ids", "input.not_a_choice"))
    if not set(row.places) <= set(await place_tree(uow, row.from_unit_id, tuple(row.places))):
        faults.append(FieldError("place_ids", "input.not_a_choice"))
    if faults:
        raise InvalidInput(fields=faults)
