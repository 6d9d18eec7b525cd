"""People who leave hand over the events that they answer for."""

from server.circulation.occasions.commands import add_step
from server.circulation.occasions.models import Occasion
from server.identity.ops import HeldItem, register_handover, register_holding
from server.identity.queries import names_of
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


async def held_occasions(uow: UnitOfWork, person_id: str) -> list[HeldItem]:
    """The open events for which the person answers."""
    occasions = await uow.find_all(Occasion, responsible_id=person_id, state="open")
    return [HeldItem("occasion", each.id, f"负责的活动：{each.name}", each.lead_unit_id) for each in occasions]


async def move_occasions(uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
    """Let `to_id`, a colleague in the lead unit, answer for the events."""
    name = (await names_of(uow, [to_id]))[to_id]
    for occasion in await uow.lock_all(Occasion, [item.id for item in items]):
        await uow.change_one(
            Occasion,
            {"id": occasion.id, "responsible_id": from_id, "version": occasion.version},
            otherwise=StateConflict("record.changed"),
            responsible_id=to_id,
            responsible_name=name,
            version=occasion.version + 1,
        )
        await add_step(uow, occasion.id, "handed_over", f"{occasion.responsible_name} 转交 {name}")


register_holding("occasions", held_occasions)
register_handover("occasions", move_occasions, locks="occasion")
