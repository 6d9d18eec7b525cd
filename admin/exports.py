"""导出: what a list shows as a table to take along, scoped and narrowed exactly as the list is."""

from typing import Literal

import msgspec
from sanic import HTTPResponse, Request

from admin.assets import AssetQuery, wanted_cards
from admin.door import door
from admin.lists import query_of
from admin.loans import ALL, view_for
from admin.tables import answer_list, every
from server.assets.queries import CARD_HEADINGS, card_table
from server.circulation.queries import list_borrowings, list_listings
from server.circulation.types import ListingFilter
from server.files.tables import Heading, Rows
from server.kernel.paging import PAGE_LIMIT
from server.web.sessions import actor_of

LOAN_HEADINGS = (
    Heading("借用单号", width=22),
    Heading("状态", width=14),
    Heading("逾期", width=6),
    Heading("资产编号", width=30),
    Heading("资产", width=30),
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


class Format(msgspec.Struct, frozen=True):
    """Which kind of file."""

    format: Literal["xlsx", "csv"] = "xlsx"


class AssetExport(AssetQuery, frozen=True):
    """The ledger's filter, and which kind of file."""

    format: Literal["xlsx", "csv"] = "xlsx"


class LoanExport(Format, frozen=True):
    """The loans' tab, and which kind of file."""

    state: str = "approved"


class ListingExport(Format, frozen=True):
    """What the board is narrowed to, and which kind of file."""

    q: str = ""
    category: str = ""
    region: str = ""
    condition: str = ""


@door.get("/assets/export", summary="导出台账")
async def export_assets(request: Request) -> HTTPResponse:
    """The cards of the list."""
    query = query_of(request, AssetExport)
    rows = card_table(actor_of(request), wanted_cards(query))
    return await answer_list(request, "assets", "台账", query, CARD_HEADINGS, rows)


@door.get("/loans/export", summary="导出借用单")
async def export_loans(request: Request) -> HTTPResponse:
    """The loans of one tab."""
    actor, query = actor_of(request), query_of(request, LoanExport)
    state = None if query.state == ALL else query.state

    async def rows() -> Rows:
        async for row in every(lambda at: list_borrowings(actor, view_for(actor), state, at, PAGE_LIMIT)):
            yield (
                row.number,
                row.state_name,
                "是" if row.is_overdue else "否",
                row.asset_code,
                row.thing,
                row.borrower_unit_name,
                row.applicant_name,
                row.holder_unit_name,
                row.place_name,
                row.from_day,
                row.to_day,
                row.collect_by,
                row.submitted_at,
            )

    return await answer_list(request, "loans", "借用单", query, LOAN_HEADINGS, rows())


@door.get("/listings/export", summary="导出共享大厅")
async def export_listings(request: Request) -> HTTPResponse:
    """What the board shows to whoever asks."""
    actor, query = actor_of(request), query_of(request, ListingExport)
    wanted = ListingFilter(
        text=query.q, category_prefix=query.category, region_code=query.region, condition=query.condition
    )

    async def rows() -> Rows:
        async for row in every(lambda at: list_listings(actor, wanted, at, PAGE_LIMIT)):
            yield (
                row.name,
                row.category_code,
                row.value_fen,
                row.condition_name,
                row.holder_unit_name,
                row.region_name,
                row.place_name,
                row.free_from,
            )

    return await answer_list(request, "listings", "共享大厅", query, LISTING_HEADINGS, rows())
