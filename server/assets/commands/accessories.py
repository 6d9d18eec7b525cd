"""Saying what belongs to a thing (配件清单)."""

from server.assets.access import get_card_for_handling
from server.assets.accessories import LONGEST_NAME, MOST_KINDS, MOST_PIECES, accessories_of, in_words
from server.assets.events import Happening, change_card
from server.assets.guards import require_not_disposed
from server.assets.models import AssetAccessory
from server.assets.queries.accessories import read_accessories
from server.assets.types import Accessory, AccessoryList, SetAccessories
from server.kernel.actor import Actor
from server.kernel.checks import Checks
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork


@command("asset.set_accessories")
async def set_accessories(uow: UnitOfWork, actor: Actor, request: SetAccessories) -> AccessoryList:
    """Replace what belongs to a thing; what has gone out with it is not changed by that.

    For its managers and the keeper of its place. Raises InvalidInput (`asset.too_many_accessories`,
    `asset.accessory_twice`); Forbidden `role.required`; NotFound `asset.not_found`; StateConflict `asset.wrong_state`.
    """
    wanted = _checked(request.accessories)
    card = await get_card_for_handling(uow, actor, request.asset_id)
    require_not_disposed(card)
    before, after = in_words(await accessories_of(uow, card.id)), in_words(wanted)
    # The card's lock and version stand for its list.
    await change_card(uow, card, Happening(kind="accessories_set", reason=(after or "没有配件")[:200]))
    await uow.execute("DELETE FROM asset_accessory WHERE asset_id = ?", card.id)
    for position, part in enumerate(wanted):
        await uow.add(AssetAccessory(asset_id=card.id, position=position, name=part.name, pieces=part.pieces))
    await uow.record("asset.set_accessories", "asset", card.id, before=before, after=after)
    return await read_accessories(uow, actor, card.id)


def _checked(parts: list[Accessory]) -> list[Accessory]:
    checks = Checks()
    if len(parts) > MOST_KINDS:
        checks.fault("accessories", "asset.too_many_accessories", limit=MOST_KINDS)
    names = [checks.text(f"accessories.{n}.name", part.name, longest=LONGEST_NAME) for n, part in enumerate(parts)]
    for number, part in enumerate(parts):
        if not 1 <= part.pieces <= MOST_PIECES:
            code, limit = ("input.too_small", 1) if part.pieces < 1 else ("input.too_large", MOST_PIECES)
            checks.fault(f"accessories.{number}.pieces", code, limit=limit)
        if any(letter in part.name for letter in "\t\r\n"):
            checks.fault(f"accessories.{number}.name", "input.control_character")
    if len(set(names)) < len(names):
        checks.fault("accessories", "asset.accessory_twice")
    checks.finish()
    return [Accessory(name, part.pieces) for name, part in zip(names, parts, strict=True)]
