"""What was entered wrongly is put right, with a reason and the old value kept."""

from typing import Any

from tortoise.exceptions import IntegrityError

from server.assets.access import get_card_for_management
from server.assets.checks import CardChecks
from server.assets.events import Happening, change_card
from server.assets.finance_card import refuse_taken
from server.assets.guards import require_not_disposed, require_unfrozen
from server.assets.models import AssetCard
from server.assets.types import CORRECTABLE, AssetView, CorrectAsset
from server.assets.views import read_view
from server.classification.naming import asset_name
from server.kernel.actor import Actor
from server.kernel.clock import today
from server.kernel.command import command
from server.kernel.errors import InvalidInput, StateConflict
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork

_LINES = ("item_name", "brand", "model", "specification", "finance_card_no")


@command("asset.correct")
async def correct_asset(uow: UnitOfWork, actor: Actor, request: CorrectAsset) -> AssetView:
    """Correct a card. The event keeps every field before and after.

    Raises Forbidden `role.required`; NotFound `asset.not_found`; InvalidInput naming the fields, or
    `asset.nothing_changed`; StateConflict `record.changed` (another version), `asset.frozen`, `asset.wrong_state`,
    `asset.finance_card_taken`.
    """
    card = await get_card_for_management(uow, actor, request.asset_id)
    require_unfrozen(card)
    require_not_disposed(card)
    if card.version != request.version:
        raise StateConflict("record.changed")
    reason, changes = await _changes(uow, card, request)
    number = changes.get("finance_card_no")
    before = {name: getattr(card, name) for name in changes}
    try:
        card = await change_card(uow, card, Happening(kind="corrected", reason=reason), **changes)
    except IntegrityError as error:
        if is_duplicate(error) and number:
            await refuse_taken(uow, actor, number)
        raise
    await uow.record("asset.correct", "asset", card.id, before=before, after=changes, reason=reason)
    return await read_view(uow, actor, card.id)


async def _changes(uow: UnitOfWork, card: AssetCard, request: CorrectAsset) -> tuple[str, dict[str, Any]]:
    """The reason, and the columns that become different, the name by rule among them."""
    checks = CardChecks()
    reason = checks.line("reason", request.reason)
    given = {name: getattr(request, name) for name in CORRECTABLE if getattr(request, name) is not None}
    for name in _LINES:
        if name in given:
            given[name] = checks.line(name, given[name])
    if "value_fen" in given:
        checks.value_fen(given["value_fen"])
    if "acquired_on" in given:
        checks.acquired_on(given["acquired_on"], await today(uow))
    if "condition" in given:
        checks.condition(given["condition"])
    checks.finish()
    if "finance_card_no" in given:
        given["finance_card_no"] = given["finance_card_no"] or None
    changes = {name: value for name, value in given.items() if value != getattr(card, name)}
    if not changes:
        raise InvalidInput("asset.nothing_changed")
    parts = [changes.get(name, getattr(card, name)) for name in ("item_name", "brand", "model")]
    name = asset_name(*parts)
    return reason, changes if name == card.name else {**changes, "name": name}
