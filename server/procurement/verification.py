# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Whether every idle proof is what it was when it was made: its text, its hash, its number, and what the audit says."""

import re

import msgspec

from server.kernel.instants import from_day_number
from server.kernel.runtime import current_runtime
from server.kernel.storage.database import Reader
from server.procurement.queries.proofs import document_of, hash_of

_BATCH = 200
_SERIAL = re.compile(r"〔(\d{4})〕(\d+)号$")


async def verify_proofs() -> list[str]:
    """A sentence for each proof that was changed, and for each gap in the numbers. Empty: all proofs hold."""
    faults: list[str] = []
    serials: dict[tuple[str, str], list[int]] = {}
    last = ""
    # Without the deadline of a page: years of proofs take their time.
    async with current_runtime().database.reading() as reader:
        while rows := await reader.fetch_all(
            "SELECT p.id, p.number, p.unit_id, p.document, p.hash, p.valid_until, p.need_id FROM idle_proof p"
            " WHERE p.id > ? ORDER BY p.id LIMIT ?",
            last,
            _BATCH,
        ):
            told = await _told(reader, [row["id"] for row in rows])
            for row in rows:
                faults += _faults(row, told.get(row["id"]))
                if found := _SERIAL.search(row["number"]):
                    serials.setdefault((row["unit_id"], found[1]), []).append(int(found[2]))
            last = rows[-1]["id"]
    for (_, year), numbers in serials.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            faults.append(f"{year} 年的闲置证明编号不连续：{sorted(numbers)}")
    return faults


async def _told(reader: Reader, proof_ids: list[str]) -> dict[str, str]:
    rows = await reader.fetch_all(
        "SELECT subject_id, facts FROM audit_event WHERE subject_kind = 'idle_proof' AND action = 'proof.issue'"
        f" AND subject_id IN ({', '.join('?' * len(proof_ids))})",
        *proof_ids,
    )
    return {row["subject_id"]: msgspec.json.decode(row["facts"])["hash"] for row in rows}


def _faults(row: dict[str, object], told: str | None) -> list[str]:
    number = row["number"]
    if hash_of(str(row["document"])) != row["hash"]:
        return [f"{number}：闲置证明的内容被改动过"]
    if told != row["hash"]:
        return [f"{number}：闲置证明的校验值与审计记录不一致"]
    document = document_of(row)
    valid_until = from_day_number(int(str(row["valid_until"])))
    if (document.number, document.need.id, document.valid_until) != (number, row["need_id"], valid_until):
        return [f"{number}：闲置证明的编号、需求或有效期与内容不一致"]
    return []
