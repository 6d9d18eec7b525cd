"""What is lent and what is on the board, as rows of tables to take along: the same from every door."""

from collections.abc import Sequence

from server.circulation.types import BorrowingRow, ListingRow
from server.files.tables import Heading, Value

LOAN_HEADINGS = (
    Heading("借用单号", width=22),
    Heading("状态", width=14),
    Heading("逾期", width=6),
    Heading("资产编号", width=30),
    Heading("资产", width=30),
    Heading("件数", "number", 8),
    Heading("待领件数", "number", 8),
    Heading("借出件数", "number", 8),
    Heading("借用单位", width=24),
    Heading("申请人", width=10),
    Heading("出借单位", width=24),
    Heading("存放地点", width=24),
    Heading("借用日期", "day", 12),
    Heading("归还日期", "day", 12),
    Heading("领取期限", "day", 12),
    Heading("申请时间", "instant", 20),
)
LISTING_HEADINGS = (
    Heading("资产", width=30),
    Heading("分类代码"),
    Heading("账面原值（元）", "fen"),
    Heading("新旧程度", width=10),
    Heading("持有单位", width=24),
    Heading("地区", width=12),
    Heading("存放地点", width=24),
    Heading("可借日期", "day", 12),
)


def loan_values(row: BorrowingRow) -> Sequence[Value]:
    """A loan under `LOAN_HEADINGS`; of several pieces the first one's code."""
    return (
        row.number,
        row.state_name,
        "是" if row.is_overdue else "否",
        row.asset_code,
        row.thing,
        row.piece_count,
        row.waiting_count,
        row.out_count,
        row.borrower_unit_name,
        row.applicant_name,
        row.holder_unit_name,
        row.place_name,
        row.from_day,
        row.to_day,
        row.collect_by,
        row.submitted_at,
    )


def listing_values(row: ListingRow) -> Sequence[Value]:
    """A thing on the board under `LISTING_HEADINGS`."""
    return (
        row.name,
        row.category_code,
        row.value_fen,
        row.condition_name,
        row.holder_unit_name,
        row.region_name,
        row.place_name,
        row.free_from,
    )
