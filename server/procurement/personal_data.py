"""What purchase needs and idle proofs hold about a person: what was asked for, searched and proven."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "购置和闲置证明档案（行政事业性国有资产管理条例、档案法）"


async def describe_needs(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Needs of the person, searches and proofs by the person."""
    asked = "SELECT COUNT(*) AS number FROM purchase_need WHERE applicant_id = ?"
    searched = "SELECT COUNT(*) AS number FROM idle_search WHERE searched_by = ?"
    proven = "SELECT COUNT(*) AS number FROM idle_proof WHERE issued_by = ?"
    return [
        *await counted(rows, "提出的购置需求", _BASIS, asked, person_id, is_kept=True),
        *await counted(rows, "闲置资产检索", _BASIS, searched, person_id, is_kept=True),
        *await counted(rows, "出具的闲置证明", _BASIS, proven, person_id, is_kept=True),
    ]


register_personal_data("procurement", describe_needs)
