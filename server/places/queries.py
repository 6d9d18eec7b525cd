# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Finding places and who keeps them."""

from collections.abc import Iterable
from typing import Any

from server.identity.ops import unit_facts
from server.identity.queries import names_of
from server.identity.scope import scope_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor, ActorKind
from server.kernel.errors import NotFound
from server.kernel.instants import from_microseconds
from server.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from server.kernel.reading import reading
from server.kernel.storage.database import Row
from server.places.access import SEEN_BY, can_manage, manager_roles
from server.places.types import KIND_NAMES, KeeperView, PlaceFacts, PlaceFilter, PlaceKind, PlaceView

_COLUMNS = (
    "p.id, p.kind, p.code, p.name, p.parent_id, p.path, p.unit_id, p.unit_path, p.region_code, p.address, p.is_active"
)


async def place_facts(reader: RowSource, place_id: str) -> PlaceFacts:
    """One place, whoever asks. NotFound `place.not_found`."""
    row = await reader.fetch_one(f"SELECT {_COLUMNS} FROM place p WHERE p.id = ?", place_id)
    if row is None:
        raise NotFound("place.not_found")
    names = await _full_names(reader, [row])
    return _facts(row, names[row["id"]])


async def places_of_unit(reader: RowSource, unit_id: str) -> list[PlaceFacts]:
    """Every open place of a unit, in the order of the tree, whoever asks."""
    rows = await reader.fetch_all(
        f"SELECT {_COLUMNS} FROM place p WHERE p.unit_id = ? AND p.is_active = 1 ORDER BY p.path", unit_id
    )
    names = await _full_names(reader, rows)
    return [_facts(row, names[row["id"]]) for row in rows]


async def place_names(reader: RowSource, ids: Iterable[str]) -> dict[str, str]:
    """The full names of places by id, whoever asks."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await reader.fetch_all(
        f"SELECT {_COLUMNS} FROM place p WHERE p.id IN ({', '.join('?' * len(wanted))})", *wanted
    )
    return await _full_names(reader, rows)


async def is_keeper_of(reader: RowSource, person_id: str, place_path: str) -> bool:
    """Whether the person keeps the place at `place_path` now: it, or the warehouse it stands in."""
    ids = [part for part in place_path.split("/") if part]
    if not ids:
        return False
    row = await reader.fetch_one(
        "SELECT id FROM keeper_assignment WHERE person_id = ? AND ended_at IS NULL"
        f" AND place_id IN ({', '.join('?' * len(ids))}) LIMIT 1",
        person_id,
        *ids,
    )
    return row is not None


async def kept_places(reader: RowSource, person_id: str) -> list[str]:
    """The paths of the warehouses that the person keeps now: everything below them is the keeper's desk."""
    rows = await reader.fetch_all(
        "SELECT p.path FROM keeper_assignment k JOIN place p ON p.id = k.place_id"
        " WHERE k.person_id = ? AND k.ended_at IS NULL ORDER BY p.path",
        person_id,
    )
    return [row["path"] for row in rows]


async def keepers_of(reader: RowSource, place_path: str) -> list[str]:
    """Ids of the people who keep the place at `place_path` now."""
    ids = [part for part in place_path.split("/") if part]
    if not ids:
        return []
    rows = await reader.fetch_all(
        "SELECT DISTINCT person_id FROM keeper_assignment WHERE ended_at IS NULL"
        f" AND place_id IN ({', '.join('?' * len(ids))}) ORDER BY person_id",
        *ids,
    )
    return [row["person_id"] for row in rows]


