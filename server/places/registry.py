"""What upper domains tell about places: whether things are there."""

from collections.abc import Awaitable, Callable

from server.kernel.unit_of_work import UnitOfWork

# counter(uow, place_id): how many things are at this very place.
ThingCounter = Callable[[UnitOfWork, str], Awaitable[int]]
_counters: dict[str, ThingCounter] = {}


def register_things(name: str, counter: ThingCounter) -> None:
    """Let `counter` say how many things of its domain are at a place; a place is closed only when nothing is there."""
    if _counters.get(name, counter) is not counter:
        raise ValueError(f"two counters named {name}")
    _counters[name] = counter


async def things_at(uow: UnitOfWork, place_id: str) -> int:
    """How many things are at a place, by everybody who registered."""
    return sum([await counter(uow, place_id) for counter in _counters.values()])
