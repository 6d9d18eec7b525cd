"""Changes of a card that join another domain's unit of work. Each locks the card, checks its state and leaves an event.

Lock order: whatever the caller locks comes before `asset_card` (kernel/lock_order.py).
"""

from collections.abc import Iterable
from typing import Literal

from server.assets.access import unknown_place
from server.assets.accessories import accessories_of
from server.assets.cards import facts_by_id, facts_by_scan, facts_of, locked_card
from server.assets.events import Happening, change_card
from server.assets.guards import require_state, require_unfrozen
from server.assets.models import AssetCard
from server.assets.restating import relend
from server.assets.states import AT_HOME, MOVABLE, AssetState, home_state
from server.assets.types import AssetFacts
from server.kernel.errors import NotFound, StateConflict
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import place_facts
from server.places.types import PlaceFacts

__all__ = [
    "accessories_of",
    "asset_by_scan",
    "asset_facts",
    "finish_inspection",
    "finish_repair",
    "lend",
    "lock_asset",
    "lock_assets",
    "lose",
    "move",
    "regain",
    "relend",
    "take_back",
    "write_off",
]

# Also a public name of this module: the other domains read cards through ops and queries.
asset_by_scan = facts_by_scan
asset_facts = facts_by_id


async def lock_asset(uow: UnitOfWork, asset_id: str) -> AssetFacts:
    """The card's facts, held until the end of the unit of work; raises NotFound `asset.not_found`."""
    return facts_of(await locked_card(uow, asset_id))


async def lock_assets(uow: UnitOfWork, asset_ids: Iterable[str]) -> list[AssetFacts]:
    """The facts of several cards in the order of their ids, held until the end of the unit of work; those that do not
    exist are left out."""
    return [facts_of(card) for card in await uow.lock_all(AssetCard, asset_ids)]


async def lend(uow: UnitOfWork, asset_id: str, *, document_no: str, to_unit_id: str, reason: str) -> AssetFacts:
    """The thing leaves on loan. Owner, holder and home place stay; `document_no`: the borrowing's number.

    Raises StateConflict `asset.already_lent`, `asset.wrong_state`, `asset.frozen`, `asset.classified`,
    `asset.not_cleared` (a storage medium goes out only wiped).
    """
    card = await locked_card(uow, asset_id)
    require_unfrozen(card)
    _require_lendable(card)
    happening = Happening(kind="lent", reason=reason, document_no=document_no)
    return facts_of(await change_card(uow, card, happening, state=AssetState.ON_LOAN.value, lent_to_unit_id=to_unit_id))


def _require_lendable(card: AssetCard) -> None:
    if card.is_classified:
        raise StateConflict("asset.classified")
    if card.state in {AssetState.ON_LOAN, AssetState.RETURN_INSPECTION}:
        raise StateConflict("asset.already_lent")
    if card.is_uncleared:
        raise StateConflict("asset.not_cleared")


async def take_back(uow: UnitOfWork, asset_id: str, *, document_no: str, reason: str) -> AssetFacts:
    """The thing is back at the desk and waits for inspection; a frozen one too, for it is there.

    A storage medium has been in other hands, so its clearing no longer counts. Raises StateConflict
    `asset.not_on_loan`.
    """
    card = await locked_card(uow, asset_id)
    if card.state != AssetState.ON_LOAN:
        raise StateConflict("asset.not_on_loan")
    happening = Happening(kind="taken_back", reason=reason, document_no=document_no)
    return facts_of(
        await change_card(
            uow,
            card,
            happening,
            state=AssetState.RETURN_INSPECTION.value,
            lent_to_unit_id=None,
            cleared_at=None if card.is_storage_medium else card.cleared_at,
        )
    )


async def lose(uow: UnitOfWork, asset_id: str, *, document_no: str, reason: str) -> AssetFacts:
    """A thing on loan is lost; a frozen one too, for nobody has it. Raises StateConflict `asset.not_on_loan`."""
    card = await locked_card(uow, asset_id)
    if card.state != AssetState.ON_LOAN:
        raise StateConflict("asset.not_on_loan")
    happening = Happening(kind="lost", reason=reason, document_no=document_no)
    return facts_of(await change_card(uow, card, happening, state=AssetState.LOST.value, lent_to_unit_id=None))


