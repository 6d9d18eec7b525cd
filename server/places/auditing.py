"""Places, as the audit finds and names them."""

from server.kernel.audit.subjects import MOST_FOUND, Subject, register_subject
from server.kernel.storage.database import Reader

_LABEL = "SELECT id, code, name FROM place WHERE"


async def _find(rows: Reader, text: str) -> list[Subject]:
    found = await rows.fetch_all(
        f"{_LABEL} code = ? OR name = ? OR id = ? ORDER BY path LIMIT {MOST_FOUND}", text.upper(), text, text
    )
    return [Subject("place", row["id"], f"{row['name']}（{row['code']}）") for row in found]


async def _name(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(f"{_LABEL} id IN ({', '.join('?' * len(ids))})", *ids)
    return {row["id"]: f"{row['name']}（{row['code']}）" for row in found}


register_subject("place", find=_find, name=_name)
