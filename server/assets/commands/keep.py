"""Everyday keeping: where a thing is, who answers for it, what it looks like, whether it was wiped."""

from server.assets import ops
from server.assets.access import (
    get_card_for_handling,
    get_card_for_management,
    place_for_putting,
    require_colleague,
)
from server.assets.checks import CardChecks
from server.assets.events import Happening, change_card
from server.assets.guards import require_not_disposed, require_state, require_unfrozen
from server.assets.states import MOVABLE
from server.assets.types import AssetView, AttachPicture, ChangeCustodian, MoveAsset, RecordClearing
from server.assets.views import read_view
from server.files.ops import require_own_picture
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


@command("asset.move")
async def move_asset(uow: UnitOfWork, actor: Actor, request: MoveAsset) -> AssetView:
    """Relocate (移库) a thing to a place where the actor may put things.

    Raises Forbidden `role.required`; NotFound `asset.not_found`; InvalidInput (`place_id`: `asset.place_unknown`);
    StateConflict `asset.already_at_place`, `asset.wrong_state`, `asset.frozen`.
    """
    reason = _line("reason", request.reason)
    card = await get_card_for_handling(uow, actor, request.asset_id)
    place = await place_for_putting(uow, actor, request.place_id)
    await ops.move(uow, card.id, place_id=place.id, reason=reason)
    await uow.record("asset.move", "asset", card.id, before=card.place_id, after=place.id, reason=reason)
    return await read_view(uow, actor, card.id)


@command("asset.change_custodian")
async def change_custodian(uow: UnitOfWork, actor: Actor, request: ChangeCustodian) -> AssetView:
    """Another person of the holding unit answers for the thing from now on.

    Raises Forbidden, NotFound as above; InvalidInput (`custodian_id`: `asset.custodian_unknown`); StateConflict
    `asset.already_with_custodian`, `asset.frozen`, `asset.wrong_state`.
    """
    reason = _line("reason", request.reason)
    card = await get_card_for_management(uow, actor, request.asset_id)
    require_unfrozen(card)
    require_not_disposed(card)
    if card.custodian_id == request.custodian_id:
        raise StateConflict("asset.already_with_custodian")
    if request.custodian_id is not None:
        await require_colleague(uow, card.holder_unit_id, request.custodian_id)
    before = card.custodian_id
    happening = Happening(kind="custodian_changed", reason=reason)
    await change_card(uow, card, happening, custodian_id=request.custodian_id)
    await uow.record("asset.change_custodian", "asset", card.id, before=before, after=request.custodian_id)
    return await read_view(uow, actor, card.id)


@command("asset.record_clearing")
async def record_clearing(uow: UnitOfWork, actor: Actor, request: RecordClearing) -> AssetView:
    """A storage medium was wiped; it may be lent, handed in or sold until it has been in other hands again.

    Raises Forbidden, NotFound as above; StateConflict `asset.not_a_storage_medium`, `asset.wrong_state`.
    """
    method, number = _line("method", request.method), _line("document_no", request.document_no)
    card = await get_card_for_handling(uow, actor, request.asset_id)
    if not card.is_storage_medium:
        raise StateConflict("asset.not_a_storage_medium")
    require_state(card, MOVABLE)
    happening = Happening(kind="cleared", reason=method, document_no=number)
    await change_card(uow, card, happening, cleared_at=await uow.now())
    await uow.record("asset.record_clearing", "asset", card.id, method=method, document_no=number)
    return await read_view(uow, actor, card.id)


@command("asset.attach_picture")
async def attach_picture(uow: UnitOfWork, actor: Actor, request: AttachPicture) -> AssetView:
    """Show a picture of the acting unit's on the card.

    Raises Forbidden, NotFound as above; InvalidInput (`picture_id`: `file.unknown`).
    """
    card = await get_card_for_handling(uow, actor, request.asset_id)
    require_not_disposed(card)
    await require_own_picture(uow, actor, request.picture_id)
    before = card.picture_id
    happening = Happening(kind="picture_attached", reason="更新照片")
    await change_card(uow, card, happening, picture_id=request.picture_id)
    await uow.record("asset.attach_picture", "asset", card.id, before=before, after=request.picture_id)
    return await read_view(uow, actor, card.id)


def _line(field: str, value: str) -> str:
    checks = CardChecks()
    cleaned = checks.line(field, value)
    checks.finish()
    return cleaned
