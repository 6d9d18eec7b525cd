"""Carrying a change of units out: the units themselves, then everything that names them, in one transaction."""

from datetime import timedelta

import msgspec

from server.identity.following import (
    Amount,
    ChangeKind,
    Reorganisation,
    UnitSide,
    amounts,
    follow_change,
    obstacles_to,
    place_tree,
)
from server.identity.models import Party, Unit, UnitChange
from server.identity.scope import prefix_clause
from server.identity.sessions import CHANNEL
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork

CHANGED, LATE = "unit.changed", "unit.follow_late"
# Longer than any command may take: whatever began before the change has ended by then.
LATE_AFTER = timedelta(seconds=30)
_LONGEST_PATH = 255


async def reorganisation_of(rows: RowSource, change: UnitChange, unit: Unit, other: Unit) -> Reorganisation:
    """The change as those who follow need it, from the units as they are now."""
    before = UnitSide(unit.id, unit.name, unit.path)
    if change.kind == ChangeKind.RENAME:
        after = UnitSide(unit.id, change.to_unit_name, unit.path)
    elif change.kind == ChangeKind.MOVE:
        after = UnitSide(unit.id, unit.name, f"{other.path}{unit.id}/")
    else:
        after = UnitSide(other.id, other.name, other.path)
    return Reorganisation(
        change_id=change.id,
        kind=ChangeKind(change.kind),
        before=before,
        after=after,
        document_no=change.document_no,
        reason=change.reason,
        people=tuple(change.people),
        places=tuple(await place_tree(rows, unit.id, tuple(change.places))),
    )


def reorganisation_again(row: UnitChange, unit: Unit, other: Unit) -> Reorganisation | None:
    """A change that was carried out, for those who come late; None where the units have been changed again since, and
    for a split, whose parts both go on."""
    if row.kind == ChangeKind.MERGE:
        is_so = not unit.is_active and other.is_active and other.path == row.to_path
    elif row.kind == ChangeKind.MOVE:
        is_so = unit.is_active and unit.path == row.to_path
    else:
        is_so = row.kind == ChangeKind.RENAME and unit.is_active and unit.name == row.to_unit_name
    if not is_so:
        return None
    is_move = row.kind == ChangeKind.MOVE
    after = UnitSide(unit.id, unit.name, row.to_path) if is_move else UnitSide(other.id, other.name, row.to_path)
    return Reorganisation(
        change_id=row.id,
        kind=ChangeKind(row.kind),
        before=UnitSide(unit.id, row.from_unit_name, row.from_path),
        after=after,
        document_no=row.document_no,
        reason=row.reason,
    )


async def all_obstacles(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    """Why the change cannot be made yet: the tree's own reasons first, then those of every domain."""
    own = await _obstacles_in_tree(rows, change)
    return own or await obstacles_to(rows, change)


async def _obstacles_in_tree(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    before, after = change.before, change.after
    if change.kind in {ChangeKind.MERGE, ChangeKind.SPLIT} and before.id == after.id:
        return [StateConflict("unit_change.same_unit")]
    if change.kind is ChangeKind.MOVE and after.path == before.path:
        return [StateConflict("unit_change.already_there")]
    is_below = after.path != before.path and after.path.startswith(before.path)
    if change.kind in {ChangeKind.MOVE, ChangeKind.MERGE} and is_below:
        return [StateConflict("unit_change.below_itself")]
    if change.kind in {ChangeKind.MOVE, ChangeKind.MERGE} and await _is_too_deep(rows, change):
        return [StateConflict("unit_change.too_deep")]
    return []


async def _is_too_deep(rows: RowSource, change: Reorganisation) -> bool:
    clause, values = prefix_clause("path", change.before.path)
    row = await rows.fetch_one(f"SELECT MAX(LENGTH(path)) AS longest FROM unit WHERE {clause}", *values)  # noqa: S608 - clause is ours
    longest = 0 if row is None else int(row["longest"] or 0)
    # A merged unit stays in the tree, ended, below its successor.
    own = len(change.before.id) + 1 if change.kind is ChangeKind.MERGE else 0
    return longest - len(change.before.path) + len(change.after.path) + own > _LONGEST_PATH


async def carry_out(uow: UnitOfWork, row: UnitChange, unit: Unit, other: Unit) -> list[Amount]:
    """Carry out a change whose units are locked, and tell what moved. Raises the first obstacle."""
    change = await reorganisation_of(uow, row, unit, other)
    for obstacle in await all_obstacles(uow, change):
        raise obstacle
    moved = await amounts(uow, change)
    await _change_units(uow, change, unit, other)
    await follow_change(uow, change)
    await uow.emit(CHANGED, {"change_id": row.id})
    await uow.emit(LATE, {"change_id": row.id}, due_at=await uow.now() + LATE_AFTER)
    uow.publish_after_commit(CHANNEL)
    row.update_from_dict(
        {
            "from_unit_name": change.before.name,
            "from_path": change.before.path,
            # The unit above, for a move.
            "to_unit_name": other.name if change.kind is ChangeKind.MOVE else change.after.name,
            "to_path": change.after.path,
            "moved": msgspec.to_builtins(moved),
        }
    )
    return moved


async def _change_units(uow: UnitOfWork, change: Reorganisation, unit: Unit, other: Unit) -> None:
    match change.kind:
        case ChangeKind.RENAME:
            await uow.change(Party, {"id": unit.party_id}, name=change.after.name)
            await _change(uow, unit, name=change.after.name)
        case ChangeKind.MOVE:
            await _change_paths(uow, change)
            # Its path has been changed with those below it.
            await uow.change(Unit, {"id": unit.id}, parent_id=other.id)
        case ChangeKind.MERGE:
            await _end_merged(uow, change, unit, other)


async def _end_merged(uow: UnitOfWork, change: Reorganisation, unit: Unit, other: Unit) -> None:
    await _change(uow, unit, is_active=False)
    await _change(
        uow,
        other,
        is_finance_authority=other.is_finance_authority or unit.is_finance_authority,
        is_operator=other.is_operator or unit.is_operator,
    )
    await _change_paths(uow, change)
    # Ended, it hangs below its successor: whoever oversees that one may go on reading its papers.
    path = f"{change.after.path}{unit.id}/"
    await uow.change(Unit, {"id": unit.id}, parent_id=other.id, path=path)


async def _change_paths(uow: UnitOfWork, change: Reorganisation) -> None:
    clause, values = prefix_clause("path", change.before.path)
    await uow.execute(
        f"UPDATE unit SET path = REPLACE(path, ?, ?), version = version + 1 WHERE {clause}",  # noqa: S608 - clause is ours
        change.before.path,
        change.after.path,
        *values,
    )


async def _change(uow: UnitOfWork, unit: Unit, **values: object) -> None:
    await uow.change_one(
        Unit,
        {"id": unit.id, "version": unit.version, "is_active": True},
        otherwise=StateConflict("record.changed"),
        version=unit.version + 1,
        **values,
    )
