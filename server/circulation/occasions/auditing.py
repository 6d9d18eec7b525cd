# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Events, as the audit finds and names them."""

from server.kernel.audit.subjects import MOST_FOUND, Subject, register_subject
from server.kernel.storage.database import Reader


async def _find(rows: Reader, text: str) -> list[Subject]:
    found = await rows.fetch_all(
        f"SELECT id, name FROM occasion WHERE name = ? OR id = ? ORDER BY id LIMIT {MOST_FOUND}", text, text
    )
    return [Subject("occasion", row["id"], row["name"]) for row in found]


async def _name(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(f"SELECT id, name FROM occasion WHERE id IN ({', '.join('?' * len(ids))})", *ids)
    return {row["id"]: row["name"] for row in found}


register_subject("occasion", find=_find, name=_name)
