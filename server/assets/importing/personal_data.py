"""What ledger imports hold about a person: who brought which ledger."""

from server.identity.ops import PersonalRecord, counted, register_personal_data
from server.identity.types import RowSource

_BASIS = "国有资产账卡的来源（行政事业性国有资产管理条例）"


async def describe_imports(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """Ledgers that the person brought."""
    brought = "SELECT COUNT(*) AS number FROM ledger_import WHERE created_by = ?"
    return await counted(rows, "导入的台账", _BASIS, brought, person_id, is_kept=True)


register_personal_data("ledger_imports", describe_imports)
