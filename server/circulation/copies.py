"""What a listing copies from its card and the card's surroundings, so that the board is one indexed read."""

from typing import Any

from server.assets.types import AssetFacts
from server.circulation.alike import alike_key
from server.classification.queries import category
from server.identity.ops import unit_facts
from server.identity.queries import region_name
from server.kernel.unit_of_work import UnitOfWork
from server.places.queries import place_facts


async def copied_fields(uow: UnitOfWork, card: AssetFacts) -> dict[str, Any]:
    """The columns of `asset_listing` that say what the card says now."""
    unit = await unit_facts(uow, card.holder_unit_id)
    place = await place_facts(uow, card.place_id)
    kind = await category(uow, card.category_code)
    return {
        "code": card.code,
        "name": card.name,
        "brand": card.brand,
        "model": card.model,
        "specification": card.specification,
        "category_code": card.category_code,
        "category_name": kind.name,
        "condition": card.condition,
        "value_fen": card.value_fen,
        "holder_unit_id": unit.id,
        "holder_unit_name": unit.name,
        "region_code": place.region_code,
        "region_name": await region_name(place.region_code),
        "place_id": place.id,
        "place_path": place.path,
        "place_name": place.full_name,
        "picture_id": card.picture_id,
        "alike_key": alike_key(card, place.path),
    }
