# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""A card's history in words."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from server.assets.access import readable_clause
from server.assets.events import EVENT_NAMES
from server.assets.states import CONDITION_NAMES, STATE_NAMES
from server.assets.types import EventView, FieldChange
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import SHANGHAI, from_microseconds
from server.kernel.money import format_yuan
from server.kernel.reading import reading
from server.kernel.storage.database import Row

# Columns that people read about, in this order; what is not here is arithmetic of the machine's.
FIELD_NAMES = {
    "code": "资产编号",
    "item_name": "品名",
    "brand": "品牌",
    "model": "型号",
    "specification": "规格",
    "category_code": "分类编码",
    "value_fen": "价值",
    "acquired_on": "取得日期",
    "condition": "成色",
    "state": "状态",
    "owner_unit_id": "权属单位",
    "holder_unit_id": "保管单位",
    "lent_to_unit_id": "借用单位",
    "custodian_id": "保管人",
    "place_id": "存放地点",
    "finance_card_no": "财政资产卡片号",
    "is_classified": "涉密",
    "is_storage_medium": "存储设备",
    "cleared_at": "信息清除时间",
    "frozen_reason": "冻结原因",
    "picture_id": "照片",
    "label_serial": "标签序号",
}
# Which table knows the name behind an id.
_NAMED_BY = {
    "owner_unit_id": "unit",
    "holder_unit_id": "unit",
    "lent_to_unit_id": "unit",
    "custodian_id": "person",
    "place_id": "place",
}
_Names = dict[tuple[str, str], str]


async def history(actor: Actor, asset_id: str) -> list[EventView]:
    """Everything that happened to a card, oldest first; NotFound `asset.not_found` out of sight."""
    clause, values = readable_clause(actor)
    async with reading() as db:
        if await db.fetch_one(f"SELECT c.id FROM asset_card c WHERE c.id = ? AND {clause}", asset_id, *values) is None:
            raise NotFound("asset.not_found")
        rows = await db.fetch_all(
            "SELECT e.id, e.kind, e.at, e.actor_name, u.name AS unit_name, e.reason, e.document_no,"
            " e.before AS old, e.after AS new FROM asset_event e LEFT JOIN unit u ON u.id = e.unit_id"
            " WHERE e.asset_id = ? ORDER BY e.id",
            asset_id,
        )
        events = [(row, msgspec.json.decode(row["old"]), msgspec.json.decode(row["new"])) for row in rows]
        names = await _names(db, [side for _, *sides in events for side in sides])
    return [_event(row, old, new, names) for row, old, new in events]


async def _names(rows: RowSource, sides: list[dict[str, Any]]) -> _Names:
    wanted: dict[str, set[str]] = {}
    for side in sides:
        for field, table in _NAMED_BY.items():
            if side.get(field):
                wanted.setdefault(table, set()).add(side[field])
    names: _Names = {}
    for table, ids in wanted.items():
        found = await rows.fetch_all(
            f"SELECT id, name FROM {table} WHERE id IN ({', '.join('?' * len(ids))})", *sorted(ids)
        )
        names |= {(table, row["id"]): row["name"] for row in found}
    return names


def _event(row: Row, old: dict[str, Any], new: dict[str, Any], names: _Names) -> EventView:
    changes = [
        FieldChange(
            field=field,
            name=name,
            before=_in_words(field, old.get(field), names),
            after=_in_words(field, new.get(field), names),
        )
        for field, name in FIELD_NAMES.items()
        if field in old or field in new
    ]
    return EventView(
        id=row["id"],
        kind=row["kind"],
        kind_name=EVENT_NAMES[row["kind"]],
        at=from_microseconds(row["at"]),
        actor_name=row["actor_name"],
        unit_name=row["unit_name"] or "",
        reason=row["reason"],
        document_no=row["document_no"],
        changes=[change for change in changes if change.before or change.after],
    )


def _in_words(field: str, value: Any, names: _Names) -> str:
    if value is None:
        return ""
    if field in _NAMED_BY:
        return names.get((_NAMED_BY[field], value), "")
    return _WORDS.get(field, str)(value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "value_fen": lambda fen: f"{format_yuan(fen)} 元",
    "condition": lambda value: CONDITION_NAMES[value],
    "state": lambda value: STATE_NAMES[value],
    "is_classified": lambda value: "是" if value else "否",
    "is_storage_medium": lambda value: "是" if value else "否",
    "cleared_at": lambda value: f"{_instant(value):%Y-%m-%d %H:%M}",
    "picture_id": lambda _: "已更新",
}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(SHANGHAI)
