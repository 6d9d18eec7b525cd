"""What messages to WeChat hold about a person."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource
from server.kernel.unit_of_work import UnitOfWork


async def describe_consents(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """What the person allowed, and what was sent."""
    allowed = "SELECT COUNT(*) AS number FROM message_consent WHERE person_id = ?"
    sent = "SELECT COUNT(*) AS number FROM wechat_message WHERE person_id = ?"
    basis = "本人在微信中同意，可随时收回"
    return [
        *await counted(rows, "微信提醒的同意", basis, allowed, person_id),
        *await counted(rows, "发往微信的提醒", basis, sent, person_id),
    ]


async def erase_consents(uow: UnitOfWork, person_id: str) -> int:
    """Both: what the messages said stands in the inbox."""
    gone = await uow.execute("DELETE FROM wechat_message WHERE person_id = ?", person_id)
    return gone + await uow.execute("DELETE FROM message_consent WHERE person_id = ?", person_id)


register_personal_data("wechat_messages", describe_consents, erase_consents)
