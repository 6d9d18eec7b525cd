"""Handing over: the warehouses that a person keeps are told to identity, and moved to whoever takes them on."""

from server.identity.ops import HeldItem, register_handover, register_holding
from server.kernel.unit_of_work import UnitOfWork
from server.places.models import KeeperAssignment

_HELD = "keeper_assignment"


async def kept_warehouses(uow: UnitOfWork, person_id: str) -> list[HeldItem]:
    """The warehouses that the person keeps now."""
    rows = await uow.fetch_all(
        "SELECT k.id, p.name, p.unit_id FROM keeper_assignment k JOIN place p ON p.id = k.place_id"
        " WHERE k.person_id = ? AND k.ended_at IS NULL ORDER BY k.id",
        person_id,
    )
    return [HeldItem(_HELD, row["id"], f"仓管员：{row['name']}", row["unit_id"]) for row in rows]


async def move_warehouses(uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
    """End the assignments and make them anew for `to_id`, where that person does not keep the warehouse already."""
    for item in items:
        assignment = await uow.find(KeeperAssignment, id=item.id, person_id=from_id, ended_at=None)
        if assignment is None:
            continue
        await uow.change(KeeperAssignment, {"id": item.id, "ended_at": None}, ended_at=await uow.now())
        if await uow.find(KeeperAssignment, person_id=to_id, place_id=assignment.place_id, ended_at=None) is None:
            await uow.add(
                KeeperAssignment(
                    person_id=to_id,
                    place_id=assignment.place_id,
                    assigned_by=uow.actor.person_id or "",
                    assigned_at=await uow.now(),
                )
            )


register_holding("places", kept_warehouses)
register_handover("places", move_warehouses, locks="place")
