"""What a unit has said of its ledgers' words: headings, categories, places, people and what holds without words."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from server.identity.types import RowSource
from server.kernel.unit_of_work import UnitOfWork

HEADING = "heading"
DEFAULT = "default"
_LONGEST_TEXT = 255


async def remembered(rows: RowSource, unit_id: str) -> dict[str, dict[str, str]]:
    """Kind → text → value."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await rows.fetch_all("SELECT kind, text, value FROM ledger_memory WHERE unit_id = ?", unit_id):
        found[row["kind"]][row["text"]] = row["value"]
    return found


async def remember(uow: UnitOfWork, unit_id: str, kind: str, values: Mapping[str, str]) -> None:
    """Keep what was said; what was said of the same words before is replaced."""
    rows = [
        (_id(unit_id, kind, text), unit_id, kind, text, value)
        for text, value in sorted(values.items())
        if len(text) <= _LONGEST_TEXT
    ]
    if rows:
        await uow.execute_many(
            "REPLACE INTO ledger_memory (id, unit_id, kind, text, value) VALUES (?, ?, ?, ?, ?)", rows
        )


def _id(unit_id: str, kind: str, text: str) -> str:
    return hashlib.sha256(f"{unit_id}|{kind}|{text}".encode()).hexdigest()