async def regain(uow: UnitOfWork, asset_id: str, *, condition: str, document_no: str, reason: str) -> AssetFacts:
    """A lost thing is found and goes back to its place. A storage medium was in unknown hands, so its clearing no
    longer counts. Raises StateConflict `asset.not_lost`."""
    card = await locked_card(uow, asset_id)
    _require_lost(card)
    state = await _state_at_home(uow, card)
    cleared_at = None if card.is_storage_medium else card.cleared_at
    happening = Happening(kind="found", reason=reason, document_no=document_no)
    changes = {"state": state.value, "condition": condition, "cleared_at": cleared_at}
    return facts_of(await change_card(uow, card, happening, **changes))


async def write_off(uow: UnitOfWork, asset_id: str, *, document_no: str, reason: str) -> AssetFacts:
    """A lost thing leaves the ledger for good, by approval. Raises StateConflict `asset.not_lost`, `asset.frozen`."""
    card = await locked_card(uow, asset_id)
    _require_lost(card)
    require_unfrozen(card)
    happening = Happening(kind="written_off", reason=reason, document_no=document_no)
    return facts_of(await change_card(uow, card, happening, state=AssetState.DISPOSED.value))


def _require_lost(card: AssetCard) -> None:
    if card.state != AssetState.LOST:
        raise StateConflict("asset.not_lost")


async def finish_inspection(
    uow: UnitOfWork,
    asset_id: str,
    *,
    to: Literal["home", "repair"],
    condition: str,
    reason: str,
    document_no: str | None = None,
) -> AssetFacts:
    """A returned thing was inspected: back to its place, or into repair.

    Raises StateConflict `asset.not_in_inspection`.
    """
    card = await locked_card(uow, asset_id)
    if card.state != AssetState.RETURN_INSPECTION:
        raise StateConflict("asset.not_in_inspection")
    target = AssetState.IN_REPAIR if to == "repair" else await _state_at_home(uow, card)
    happening = Happening(kind="inspected", reason=reason, document_no=document_no)
    return facts_of(await change_card(uow, card, happening, state=target.value, condition=condition))


async def finish_repair(
    uow: UnitOfWork, asset_id: str, *, condition: str, reason: str, document_no: str | None = None
) -> AssetFacts:
    """A repaired thing goes back to its place. Raises StateConflict `asset.not_in_repair`."""
    card = await locked_card(uow, asset_id)
    if card.state != AssetState.IN_REPAIR:
        raise StateConflict("asset.not_in_repair")
    happening = Happening(kind="repair_finished", reason=reason, document_no=document_no)
    state = await _state_at_home(uow, card)
    return facts_of(await change_card(uow, card, happening, state=state.value, condition=condition))


async def move(
    uow: UnitOfWork, asset_id: str, *, place_id: str, reason: str, document_no: str | None = None
) -> AssetFacts:
    """Relocation (移库): the only function that changes a card's place.

    In and out of a warehouse changes the state too.

    Raises InvalidInput `asset.place_unknown`; StateConflict `asset.already_at_place`, `asset.wrong_state`,
    `asset.frozen`.
    """
    card = await locked_card(uow, asset_id)
    place = await _open_place(uow, place_id)
    require_unfrozen(card)
    require_state(card, MOVABLE)
    if card.place_id == place.id:
        raise StateConflict("asset.already_at_place")
    state = home_state(place.is_warehouse).value if card.state in AT_HOME else card.state
    happening = Happening(kind="moved", reason=reason, document_no=document_no)
    return facts_of(await change_card(uow, card, happening, place_id=place.id, state=state))


async def _open_place(uow: UnitOfWork, place_id: str) -> PlaceFacts:
    try:
        place = await place_facts(uow, place_id)
    except NotFound:
        raise unknown_place() from None
    if not place.is_active:
        raise unknown_place()
    return place


async def _state_at_home(uow: UnitOfWork, card: AssetCard) -> AssetState:
    return home_state((await place_facts(uow, card.place_id)).is_warehouse)
