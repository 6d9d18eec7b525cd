"""A seal, a case or a stocktake holds a thing, and lets it go again."""

from server.assets.access import get_card_for_management
from server.assets.checks import CardChecks
from server.assets.events import Happening, change_card
from server.assets.guards import require_not_disposed
from server.assets.types import AssetView, FreezeAsset, UnfreezeAsset
from server.assets.views import read_view
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


@command("asset.freeze")
async def freeze_asset(uow: UnitOfWork, actor: Actor, request: FreezeAsset) -> AssetView:
    """Freeze a thing, whatever its state. Raises as all changes do, and StateConflict `asset.already_frozen`."""
    happening = _happening("frozen", request)
    card = await get_card_for_management(uow, actor, request.asset_id)
    require_not_disposed(card)
    if card.frozen_reason is not None:
        raise StateConflict("asset.already_frozen")
    await change_card(uow, card, happening, frozen_reason=happening.reason)
    await uow.record("asset.freeze", "asset", card.id, reason=happening.reason, document_no=happening.document_no)
    return await read_view(uow, actor, card.id)


@command("asset.unfreeze")
async def unfreeze_asset(uow: UnitOfWork, actor: Actor, request: UnfreezeAsset) -> AssetView:
    """Let a frozen thing go. Raises as all changes do, and StateConflict `asset.not_frozen`."""
    happening = _happening("unfrozen", request)
    card = await get_card_for_management(uow, actor, request.asset_id)
    if card.frozen_reason is None:
        raise StateConflict("asset.not_frozen")
    await change_card(uow, card, happening, frozen_reason=None)
    await uow.record("asset.unfreeze", "asset", card.id, reason=happening.reason, document_no=happening.document_no)
    return await read_view(uow, actor, card.id)


def _happening(kind: str, request: FreezeAsset | UnfreezeAsset) -> Happening:
    checks = CardChecks()
    reason, number = checks.line("reason", request.reason), checks.line("document_no", request.document_no)
    checks.finish()
    return Happening(kind=kind, reason=reason, document_no=number)
