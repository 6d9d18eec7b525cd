"""What belongs to one thing, and what could."""

from server.assets.access import HANDLERS, MANAGERS, is_keeper_there
from server.assets.accessories import accessories_of
from server.assets.types import Accessory, AccessoryList
from server.assets.views import read_view
from server.identity.scope import is_in_scope
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.kernel.storage.database import Row
from server.places.queries import place_facts


async def accessory_list(actor: Actor, asset_id: str) -> AccessoryList:
    """The list of a thing within the actor's sight; raises NotFound `asset.not_found` for any other."""
    async with reading() as db:
        return await read_accessories(db, actor, asset_id)


async def read_accessories(rows: RowSource, actor: Actor, asset_id: str) -> AccessoryList:
    """The same from a read session or an open unit of work."""
    view = await read_view(rows, actor, asset_id)
    card = await rows.fetch_one(
        "SELECT id, category_code, brand, model, holder_unit_id, holder_unit_path, place_id FROM asset_card"
        " WHERE id = ?",
        view.id,
    )
    assert card is not None
    own = await accessories_of(rows, asset_id)
    can_change = actor.has_role(*HANDLERS) and (
        is_in_scope(actor, card["holder_unit_path"], *MANAGERS)
        or await is_keeper_there(rows, actor, (await place_facts(rows, card["place_id"])).path)
    )
    suggested = await _suggested(rows, card) if can_change and not own else []
    return AccessoryList(asset_id=asset_id, accessories=own, suggested=suggested, can_change=can_change)


async def _suggested(rows: RowSource, card: Row) -> list[Accessory]:
    """Of the same brand and model before the same category; of the unit's own things alone."""
    like = (card["holder_unit_id"], card["category_code"], card["brand"], card["model"])
    row = await rows.fetch_one(
        "SELECT c.id FROM asset_card c JOIN asset_accessory a ON a.asset_id = c.id WHERE c.holder_unit_id = ?"
        " AND c.category_code = ? ORDER BY CASE WHEN c.brand = ? AND c.model = ? THEN 0 ELSE 1 END, a.id DESC LIMIT 1",
        *like,
    )
    return [] if row is None else await accessories_of(rows, row["id"])
