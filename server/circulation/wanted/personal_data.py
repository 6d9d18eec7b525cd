"""What the wanted board holds about a person: what was looked for, and what was offered."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "单位之间调剂余缺的往来记录（行政事业性国有资产管理条例）"


async def describe_posts(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Posts and offers under the person's name."""
    posted = "SELECT COUNT(*) AS number FROM wanted_post WHERE poster_id = ?"
    offered = "SELECT COUNT(*) AS number FROM wanted_offer WHERE offered_by = ?"
    return [
        *await counted(rows, "发布的需求", _BASIS, posted, person_id, is_kept=True),
        *await counted(rows, "对需求的应答", _BASIS, offered, person_id, is_kept=True),
    ]


register_personal_data("wanted", describe_posts)
