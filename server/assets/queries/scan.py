"""What a scan shows depends on who scans (rules: Asset life)."""

from typing import Literal

from server.assets.access import is_keeper_there
from server.assets.cards import facts_by_scan
from server.assets.next_actions import next_actions
from server.assets.scan import normalized_scan
from server.assets.states import CONDITION_NAMES, STATE_NAMES
from server.assets.types import AssetFacts, ScanView
from server.identity.ops import unit_facts
from server.identity.queries import names_of
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.reading import reading
from server.places.queries import place_facts


async def find_by_scan(actor: Actor | None, text: str) -> ScanView:
    """What the scanned or typed `text` is. Nobody logged in, or another unit: what it is and whose; the unit that owns,
    holds or has borrowed it: its state and place too; its keeper: also what to do next.

    A code can be guessed, so without a login only a label's token answers; a classified thing answers to its own unit
    and keeper alone. Raises NotFound `asset.not_found`; StateConflict `asset.label_voided`.
    """
    async with reading() as db:
        card = await facts_by_scan(db, text)
        if card is None:
            raise NotFound("asset.not_found")
        owner = await unit_facts(db, card.owner_unit_id)
        audience = await _audience(db, actor, card)
        if audience != "public":
            assert actor is not None
            return await _full(db, actor, audience, card, owner.name)
    is_stranger = actor is None or actor.unit_id is None
    if card.is_classified or (is_stranger and card.code == normalized_scan(text)):
        raise NotFound("asset.not_found")
    return ScanView(
        audience=audience,
        name=card.name,
        owner_unit_name=owner.name,
        picture_id=None if is_stranger else card.picture_id,
    )


async def _audience(rows: RowSource, actor: Actor | None, card: AssetFacts) -> Literal["public", "member", "keeper"]:
    if actor is None:
        return "public"
    if await is_keeper_there(rows, actor, (await place_facts(rows, card.place_id)).path):
        return "keeper"
    units = {card.owner_unit_id, card.holder_unit_id, card.lent_to_unit_id}
    return "member" if actor.unit_id is not None and actor.unit_id in units else "public"


async def _full(rows: RowSource, actor: Actor, audience: str, card: AssetFacts, owner_name: str) -> ScanView:
    names = await names_of(rows, [card.custodian_id] if card.custodian_id else [])
    return ScanView(
        audience=audience,
        name=card.name,
        owner_unit_name=owner_name,
        asset_id=card.id,
        code=card.code,
        picture_id=card.picture_id,
        state=card.state,
        state_name=STATE_NAMES[card.state],
        condition_name=CONDITION_NAMES[card.condition],
        place_name=(await place_facts(rows, card.place_id)).full_name,
        custodian_name=names.get(card.custodian_id or ""),
        next_actions=await next_actions(rows, actor, card) if audience == "keeper" else [],
    )
