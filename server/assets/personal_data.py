"""What the cards hold about a person: what they answer for, and what they did to which card."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "国有资产账卡和履历（行政事业性国有资产管理条例）"


async def describe_custody(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Things in the person's custody, and events by the person."""
    custody = "SELECT COUNT(*) AS number FROM asset_card WHERE custodian_id = ?"
    events = "SELECT COUNT(*) AS number FROM asset_event WHERE actor_id = ?"
    return [
        *await counted(rows, "保管的资产", _BASIS, custody, person_id, is_kept=True),
        *await counted(rows, "资产履历中的经办", _BASIS, events, person_id, is_kept=True),
    ]


register_personal_data("assets", describe_custody)
