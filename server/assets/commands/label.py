"""Labels: one valid one for each thing (一物一码); a reprint voids the one before."""

from server.assets.access import get_card_for_handling
from server.assets.events import Happening, add_event
from server.assets.guards import require_not_disposed
from server.assets.models import AssetLabel
from server.assets.scan import new_token
from server.assets.types import LabelView
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.unit_of_work import UnitOfWork


@command("asset.print_label")
async def print_label(uow: UnitOfWork, actor: Actor, asset_id: str) -> LabelView:
    """Make a new label; whatever was printed before is void.

    Raises Forbidden `role.required`; NotFound `asset.not_found`; StateConflict `asset.wrong_state`.
    """
    card = await get_card_for_handling(uow, actor, asset_id)
    require_not_disposed(card)
    now = await uow.now()
    await uow.change(AssetLabel, {"asset_id": card.id, "voided_at__isnull": True}, voided_at=now)
    row = await uow.fetch_one("SELECT MAX(serial) AS last FROM asset_label WHERE asset_id = ?", card.id)
    # The card's lock makes this the only counter of its labels.
    last = 0 if row is None or row["last"] is None else int(row["last"])
    label = AssetLabel(
        asset_id=card.id, token=new_token(), serial=last + 1, printed_at=now, printed_by=actor.person_id or ""
    )
    await uow.add(label)
    happening = Happening(kind="label_printed", reason="重新打印标签" if last else "打印标签")
    await add_event(uow, card.id, happening, {"label_serial": last} if last else {}, {"label_serial": label.serial})
    await uow.record("asset.print_label", "asset", card.id, serial=label.serial)
    return LabelView(
        asset_id=card.id, asset_code=card.code, token=label.token, serial=label.serial, printed_at=label.printed_at
    )
