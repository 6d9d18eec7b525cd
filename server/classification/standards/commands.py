"""Entering a region's table: versions are added, never edited, so what applied on any day can be told for ever."""

import hashlib
from collections.abc import Sequence

import msgspec
from tortoise.exceptions import IntegrityError

from server.classification.models import AllocationItem, AllocationStandard
from server.classification.standards.access import require_region_for_standards
from server.classification.standards.queries import version_view
from server.classification.standards.table import MOST_ROWS, CheckedRow, checked_rows
from server.classification.standards.types import ImportStandard, StandardVersion
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.errors import FieldError, InvalidInput, StateConflict
from server.kernel.instants import from_day_number
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork


@command("standard.import")
async def import_standard(uow: UnitOfWork, actor: Actor, request: ImportStandard) -> StandardVersion:
    """Add a region's next table; one malformed cell refuses the whole file, with every faulty cell named by its line.

    It may apply from a day in the past: standards only warn, and they are entered long after they are set.

    Raises InvalidInput `standard.malformed` (`fields`, `total`), `standard.no_rows`, `standard.too_many_rows`, or
    naming the field; StateConflict `record.changed`; Forbidden and NotFound as `require_region_for_standards`.
    """
    await require_region_for_standards(actor, request.region_code)
    source, reason = _checked_words(request)
    rows = await _checked_rows(uow, request)
    latest = await _latest(uow, request.region_code)
    if request.base_version not in {None, latest[0]}:
        raise StateConflict("record.changed")
    if request.effective_on < from_day_number(latest[1]):
        raise InvalidInput(fields=_fault("effective_on", "standard.effective_before_previous"))
    standard = AllocationStandard(
        region_code=request.region_code,
        version=latest[0] + 1,
        effective_on=request.effective_on,
        source=source,
        reason=reason,
        item_count=len(rows),
        digest=_digest(rows),
        created_by=actor.person_id,
        created_by_name=actor.person_name if actor.person_id else "系统",
        created_at=await uow.now(),
    )
    await _store(uow, standard, rows)
    await uow.record(
        "standard.imported",
        "allocation_standard",
        standard.id,
        region_code=standard.region_code,
        version=standard.version,
        effective_on=request.effective_on.isoformat(),
        source=source,
        reason=reason,
        items=len(rows),
        digest=standard.digest,
    )
    return await version_view(uow, standard.id)


def _checked_words(request: ImportStandard) -> tuple[str, str]:
    checks = Checks()
    source = checks.text("source", request.source, longest=128, shortest=2)
    reason = checks.text("reason", request.reason, longest=500, shortest=2)
    checks.finish()
    return source, reason


async def _checked_rows(uow: UnitOfWork, request: ImportStandard) -> list[CheckedRow]:
    if not request.rows:
        raise InvalidInput("standard.no_rows", fields=_fault("rows", "standard.no_rows"))
    if len(request.rows) > MOST_ROWS:
        raise InvalidInput("standard.too_many_rows", limit=MOST_ROWS)
    categories = await uow.fetch_all("SELECT code, name FROM category WHERE kind = 'goods'")
    checked, faults = checked_rows(request.rows, {row["code"]: row["name"] for row in categories})
    if faults:
        raise InvalidInput("standard.malformed", fields=faults, total=len(faults))
    return checked


async def _latest(uow: UnitOfWork, region_code: str) -> tuple[int, int]:
    row = await uow.fetch_one(
        "SELECT version, effective_on FROM allocation_standard WHERE region_code = ? ORDER BY version DESC LIMIT 1",
        region_code,
    )
    return (row["version"], row["effective_on"]) if row else (0, 10101)


async def _store(uow: UnitOfWork, standard: AllocationStandard, rows: Sequence[CheckedRow]) -> None:
    try:
        await uow.add(standard)
    except IntegrityError as error:
        if is_duplicate(error):  # two authors at once: the second looks again at what the first made
            raise StateConflict("record.changed") from error
        raise
    for position, row in enumerate(rows, start=1):
        await uow.add(AllocationItem(standard_id=standard.id, position=position, **msgspec.structs.asdict(row)))


def _digest(rows: Sequence[CheckedRow]) -> str:
    hashed = hashlib.sha256()
    for row in rows:
        hashed.update(msgspec.json.encode(row) + b"\n")
    return hashed.hexdigest()


def _fault(field: str, code: str) -> list[FieldError]:
    return [FieldError(field, code)]
