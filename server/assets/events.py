"""The one way a card changes: a conditional update of its version and state, and one event that says what differed.

Nothing outside this file and `cards.py` writes `asset_card`, so the history has no holes.
"""

from typing import Any

import msgspec

from server.assets.indexing import FOUND_BY, index_card
from server.assets.models import AssetCard, AssetEvent
from server.assets.states import STATE_NAMES, AssetState, can_become
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork

CHANGED = "asset.changed"


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a card, why, and by which paper. `kind` is stable and has a Chinese name."""

    kind: str
    reason: str
    document_no: str | None = None


EVENT_NAMES: dict[str, str] = {
    "registered": "登记建卡",
    "corrected": "更正信息",
    "moved": "移动位置",
    "custodian_changed": "变更保管人",
    "cleared": "信息清除",
    "frozen": "冻结",
    "unfrozen": "解冻",
    "picture_attached": "更新照片",
    "label_printed": "打印标签",
    "lent": "借出",
    "taken_back": "归还",
    "inspected": "归还验收",
    "accessories_set": "配件清单",
    "lost": "遗失",
    "found": "找回",
    "written_off": "核销",
    "repair_finished": "维修完成",
    "unit_changed": "单位变更",
}


async def change_card(uow: UnitOfWork, card: AssetCard, happening: Happening, **changes: Any) -> AssetCard:
    """Write `changes` to a card that this unit of work has locked, with its event; returns the card as it is now.

    Raises StateConflict `record.changed` when the card is not as `card` says any more, `asset.wrong_state` for a step
    that its life does not know.
    """
    differing = {name: value for name, value in changes.items() if getattr(card, name) != value}
    if "state" in differing and not can_become(card.state, AssetState(differing["state"])):
        raise StateConflict("asset.wrong_state", state_name=STATE_NAMES[card.state])
    await uow.change_one(
        AssetCard,
        {"id": card.id, "version": card.version, "state": card.state},
        otherwise=StateConflict("record.changed"),
        version=card.version + 1,
        **differing,
    )
    before = {name: getattr(card, name) for name in differing}
    card.update_from_dict({**differing, "version": card.version + 1})
    await add_event(uow, card.id, happening, before, differing)
    if differing.keys() & FOUND_BY:
        await index_card(uow, card)
    # The domains above keep copies of what a card says (the sharing board): they follow after the commit.
    await uow.emit(CHANGED, {"asset_id": card.id})
    return card


async def add_event(
    uow: UnitOfWork, asset_id: str, happening: Happening, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """One line of a card's history, by the acting person."""
    await uow.add(
        AssetEvent(
            asset_id=asset_id,
            kind=happening.kind,
            at=await uow.now(),
            actor_id=uow.actor.person_id,
            actor_name=uow.actor.person_name,
            unit_id=uow.actor.unit_id,
            reason=happening.reason,
            document_no=happening.document_no,
            before=before,
            after=after,
        )
    )
