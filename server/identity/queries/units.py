# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Reads of regions and units."""

import msgspec

from server.identity.roles import Role
from server.identity.scope import Clause, prefix_clause
from server.identity.types import RegionView, RowSource, UnitFacts, UnitView
from server.identity.views import unit_view_of_row
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import NotFound
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, page_of
from server.kernel.reading import reading

_UNIT = (
    "SELECT u.id, u.code, u.name, u.short_name, u.kind, u.region_code, r.name AS region_name, u.parent_id, u.path,"
    " u.is_finance_authority, u.is_operator, u.is_active, u.ends_on, u.lead_unit_id, u.version, r.path AS region_path,"
    " u.party_id FROM unit u LEFT JOIN region r ON r.code = u.region_code"
)
# Whoever works over a subtree sees its units; everybody else their own.
_OVERSEERS = (
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
    Role.OPERATIONS,
    Role.COMPETENT_REVIEWER,
    Role.FINANCE_REVIEWER,
    Role.ASSET_MANAGER,
)


class UnitFilter(msgspec.Struct, frozen=True):
    """Which units: those right below `parent_id`, those of a region, those named or coded `text`."""

    text: str = ""
    parent_id: str | None = None
    region_code: str | None = None
    is_ended_shown: bool = False


_ANY_UNIT = UnitFilter()


async def list_units(
    actor: Actor, wanted: UnitFilter = _ANY_UNIT, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[UnitView]:
    """The units within the actor's sight, in the order of the tree."""
    clause, values = visible_units(actor)
    conditions, bound = [clause], list(values)
    for condition, value in (("u.parent_id = ?", wanted.parent_id), ("u.region_code = ?", wanted.region_code)):
        if value:
            conditions.append(condition)
            bound.append(value)
    if wanted.text.strip():
        conditions.append("(INSTR(u.name, ?) > 0 OR INSTR(u.short_name, ?) > 0 OR u.code = ?)")
        bound += [wanted.text.strip()] * 3
    if not wanted.is_ended_shown:
        conditions.append("u.is_active = 1")
    if (position := decode_cursor(cursor, str)) is not None:
        conditions.append("u.path > ?")
        bound += position
    async with reading() as rows:
        found = await rows.fetch_all(
            f"{_UNIT} WHERE {' AND '.join(conditions)} ORDER BY u.path LIMIT ?", *bound, size + 1
        )
    return page_of([unit_view_of_row(row) for row in found], size, lambda unit: encode_cursor(unit.path))


async def unit_by_id(actor: Actor, unit_id: str) -> UnitView:
    """A unit within the actor's sight; NotFound `record.not_found` otherwise."""
    clause, values = visible_units(actor)
    async with reading() as rows:
        row = await rows.fetch_one(f"{_UNIT} WHERE u.id = ? AND {clause}", unit_id, *values)
    if row is None:
        raise NotFound("record.not_found")
    return unit_view_of_row(row)


def visible_units(actor: Actor, column: str = "u.path") -> Clause:
    """The condition on a unit's path for what the actor may see of the tree."""
    if actor.kind == ActorKind.SYSTEM:
        return "1 = 1", ()
    if any(grant.is_subtree and grant.role in _OVERSEERS for grant in actor.grants):
        return prefix_clause(column, actor.unit_path)
    return f"{column} = ?", (actor.unit_path,)


async def read_unit_facts(rows: RowSource, unit_id: str) -> UnitFacts | None:
    """The facts of any unit, for decisions of other domains; None where there is none."""
    row = await rows.fetch_one(f"{_UNIT} WHERE u.id = ?", unit_id)
    return None if row is None else _facts(row)


async def finance_authority_of(rows: RowSource, region_path: str) -> UnitFacts | None:
    """The finance authority (财政部门) of a region, or of the nearest one above it that has one."""
    return await _nearest(rows, region_path, "u.is_finance_authority = 1")


async def operator_of(rows: RowSource, region_path: str) -> UnitFacts | None:
    """The warehouse operator (机关事务管理) of a region, or of the nearest one above it that has one."""
    return await _nearest(rows, region_path, "u.is_operator = 1")


async def _nearest(rows: RowSource, region_path: str, condition: str) -> UnitFacts | None:
    codes = [code for code in region_path.split("/") if code]
    if not codes:
        return None
    row = await rows.fetch_one(
        f"{_UNIT} WHERE {condition} AND u.is_active = 1 AND u.region_code IN ({', '.join('?' * len(codes))})"
        " ORDER BY LENGTH(r.path) DESC, u.id LIMIT 1",
        *codes,
    )
    return None if row is None else _facts(row)


def _facts(row: dict[str, object]) -> UnitFacts:
    view = unit_view_of_row(row)
    return UnitFacts(
        id=view.id,
        name=view.name,
        short_name=view.short_name,
        path=view.path,
        region_code=view.region_code,
        region_path=str(row["region_path"] or ""),
        is_active=view.is_active,
        kind=view.kind,
        parent_id=view.parent_id,
        ends_on=view.ends_on,
        lead_unit_id=view.lead_unit_id,
        is_finance_authority=view.is_finance_authority,
        is_operator=view.is_operator,
        party_id=str(row["party_id"]),
    )


async def list_regions(below: str | None = None) -> list[RegionView]:
    """All divisions, or one and everything below it, from the province down."""
    clause, values = ("1 = 1", ()) if below is None else prefix_clause("path", await region_path(below))
    async with reading() as rows:
        found = await rows.fetch_all(
            f"SELECT code, name, parent_code, level, path FROM region WHERE {clause} ORDER BY path",
            *values,
        )
    return [RegionView(**row) for row in found]


async def region_path(code: str) -> str:
    """A division's path; NotFound `region.not_found`."""
    async with reading() as rows:
        row = await rows.fetch_one("SELECT path FROM region WHERE code = ?", code)
    if row is None:
        raise NotFound("region.not_found")
    path: str = row["path"]
    return path


async def region_name(code: str) -> str:
    """A division's name; NotFound `region.not_found`."""
    async with reading() as rows:
        row = await rows.fetch_one("SELECT name FROM region WHERE code = ?", code)
    if row is None:
        raise NotFound("region.not_found")
    name: str = row["name"]
    return name
