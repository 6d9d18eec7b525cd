"""What comments hold about a person: what the person said about applications."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "行政审批档案，依法留存（档案法；个人信息保护法第四十七条第二款）"


async def describe_comments(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Comments under the person's name."""
    said = "SELECT COUNT(*) AS number FROM approval_comment WHERE author_id = ?"
    return await counted(rows, "审批中的留言", _BASIS, said, person_id, is_kept=True)


register_personal_data("approval_comments", describe_comments)
