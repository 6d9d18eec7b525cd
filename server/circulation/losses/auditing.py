# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Cases of lost and damaged things, as the audit finds and names them; they belong to the card that they are of."""

from server.circulation.losses.access import SUBJECT as WRITE_OFF
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


async def _name_write_offs(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(
        "SELECT s.id, c.number FROM loss_step s JOIN loss_case c ON c.id = s.case_id"
        f" WHERE s.kind = 'writing_off' AND s.id IN ({', '.join('?' * len(ids))})",
        *ids,
    )
    return {row["id"]: f"{row['number']} 核销" for row in found}


async def _find_write_offs(rows: Reader, text: str) -> list[Subject]:
    # By its case; by itself it has nothing that people know it by but its id.
    names = await _name_write_offs(rows, [text])
    return [Subject(WRITE_OFF, write_off_id, label) for write_off_id, label in names.items()]


async def _of_case(rows: Reader, case_id: str) -> list[tuple[str, str]]:
    """Each time it was asked to write the thing off: what was decided stands under that."""
    asked = await rows.fetch_all(
        "SELECT id FROM loss_step WHERE case_id = ? AND kind = 'writing_off' ORDER BY id DESC", case_id
    )
    return [(WRITE_OFF, row["id"]) for row in asked]


async def _of_card(rows: Reader, asset_id: str) -> list[tuple[str, str]]:
    cases = await rows.fetch_all("SELECT id FROM loss_case WHERE asset_id = ? ORDER BY id DESC", asset_id)
    found = [("loss", row["id"]) for row in cases]
    return found + [each for row in cases for each in await _of_case(rows, row["id"])]


async def _of_loan(rows: Reader, borrowing_id: str) -> list[tuple[str, str]]:
    cases = await rows.fetch_all("SELECT id FROM loss_case WHERE borrowing_id = ? ORDER BY id DESC", borrowing_id)
    return [("loss", row["id"]) for row in cases]


register_subject("loss", find=_find, name=_name)
register_subject(WRITE_OFF, find=_find_write_offs, name=_name_write_offs)
register_related("asset", _of_card)
register_related("borrowing", _of_loan)
register_related("loss", _of_case)
