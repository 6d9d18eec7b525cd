"""What places hold about a person: which warehouses were kept, and who assigned it."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource


async def describe_keeping(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Warehouses that the person keeps or kept, or let others keep."""
    sql = "SELECT COUNT(*) AS number FROM keeper_assignment WHERE person_id = ? OR assigned_by = ?"
    basis = "仓库保管责任记录（行政事业性国有资产管理条例）"
    return await counted(rows, "仓库保管分工", basis, sql, person_id, person_id, is_kept=True)


register_personal_data("places", describe_keeping)
