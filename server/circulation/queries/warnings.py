"""What an approver should beware of: sentences that hold nobody up."""

# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound

from server.circulation.access import visible_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.instants import from_day_number, to_day_number
from server.kernel.reading import present_day, reading
from server.kernel.storage.database import Row

_SHOWN = 3


async def application_warnings(actor: Actor, borrowing_id: str) -> list[str]:
    """Of a borrowing within the actor's sight; none of any other. Of other loans only those in sight count too."""
    async with reading() as db:
        clause, values = await visible_clause(db, actor)
        row = await db.fetch_one(
            f"SELECT b.id, b.state, b.from_day, b.borrower_unit_id FROM borrowing b WHERE b.id = ? AND {clause}",
            borrowing_id,
            *values,
        )
        if row is None:
            return []
        return [*_begun(row), *await _still_out(db, row), *await _overdue(db, actor, row)]


def _begun(row: Row) -> list[str]:
    if row["state"] != "submitted" or row["from_day"] >= to_day_number(present_day()):
        return []
    return [f"借用日期从 {from_day_number(row['from_day']).isoformat()} 开始，已经过了。"]


async def _still_out(rows: RowSource, row: Row) -> list[str]:
    """Things that are with somebody else now, and late or due only after this loan begins."""
    found = await rows.fetch_all(
        "SELECT l.asset_name, o.to_day, o.is_overdue FROM borrowing_line l JOIN borrowing_line x"
        " ON x.asset_id = l.asset_id AND x.borrowing_id <> l.borrowing_id"
        " JOIN borrowing o ON o.id = x.borrowing_id WHERE l.borrowing_id = ? AND l.issued_at IS NULL"
        " AND x.issued_at IS NOT NULL AND x.returned_at IS NULL AND (o.is_overdue = 1 OR o.to_day >= ?) ORDER BY l.id",
        row["id"],
        row["from_day"],
    )
    said = [
        f"{each['asset_name']} 还借在外面，应在 {from_day_number(each['to_day']).isoformat()} 归还"
        + ("，已经逾期。" if each["is_overdue"] else "。")
        for each in found[:_SHOWN]
    ]
    return [*said, f"另有 {len(found) - _SHOWN} 件也还借在外面。"] if len(found) > _SHOWN else said


async def _overdue(rows: RowSource, actor: Actor, row: Row) -> list[str]:
    clause, values = await visible_clause(rows, actor, "o")
    late = await rows.fetch_one(
        "SELECT COUNT(*) AS loans FROM borrowing o WHERE o.borrower_unit_id = ? AND o.is_overdue = 1 AND o.id <> ?"
        f" AND {clause}",
        row["borrower_unit_id"],
        row["id"],
        *values,
    )
    assert late is not None
    return [f"申请单位还有 {late['loans']} 笔借用逾期未还。"] if late["loans"] else []
