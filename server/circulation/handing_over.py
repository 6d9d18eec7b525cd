"""Words of handing over: signing for things, and how they are collected."""

from server.circulation.types import Collection, HandoverView
from server.identity.types import RowSource
from server.kernel.instants import from_microseconds

HANDOVER_NAMES = {"issue": "领取", "return": "归还"}
WAY_NAMES = {"pickup": "自取", "delivery": "送货"}
HALF_NAMES = {"morning": "上午", "afternoon": "下午"}
# The line's columns: when it happened, and the record in which it was signed for.
COLUMNS = {"issue": ("issued_at", "issue_handover_id"), "return": ("returned_at", "return_handover_id")}


def collection_words(it: Collection) -> str:
    """How something is collected: 送货，11月30日上午，送到文体中心."""
    to = f"，送到{it.address}" if it.address else ""
    return f"{WAY_NAMES[it.way]}，{it.day.month}月{it.day.day}日{HALF_NAMES[it.half]}{to}"


async def handovers_of(rows: RowSource, borrowing_id: str) -> list[HandoverView]:
    """All signed records of a borrowing, the oldest first, for a caller that has checked who may see it."""
    found = await rows.fetch_all("SELECT * FROM borrowing_handover WHERE borrowing_id = ? ORDER BY id", borrowing_id)
    return [
        HandoverView(
            id=row["id"],
            kind=row["kind"],
            kind_name=HANDOVER_NAMES[row["kind"]],
            at=from_microseconds(row["at"]),
            pieces=row["pieces"],
            keeper_name=row["keeper_name"],
            keeper_signature_id=row["keeper_signature_id"],
            other_name=row["other_name"],
            other_signature_id=row["other_signature_id"],
        )
        for row in found
    ]
