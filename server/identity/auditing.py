# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""People and units, as the audit finds and names them."""

from server.kernel.audit.subjects import MOST_FOUND, Subject, register_subject
from server.kernel.storage.database import Reader


async def _find_people(rows: Reader, text: str) -> list[Subject]:
    found = await rows.fetch_all(
        f"SELECT id, name FROM person WHERE name = ? OR login_name = ? OR id = ? ORDER BY id LIMIT {MOST_FOUND}",
        text,
        text.lower(),
        text,
    )
    return [Subject("person", row["id"], row["name"]) for row in found]


async def _name_people(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(f"SELECT id, name FROM person WHERE id IN ({', '.join('?' * len(ids))})", *ids)
    return {row["id"]: row["name"] for row in found}


async def _find_units(rows: Reader, text: str) -> list[Subject]:
    found = await rows.fetch_all(
        "SELECT id, name FROM unit WHERE name = ? OR short_name = ? OR code = ? OR id = ?"
        f" ORDER BY path LIMIT {MOST_FOUND}",
        *([text] * 4),
    )
    return [Subject("unit", row["id"], row["name"]) for row in found]


async def _name_units(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(f"SELECT id, name FROM unit WHERE id IN ({', '.join('?' * len(ids))})", *ids)
    return {row["id"]: row["name"] for row in found}


register_subject("person", find=_find_people, name=_name_people)
register_subject("unit", find=_find_units, name=_name_units)
