"""Record how many people a unit may have and has: what allocation standards are computed from."""

from datetime import date

import msgspec

from server.identity.access import get_unit_for
from server.identity.checks import FieldChecks
from server.identity.models import UnitHeadcount
from server.identity.roles import Role
from server.identity.types import Headcount
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork

MOST_PEOPLE = 100_000


class RecordHeadcount(msgspec.Struct, frozen=True):
    """`authorised`: 编制数. `staffed`: 编制内实有人数. `basis`: the document that says so, such as 三定方案.

    `is_confidential`: the unit handles state secrets (涉密单位), for which some standards differ.
    """

    unit_id: str
    authorised: int
    staffed: int
    as_of: date
    basis: str
    is_confidential: bool = False


@command("identity.record_headcount")
async def record_headcount(uow: UnitOfWork, actor: Actor, request: RecordHeadcount) -> Headcount:
    """Add what holds from `as_of` on; what was recorded before stays, for the days that it was true of.

    For the unit's asset manager and the system administrator. Raises InvalidInput naming every wrong field; Forbidden
    `role.required`; NotFound `record.not_found`.
    """
    unit = await get_unit_for(uow, actor, request.unit_id, Role.ASSET_MANAGER, Role.SYSTEM_ADMIN)
    _check(request, await today(uow))
    record = UnitHeadcount(
        unit_id=unit.id,
        authorised=request.authorised,
        staffed=request.staffed,
        is_confidential=request.is_confidential,
        as_of=request.as_of,
        basis=request.basis.strip(),
        recorded_by=actor.person_id,
        recorded_by_name=actor.person_name,
        recorded_at=await uow.now(),
    )
    await uow.add(record)
    facts = {name: getattr(record, name) for name in ("authorised", "staffed", "is_confidential", "basis")}
    await uow.record("unit.headcount_recorded", "unit", unit.id, as_of=request.as_of.isoformat(), **facts)
    return Headcount(**{name: getattr(record, name) for name in Headcount.__struct_fields__})


def _check(request: RecordHeadcount, day: date) -> None:
    checks = FieldChecks()
    for field, value in (("authorised", request.authorised), ("staffed", request.staffed)):
        if value < 0:
            checks.add(field, "input.too_small", limit=0)
        elif value > MOST_PEOPLE:
            checks.add(field, "input.too_large", limit=MOST_PEOPLE)
    if 0 <= request.authorised < request.staffed <= MOST_PEOPLE:
        checks.add("staffed", "unit.more_staffed_than_authorised")
    if request.as_of > day:
        checks.add("as_of", "unit.headcount_in_future")
    checks.text("basis", request.basis, 128, least=2)
    checks.finish()
