"""What events hold about a person: those that the person answered for, and steps by the person."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "国有资产出借档案（行政事业性国有资产管理条例、档案法）"


async def describe_occasions(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Events under the person's name, and what the person did to events."""
    answered = "SELECT COUNT(*) AS number FROM occasion WHERE responsible_id = ?"
    steps = "SELECT COUNT(*) AS number FROM occasion_step WHERE actor_id = ?"
    return [
        *await counted(rows, "负责的活动", _BASIS, answered, person_id, is_kept=True),
        *await counted(rows, "活动办理记录", _BASIS, steps, person_id, is_kept=True),
    ]


register_personal_data("occasions", describe_occasions)
