"""Whether every card is what its history says: the ledger's own proof, for auditors and after a crash."""

from typing import Any

import msgspec

from server.kernel.instants import from_day_number, from_microseconds
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader, Row

_BATCH = 500
_INSTANTS = {"cleared_at"}
_DAYS = {"acquired_on"}
_FLAGS = {"is_classified", "is_storage_medium"}
# Counted up by every change, so the history need not repeat it; nothing else may differ unrecorded.
_UNRECORDED = {"id", "version", "created_at"}


async def verify_cards() -> list[str]:
    """A sentence for each card that differs from the sum of its events, or has none. Empty: the ledger is whole."""
    faults: list[str] = []
    last = ""
    # Without the deadline of a page: a whole city's cards take their time.
    async with current_runtime().database.reading() as reader:
        while cards := await reader.fetch_all(
            "SELECT * FROM asset_card WHERE id > ? ORDER BY id LIMIT ?", last, _BATCH
        ):
            told = await _told(reader, cards[0]["id"], cards[-1]["id"])
            for card in cards:
                faults += _differences(card, told.get(card["id"]))
            last = cards[-1]["id"]
    return faults


async def _told(reader: Reader, first: str, last: str) -> dict[str, dict[str, Any]]:
    rows = await reader.fetch_all(
        "SELECT asset_id, e.after AS changes FROM asset_event e WHERE asset_id >= ? AND asset_id <= ?"
        " ORDER BY asset_id, id",
        first,
        last,
    )
    told: dict[str, dict[str, Any]] = {}
    for row in rows:
        told.setdefault(row["asset_id"], {}).update(msgspec.json.decode(row["changes"]))
    return told


def _differences(card: Row, told: dict[str, Any] | None) -> list[str]:
    if told is None:
        return [f"{card['code']}：卡片没有任何履历"]
    return [
        f"{card['code']}：{name} 现为 {shown!r}，履历记为 {told[name]!r}"
        for name, value in card.items()
        if name in told and name not in _UNRECORDED and (shown := _as_told(name, value)) != told[name]
    ]


def _as_told(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _INSTANTS:
        return msgspec.to_builtins(from_microseconds(value))
    if name in _DAYS:
        return msgspec.to_builtins(from_day_number(value))
    return bool(value) if name in _FLAGS else value
