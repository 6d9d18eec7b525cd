# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Cases of lost and damaged things, as the audit finds and names them; they belong to the card that they are of."""

from server.kernel.audit.subjects import MOST_FOUND, Subject, register_related, register_subject
from server.kernel.storage.database import Reader


async def _find(rows: Reader, text: str) -> list[Subject]:
    found = await rows.fetch_all(
        f"SELECT id, number FROM loss_case WHERE number = ? OR id = ? ORDER BY id LIMIT {MOST_FOUND}", text, text
    )
    return [Subject("loss", row["id"], row["number"]) for row in found]


async def _name(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(f"SELECT id, number FROM loss_case WHERE id IN ({', '.join('?' * len(ids))})", *ids)
    return {row["id"]: row["number"] for row in found}


async def _of_card(rows: Reader, asset_id: str) -> list[tuple[str, str]]:
    cases = await rows.fetch_all("SELECT id FROM loss_case WHERE asset_id = ? ORDER BY id DESC", asset_id)
    return [("loss", row["id"]) for row in cases]


register_subject("loss", find=_find, name=_name)
register_related("asset", _of_card)
