"""Load administrative divisions."""

import msgspec

from server.identity.models import Region
from server.identity.roles import Role
from server.kernel.actor import Actor, ActorKind
from server.kernel.command import command
from server.kernel.errors import Forbidden, InvalidInput
from server.kernel.unit_of_work import UnitOfWork


class RegionRow(msgspec.Struct, frozen=True):
    """One division (GB/T 2260). `level`: province, city, district, county, county-level-city, street, village."""

    code: str
    name: str
    parent_code: str | None
    level: str


class ImportRegions(msgspec.Struct, frozen=True):
    """Divisions, each after the one it belongs to."""

    rows: list[RegionRow]
    source: str = ""


@command("identity.import_regions")
async def import_regions(uow: UnitOfWork, actor: Actor, request: ImportRegions) -> int:
    """Insert new divisions and rename known ones; the number of rows. Known codes keep their place.

    Raises Forbidden `role.required`, InvalidInput `region.parent_unknown` (region_code).
    """
    if actor.kind != ActorKind.SYSTEM and not actor.has_role(Role.SYSTEM_ADMIN):
        raise Forbidden("role.required")
    known = {region.code: region for region in await uow.find_all(Region)}
    for row in request.rows:
        known[row.code] = await _store(uow, row, known)
    await uow.record("region.imported", "region", "*", source=request.source, rows=len(request.rows))
    return len(request.rows)


async def _store(uow: UnitOfWork, row: RegionRow, known: dict[str, Region]) -> Region:
    if row.code in known:
        if known[row.code].name != row.name:
            await uow.change(Region, {"code": row.code}, name=row.name)
        return known[row.code]
    if row.parent_code and row.parent_code not in known:
        raise InvalidInput("region.parent_unknown", region_code=row.code)
    above = known[row.parent_code].path if row.parent_code else ""
    region = Region(
        code=row.code,
        name=row.name,
        parent_code=row.parent_code or None,
        level=row.level,
        path=f"{above}{row.code}/",
    )
    await uow.add(region)
    return region
