"""What approvals hold about a person: what was applied for and decided."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "行政审批档案，依法留存（档案法；个人信息保护法第四十七条第二款）"


async def describe_decisions(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Applications and decisions under the person's name."""
    applied = "SELECT COUNT(*) AS number FROM approval_chain WHERE applicant_id = ?"
    decided = "SELECT COUNT(*) AS number FROM approval_task WHERE decided_by = ? OR on_behalf_of = ?"
    return [
        *await counted(rows, "提出的审批申请", _BASIS, applied, person_id, is_kept=True),
        *await counted(rows, "作出的审批决定", _BASIS, decided, person_id, person_id, is_kept=True),
    ]


register_personal_data("approvals", describe_decisions)
