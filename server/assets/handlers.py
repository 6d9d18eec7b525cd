"""What assets tell the domains below: which cards a person answers for, and how many things are at a place."""

from server.assets.access import require_colleague
from server.assets.cards import locked_card
from server.assets.events import Happening, change_card
from server.assets.states import AssetState
from server.identity.ops import HeldItem, register_handover, register_holding
from server.kernel.unit_of_work import UnitOfWork
from server.places.registry import register_things

_HELD = "asset_card"


async def held_cards(uow: UnitOfWork, person_id: str) -> list[HeldItem]:
    """The cards whose custodian the person is."""
    rows = await uow.fetch_all(
        "SELECT id, code, name, holder_unit_id FROM asset_card WHERE custodian_id = ? AND state <> ? ORDER BY id",
        person_id,
        AssetState.DISPOSED.value,
    )
    return [HeldItem(_HELD, row["id"], f"{row['name']}（{row['code']}）", row["holder_unit_id"]) for row in rows]


async def move_cards(uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
    """Let `to_id` answer for the cards; that person has to work in the unit that holds them."""
    for item in sorted(items, key=lambda held: held.id):
        card = await locked_card(uow, item.id)
        if card.custodian_id == from_id:
            await require_colleague(uow, card.holder_unit_id, to_id)
            await change_card(uow, card, Happening(kind="custodian_changed", reason="工作交接"), custodian_id=to_id)


async def count_things(uow: UnitOfWork, place_id: str) -> int:
    """How many cards have the place as theirs, things on loan included: they come back to it."""
    row = await uow.fetch_one(
        "SELECT COUNT(*) AS number FROM asset_card WHERE place_id = ? AND state <> ?",
        place_id,
        AssetState.DISPOSED.value,
    )
    return 0 if row is None else int(row["number"])


register_holding("assets", held_cards)
register_handover("assets", move_cards, locks="asset_card")
register_things("assets", count_things)
