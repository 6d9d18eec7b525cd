"""What notices hold about a person: the inbox."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource
from server.kernel.unit_of_work import UnitOfWork


async def describe_inbox(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """The messages in the inbox."""
    sql = "SELECT COUNT(*) AS number FROM notice WHERE person_id = ?"
    return await counted(rows, "站内消息", "告知办理进度所必需", sql, person_id)


async def erase_inbox(uow: UnitOfWork, person_id: str) -> int:
    """The whole inbox: what the messages were about is recorded where it happened."""
    return await uow.execute("DELETE FROM notice WHERE person_id = ?", person_id)


register_personal_data("notices", describe_inbox, erase_inbox)
