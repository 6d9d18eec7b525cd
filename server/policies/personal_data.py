"""What policies hold about a person: whose change a version is."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource


async def describe_versions(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Versions that the person entered."""
    sql = "SELECT COUNT(*) AS number FROM policy_version WHERE created_by = ?"
    return await counted(rows, "政策版本的修改", "规则沿革，依法留存（档案法）", sql, person_id, is_kept=True)


register_personal_data("policies", describe_versions)
