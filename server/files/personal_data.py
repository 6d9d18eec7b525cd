"""What files hold about a person: who uploaded them. The pictures are the unit's."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource


async def describe_uploads(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Files that the person uploaded."""
    sql = "SELECT COUNT(*) AS number FROM stored_file WHERE uploaded_by = ?"
    basis = "资产与验收照片属单位业务档案（档案法）"
    return await counted(rows, "上传的图片和文件", basis, sql, person_id, is_kept=True)


register_personal_data("files", describe_uploads)
