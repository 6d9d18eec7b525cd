# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""What follows a unit among the places: sites, rooms and warehouses go with whoever runs them."""

from server.identity.ops import (
    ChangeKind,
    Reorganisation,
    UnitColumns,
    follow,
    on_unit_changed,
    register_obstacles,
    unit_facts,
    use_places,
)
from server.identity.types import RowSource
from server.kernel.errors import StateConflict
from server.kernel.instants import to_microseconds
from server.kernel.unit_of_work import UnitOfWork
from server.places.types import PlaceKind

follow(
    UnitColumns(
        table="place",
        unit_id="unit_id",
        path="unit_path",
        label="场所",
        held="is_active = 1",
        with_place="id",
    )
)


async def place_tree_of(rows: RowSource, unit_id: str, place_ids: tuple[str, ...]) -> list[str]:
    """The unit's places at the top among `place_ids`, and everything below them."""
    marks = ", ".join("?" * len(place_ids))
    found = await rows.fetch_all(
        "SELECT p.id FROM place r JOIN place p ON SUBSTR(p.path, 1, LENGTH(r.path)) = r.path"
        f" WHERE r.id IN ({marks}) AND r.unit_id = ? AND r.parent_id IS NULL ORDER BY p.id",
        *place_ids,
        unit_id,
    )
    return [row["id"] for row in found]


async def names_of_places(rows: RowSource, place_ids: list[str]) -> list[str]:
    """Names by id, in the order of the tree."""
    marks = ", ".join("?" * len(place_ids))
    found = await rows.fetch_all(f"SELECT name FROM place WHERE id IN ({marks}) ORDER BY path", *place_ids)
    return [row["name"] for row in found]


async def warehouses_without_operator(rows: RowSource, change: Reorganisation) -> list[StateConflict]:
    """A warehouse is run by a unit with that function: it goes to no other, and the function is not given up before."""
    if change.kind is ChangeKind.CORRECT:
        clause, values = "unit_id = ?", [change.before.id]
    elif change.kind is ChangeKind.SPLIT and change.places:
        if (await unit_facts(rows, change.after.id)).is_operator:
            return []
        clause, values = f"id IN ({', '.join('?' * len(change.places))})", [*change.places]
    else:
        return []
    row = await rows.fetch_one(
        f"SELECT COUNT(*) AS number FROM place WHERE kind = ? AND is_active = 1 AND {clause}",
        PlaceKind.WAREHOUSE.value,
        *values,
    )
    if row is None or not row["number"]:
        return []
    return [StateConflict("unit_change.warehouse_without_operator", number=row["number"])]


async def end_torn_assignments(uow: UnitOfWork, change: Reorganisation) -> int:
    """Where a split takes the warehouse and not its keeper, or the keeper alone, the assignment ends."""
    if change.kind is not ChangeKind.SPLIT:
        return 0
    people, places = [*change.people, ""], [*change.places, ""]
    in_people, in_places = (f"IN ({', '.join('?' * len(ids))})" for ids in (people, places))
    return await uow.execute(
        "UPDATE keeper_assignment SET ended_at = ? WHERE ended_at IS NULL"
        f" AND ((place_id {in_places} AND NOT person_id {in_people})"
        f" OR (person_id {in_people} AND NOT place_id {in_places}"
        " AND place_id IN (SELECT id FROM place WHERE unit_id = ?)))",
        to_microseconds(await uow.now()),
        *places,
        *people,
        *people,
        *places,
        change.before.id,
    )


use_places(place_tree_of, names_of_places)
register_obstacles(warehouses_without_operator)
on_unit_changed("place", end_torn_assignments)
