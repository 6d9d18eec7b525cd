"""Who still holds what: upper domains say so, because identity knows nothing of cards, tasks and loans."""

from collections.abc import Awaitable, Callable

from server.identity.types import HeldItem
from server.kernel.errors import StateConflict
from server.kernel.lock_order import LOCK_ORDER
from server.kernel.unit_of_work import UnitOfWork

# handler(uow, person_id): what the person holds.
Holding = Callable[[UnitOfWork, str], Awaitable[list[HeldItem]]]
# handler(uow, from_person_id, to_person_id, items): move these items, or raise.
Moving = Callable[[UnitOfWork, str, str, list[HeldItem]], Awaitable[None]]

# handler(uow, from_person_id): take the locks that several movings share, before any of them writes such a row.
Locking = Callable[[UnitOfWork, str], Awaitable[None]]

# So many of the things still held are named; the count says how many there are.
_NAMED = 20
_holdings: dict[str, Holding] = {}
_movings: dict[str, tuple[Moving, str]] = {}
_lockings: dict[str, Locking] = {}


def register_holding(name: str, handler: Holding) -> None:
    """Let `handler(uow, person_id)` say what a person holds. `name`: the domain, one handler each."""
    _holdings[name] = handler


def register_handover(name: str, handler: Moving, *, locks: str) -> None:
    """Let `handler(uow, from_id, to_id, items)` move what the holding of the same name reported. `locks`: the table
    whose rows it locks, so that all handlers of one handover lock in the one order."""
    _movings[name] = (handler, locks)


def register_shared_lock(table: str, handler: Locking) -> None:
    """Let `handler(uow, from_id)` lock the rows of `table` that several movings write, when their turn comes in the
    lock order: after the movings of earlier tables, before all others."""
    _lockings[table] = handler


async def held_items(uow: UnitOfWork, person_id: str) -> dict[str, list[HeldItem]]:
    """Everything a person holds, by the name of who reported it."""
    return {name: await handler(uow, person_id) for name, handler in _holdings.items()}


async def move_items(uow: UnitOfWork, from_id: str, to_id: str, items: dict[str, list[HeldItem]]) -> None:
    """Move what was reported, each by its own handler; a holding nobody can move is a programming error.

    They go in the lock order: somebody may hold warehouses, cards, loans and what was applied for all at once.
    """
    held = {name: each for name, each in items.items() if each}
    tables = {*_lockings, *(_movings[name][1] for name in held)}
    for table in sorted(tables, key=LOCK_ORDER.index):
        if table in _lockings:
            await _lockings[table](uow, from_id)
        for name in sorted(name for name in held if _movings[name][1] == table):
            await _movings[name][0](uow, from_id, to_id, held[name])


def still_holds(held: list[HeldItem]) -> StateConflict:
    """The refusal `person.still_holds` (count; items: kind, id, label of the first twenty)."""
    named = [{"kind": item.kind, "id": item.id, "label": item.label} for item in held[:_NAMED]]
    return StateConflict("person.still_holds", count=len(held), items=named)
