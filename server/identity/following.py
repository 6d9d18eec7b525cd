# ruff: noqa: S608 - tables and columns are named in the code; what comes from outside is bound
"""What follows a unit that is renamed, moved below another, merged or split.

Identity knows no cards and no loans. Each domain says in its `unit_columns.py` in which columns it names units:
`follow` those that go along, `keep` those that are papers of their day and stay as they were, `on_unit_changed` for
what one statement cannot do. A test holds the schema against these lists, so no table is forgotten.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import msgspec

from server.identity.scope import Clause, prefix_clause
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.lock_order import LOCK_ORDER
from server.kernel.unit_of_work import UnitOfWork


class ChangeKind(StrEnum):
    """What happens to a unit."""

    RENAME = "rename"
    MOVE = "move"
    MERGE = "merge"
    SPLIT = "split"
    CLOSE = "close"
    # Losing a function (机关事务管理): asked of the obstacles alone, never stored.
    CORRECT = "correct"


class UnitSide(msgspec.Struct, frozen=True):
    """A unit before or after. `path`: unit ids from the root down, each followed by a slash."""

    id: str
    name: str
    path: str


class Reorganisation(msgspec.Struct, frozen=True, kw_only=True):
    """One change as those who follow need it. `before` and `after` name the same unit in a new name or a move.

    `people`, `places`: what goes along in a split, places with all that lies below them; empty otherwise, where
    everything does.
    """

    change_id: str
    kind: ChangeKind
    before: UnitSide
    after: UnitSide
    document_no: str
    reason: str
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class UnitColumns(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of one table that name one unit.

    `open`: the rows that follow with unit and name; the others are papers and keep both. `path` follows in all rows,
    because it says who may see them. `label`: what people call these rows, if they count them. `with_people`,
    `with_place`: the columns that decide in a split; a table without them stays as a whole. `held`: the rows for which
    a unit cannot be closed. `is_handled`: a handler changes them, not a statement made from this.
    """

    table: str
    unit_id: str
    label: str = ""
    path: str = ""
    name: str = ""
    open: str = "1 = 1"
    held: str = ""
    with_people: tuple[str, ...] = ()
    with_place: str = ""
    has_version: bool = False
    is_handled: bool = False


class Amount(msgspec.Struct, frozen=True):
    """So many rows of one kind, as people call it."""

    label: str
    number: int


# handler(uow, change): does what a statement cannot; returns how many things it changed.
ChangeHandler = Callable[[UnitOfWork, Reorganisation], Awaitable[int]]
# finder(rows, change): why the change cannot be made yet, each as the refusal that it would be.
ObstacleFinder = Callable[[RowSource, Reorganisation], Awaitable[list[StateConflict]]]
# finder(rows, unit_id, place_ids): the unit's places at the top among these, with all that lies below them.
PlaceFinder = Callable[[RowSource, str, tuple[str, ...]], Awaitable[list[str]]]
# namer(rows, place_ids): what people call these places.
PlaceNamer = Callable[[RowSource, list[str]], Awaitable[list[str]]]

_followed: list[UnitColumns] = []
_kept: dict[tuple[str, str], str] = {}
_handlers: list[tuple[str, ChangeHandler]] = []
_obstacles: list[ObstacleFinder] = []
_places: list[tuple[PlaceFinder, PlaceNamer]] = []
_RANK = {table: rank for rank, table in enumerate(LOCK_ORDER)}


def follow(columns: UnitColumns) -> UnitColumns:
    """Let these columns follow a unit; returns them."""
    if columns not in _followed:
        _followed.append(columns)
    return columns


def keep(table: str, column: str, why: str) -> None:
    """Say that a column stays as it was written, and why."""
    _kept[table, column] = why


def on_unit_changed(table: str, handler: ChangeHandler) -> None:
    """Run `handler` in the unit of work of every change, when the turn of `table` comes in the lock order."""
    if (table, handler) not in _handlers:
        _handlers.append((table, handler))


def register_obstacles(finder: ObstacleFinder) -> None:
    """Let `finder` say why a change cannot be made yet."""
    if finder not in _obstacles:
        _obstacles.append(finder)


def use_places(finder: PlaceFinder, namer: PlaceNamer) -> None:
    """Let `finder` say which places of a unit can go along in a split, and `namer` what they are called. Places stand
    above identity, so they come here."""
    _places[:] = [(finder, namer)]


def followed() -> tuple[UnitColumns, ...]:
    """Every declaration of `follow`."""
    return tuple(_followed)


def kept() -> dict[tuple[str, str], str]:
    """Every declaration of `keep`: table and column, and the reason."""
    return dict(_kept)


async def place_tree(rows: RowSource, unit_id: str, place_ids: tuple[str, ...]) -> list[str]:
    """The places chosen and all below them; none where nothing was chosen."""
    return await _places[0][0](rows, unit_id, place_ids) if place_ids and _places else []


async def place_names(rows: RowSource, place_ids: list[str]) -> list[str]:
    """What the places are called."""
    return await _places[0][1](rows, place_ids) if place_ids and _places else []


