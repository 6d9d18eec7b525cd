"""The one way a need goes on: its state changes where it still is what we saw."""

from typing import Any

from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.procurement.models import PurchaseNeed
from server.procurement.states import TRANSITIONS, NeedState


async def advance(uow: UnitOfWork, need: PurchaseNeed, state: NeedState, **changes: Any) -> None:
    """Bring a locked need into `state` with its other `changes`; raises StateConflict `record.changed`."""
    if state not in TRANSITIONS[NeedState(need.state)]:
        raise RuntimeError(f"a need never goes from {need.state} to {state}")
    await change(uow, need, state=state.value, **changes)


async def change(uow: UnitOfWork, need: PurchaseNeed, **changes: Any) -> None:
    """Write `changes` to a locked need; raises StateConflict `record.changed`."""
    await uow.change_one(
        PurchaseNeed,
        {"id": need.id, "state": need.state, "version": need.version},
        otherwise=StateConflict("record.changed"),
        version=need.version + 1,
        **changes,
    )
    need.update_from_dict({**changes, "version": need.version + 1})
