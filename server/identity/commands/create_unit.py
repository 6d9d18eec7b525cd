"""Put a unit into the tree."""

from datetime import date

import msgspec
from tortoise.exceptions import IntegrityError

from server.identity.access import get_unit_for
from server.identity.checks import FieldChecks
from server.identity.models import Party, Region, Unit
from server.identity.roles import Role
from server.identity.types import UnitView
from server.identity.views import unit_view
from server.kernel.actor import Actor, ActorKind, PartyKind
from server.kernel.command import command
from server.kernel.errors import Forbidden, StateConflict
from server.kernel.ids import new_id
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

TEMPORARY = "temporary_body"
KINDS = frozenset({"organ", "people_organisation", "public_institution", TEMPORARY})


class CreateUnit(msgspec.Struct, frozen=True):
    """A new unit. A temporary body (临时机构) names its lead unit (牵头单位) and its last day."""

    code: str
    name: str
    short_name: str
    kind: str
    region_code: str
    parent_id: str | None
    is_finance_authority: bool = False
    is_operator: bool = False
    lead_unit_id: str | None = None
    ends_on: date | None = None


@command("identity.create_unit")
async def create_unit(uow: UnitOfWork, actor: Actor, request: CreateUnit) -> UnitView:
    """Create a unit below its parent; a root only by the product itself.

    Raises InvalidInput (fields), Forbidden `role.required`, NotFound `record.not_found` for a parent or lead unit
    out of sight, StateConflict `unit.code_taken`.
    """
    region = await _check(uow, request)
    unit_id, above = new_id(), await _path_above(uow, actor, request)
    party = Party(kind=PartyKind.GOVERNMENT_UNIT, name=request.name)
    await uow.add(party)
    unit = Unit(id=unit_id, party_id=party.id, path=f"{above}{unit_id}/", **msgspec.structs.asdict(request))
    try:
        await uow.add(unit)
    except IntegrityError as error:
        if is_duplicate(error):
            raise StateConflict("unit.code_taken") from error
        raise
    await uow.record("unit.created", "unit", unit.id, code=unit.code, name=unit.name, parent_id=unit.parent_id)
    return unit_view(unit, region.name)


async def _check(uow: UnitOfWork, request: CreateUnit) -> Region:
    checks = FieldChecks()
    checks.text("code", request.code, 24)
    checks.text("name", request.name, 128)
    checks.text("short_name", request.short_name, 32)
    checks.choice("kind", request.kind, KINDS)
    is_temporary = request.kind == TEMPORARY
    for field, value in (("lead_unit_id", request.lead_unit_id), ("ends_on", request.ends_on)):
        if is_temporary and not value:
            checks.add(field, "input.required")
        if not is_temporary and value:
            checks.add(field, "unit.only_temporary")
    region = await uow.find(Region, code=request.region_code)
    if region is None:
        checks.add("region_code", "input.not_a_choice")
    checks.finish()
    assert region is not None
    return region


async def _path_above(uow: UnitOfWork, actor: Actor, request: CreateUnit) -> str:
    """The path of the unit above; it and the lead unit are locked in the order of their ids."""
    if request.parent_id is None and actor.kind != ActorKind.SYSTEM:
        raise Forbidden("role.required")
    named = sorted({each for each in (request.parent_id, request.lead_unit_id) if each})
    paths = {each: (await get_unit_for(uow, actor, each, Role.SYSTEM_ADMIN)).path for each in named}
    return paths.get(request.parent_id or "", "")
