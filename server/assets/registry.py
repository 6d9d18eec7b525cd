"""What upper domains tell about cards: whether something of theirs stands on them."""

from collections.abc import Awaitable, Callable

from server.kernel.unit_of_work import UnitOfWork

# finder(uow, asset_ids): those of the cards that have something of the domain on them (a listing, a promise, a loan).
UseFinder = Callable[[UnitOfWork, list[str]], Awaitable[set[str]]]
_finders: dict[str, UseFinder] = {}


def register_use(name: str, finder: UseFinder) -> None:
    """Let `finder` say which cards its domain uses; a card in use is not taken back with its import."""
    if _finders.get(name, finder) is not finder:
        raise ValueError(f"two finders named {name}")
    _finders[name] = finder


async def cards_in_use(uow: UnitOfWork, asset_ids: list[str]) -> set[str]:
    """The cards that somebody uses, by everybody who registered."""
    return {asset_id for finder in _finders.values() for asset_id in await finder(uow, asset_ids)}