async def list_places(
    actor: Actor, wanted: PlaceFilter | None = None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[PlaceView]:
    """Places within the actor's scope, in the order of the tree; a keeper sees the warehouses of the acting unit.
    Raises Forbidden `role.required`."""
    conditions, values = _conditions(actor, wanted or PlaceFilter())
    if (position := decode_cursor(cursor, str)) is not None:
        conditions.append("p.path > ?")
        values += position
    async with reading() as db:
        rows = await db.fetch_all(
            f"SELECT {_COLUMNS} FROM place p WHERE {' AND '.join(conditions)} ORDER BY p.path LIMIT ?",
            *values,
            size + 1,
        )
        views = await _views(db, actor, rows[:size])
    return Page(views, encode_cursor(rows[size - 1]["path"]) if len(rows) > size else None)


async def place_view(actor: Actor, place_id: str) -> PlaceView:
    """One place within scope; NotFound `place.not_found` for any other."""
    clause, values = _scope(actor)
    async with reading() as db:
        row = await db.fetch_one(f"SELECT {_COLUMNS} FROM place p WHERE p.id = ? AND {clause}", place_id, *values)
        if row is None:
            raise NotFound("place.not_found")
        return (await _views(db, actor, [row]))[0]


def kinds_for_new_place(actor: Actor) -> tuple[PlaceKind, ...]:
    """Which kinds the actor's roles let them make: what a form may offer."""
    return tuple(kind for kind in PlaceKind if actor.has_role(*manager_roles(kind)))


async def list_keepers(actor: Actor, place_id: str) -> list[KeeperView]:
    """Who keeps a warehouse now. NotFound `place.not_found` out of scope."""
    place = await place_view(actor, place_id)
    async with reading() as db:
        rows = await db.fetch_all(
            "SELECT person_id, assigned_at FROM keeper_assignment WHERE place_id = ? AND ended_at IS NULL ORDER BY id",
            place.id,
        )
        names = await names_of(db, [row["person_id"] for row in rows])
    return [
        KeeperView(
            person_id=row["person_id"],
            person_name=names.get(row["person_id"], ""),
            place_id=place.id,
            place_name=place.name,
            assigned_at=from_microseconds(row["assigned_at"]),
        )
        for row in rows
    ]


def _facts(row: Row, full_name: str) -> PlaceFacts:
    return PlaceFacts(
        id=row["id"],
        kind=row["kind"],
        code=row["code"],
        name=row["name"],
        full_name=full_name,
        path=row["path"],
        unit_id=row["unit_id"],
        unit_path=row["unit_path"],
        region_code=row["region_code"],
        address=row["address"],
        is_active=bool(row["is_active"]),
    )


def _scope(actor: Actor) -> tuple[str, tuple[Any, ...]]:
    return ("1 = 1", ()) if actor.kind is ActorKind.SYSTEM else scope_clause(actor, "p.unit_path", *SEEN_BY)


def _conditions(actor: Actor, wanted: PlaceFilter) -> tuple[list[str], list[Any]]:
    clause, scope_values = _scope(actor)
    conditions, values = [clause], list(scope_values)
    for condition, value in (
        ("p.kind = ?", wanted.kind and str(wanted.kind)),
        ("p.parent_id = ?", wanted.parent_id),
        ("p.unit_id = ?", wanted.unit_id),
    ):
        if value:
            conditions.append(condition)
            values.append(value)
    if text := wanted.text.strip():
        conditions.append("(INSTR(p.name, ?) > 0 OR INSTR(p.code, ?) = 1)")
        values += [text, text.upper()]
    if not wanted.has_closed:
        conditions.append("p.is_active = 1")
    return conditions, values


async def _full_names(reader: RowSource, rows: Iterable[Row]) -> dict[str, str]:
    paths = {row["id"]: row["path"].strip("/").split("/") for row in rows}
    ids = sorted({each for path in paths.values() for each in path})
    if not ids:
        return {}
    found = await reader.fetch_all(f"SELECT id, name FROM place WHERE id IN ({', '.join('?' * len(ids))})", *ids)
    names = {row["id"]: row["name"] for row in found}
    return {place_id: " / ".join(names[each] for each in path) for place_id, path in paths.items()}


async def _views(reader: RowSource, actor: Actor, rows: list[Row]) -> list[PlaceView]:
    full_names = await _full_names(reader, rows)
    units = {unit_id: (await unit_facts(reader, unit_id)).name for unit_id in {row["unit_id"] for row in rows}}
    return [_view(actor, row, full_names[row["id"]], units[row["unit_id"]]) for row in rows]


def _view(actor: Actor, row: Row, full_name: str, unit_name: str) -> PlaceView:
    can_change = bool(row["is_active"]) and can_manage(actor, row["kind"], row["unit_path"])
    return PlaceView(
        id=row["id"],
        kind=row["kind"],
        kind_name=KIND_NAMES[row["kind"]],
        code=row["code"],
        name=row["name"],
        full_name=full_name,
        parent_id=row["parent_id"],
        path=row["path"],
        unit_id=row["unit_id"],
        unit_name=unit_name,
        region_code=row["region_code"],
        address=row["address"],
        is_active=bool(row["is_active"]),
        can_change=can_change,
        can_assign_keeper=can_change and row["kind"] == PlaceKind.WAREHOUSE,
    )