async def obstacles_to(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    """Why the change cannot be made yet, by everybody who registered."""
    return [found for finder in _obstacles for found in await finder(rows, change)]


async def amounts(rows: RowSource, change: Reorganisation) -> list[Amount]:
    """What the change would move, by what people call it; kinds of which there are none are left out."""
    found = []
    for columns in _followed:
        clause = _counted_clause(columns, change) if columns.label else None
        if clause is not None:
            row = await rows.fetch_one(f"SELECT COUNT(*) AS number FROM {columns.table} WHERE {clause[0]}", *clause[1])
            if row is not None and row["number"]:
                found.append(Amount(columns.label, row["number"]))
    return found


async def held_by(rows: RowSource, unit_id: str) -> list[Amount]:
    """What a unit still has, for which it cannot be closed."""
    found = []
    for columns in _followed:
        if columns.held:
            row = await rows.fetch_one(
                f"SELECT COUNT(*) AS number FROM {columns.table} WHERE {columns.unit_id} = ? AND ({columns.held})",
                unit_id,
            )
            if row is not None and row["number"]:
                found.append(Amount(columns.label, row["number"]))
    return found


async def follow_change(uow: UnitOfWork, change: Reorganisation) -> int:
    """Let everything follow; the number of rows changed.

    Table by table in the lock order. Then the statements once more: whatever was added meanwhile by a command that held
    a card, a place or a person which we have only now locked has been committed, and nothing more can come after it.
    """
    steps: list[tuple[int, int, UnitColumns | ChangeHandler]] = [
        *((_rank(columns.table), 0, columns) for columns in _followed if not columns.is_handled),
        *((_rank(table), 1, handler) for table, handler in _handlers),
    ]
    changed = 0
    for _, _, step in sorted(steps, key=lambda step: step[:2]):
        changed += await (_restate(uow, step, change) if isinstance(step, UnitColumns) else step(uow, change))
    return changed + await follow_late(uow, change)


async def follow_late(uow: UnitOfWork, change: Reorganisation) -> int:
    """Let the rows follow that were written when the change had begun; the number of them."""
    return sum([await _restate(uow, columns, change) for columns in _followed if not columns.is_handled])


def _rank(table: str) -> int:
    return _RANK.get(table, len(LOCK_ORDER))


async def _restate(uow: UnitOfWork, columns: UnitColumns, change: Reorganisation) -> int:
    changed = 0
    own = own_clause(columns, change)
    if own is not None:
        settings, values = _new_values(columns, change)
        if settings:
            changed += await uow.execute(f"UPDATE {columns.table} SET {settings} WHERE {own[0]}", *values, *own[1])
    if columns.path and change.kind in {ChangeKind.MOVE, ChangeKind.MERGE}:
        clause, bound = prefix_clause(columns.path, change.before.path)
        bump = ", version = version + 1" if columns.has_version else ""
        # An id stands in a path once, so the old beginning does too.
        changed += await uow.execute(
            f"UPDATE {columns.table} SET {columns.path} = REPLACE({columns.path}, ?, ?){bump} WHERE {clause}",
            change.before.path,
            change.after.path,
            *bound,
        )
    return changed


def _new_values(columns: UnitColumns, change: Reorganisation) -> tuple[str, list[str]]:
    named = [(columns.name, change.after.name)] if columns.name else []
    if change.kind is not ChangeKind.RENAME:
        # The unit last: MariaDB reads a column that was set before in the same statement as its new value.
        named += [(columns.path, change.after.path)] if columns.path else []
        named.append((columns.unit_id, change.after.id))
    if not named:
        return "", []
    bump = ["version = version + 1"] if columns.has_version else []
    return ", ".join([*(f"{column} = ?" for column, _ in named), *bump]), [value for _, value in named]


def own_clause(columns: UnitColumns, change: Reorganisation) -> Clause | None:
    """The condition on the unit's own rows that follow with unit and name; None where none do."""
    sql, values = f"{columns.unit_id} = ? AND ({columns.open})", [change.before.id]
    if change.kind is ChangeKind.MOVE:
        return None
    if change.kind is ChangeKind.RENAME and columns.name:
        return f"{sql} AND {columns.name} <> ?", (*values, change.after.name)
    if change.kind is ChangeKind.SPLIT:
        return _chosen(columns, change, sql, values)
    return sql, tuple(values)


def _chosen(columns: UnitColumns, change: Reorganisation, sql: str, values: list[str]) -> Clause | None:
    chosen = [(column, change.people) for column in columns.with_people]
    chosen += [(columns.with_place, change.places)] if columns.with_place else []
    if not chosen or not all(ids for _, ids in chosen):
        return None
    for column, ids in chosen:
        sql += f" AND {column} IN ({', '.join('?' * len(ids))})"
        values += ids
    return sql, tuple(values)


def _counted_clause(columns: UnitColumns, change: Reorganisation) -> Clause | None:
    if change.kind is ChangeKind.RENAME and not columns.name:
        return None
    if change.kind is not ChangeKind.MOVE:
        return own_clause(columns, change)
    if not columns.path:
        return None
    clause, values = prefix_clause(columns.path, change.before.path)
    return f"{clause} AND ({columns.open})", values
