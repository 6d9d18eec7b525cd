"""导出: what is offered, looked for and borrowed, as tables to take along, narrowed exactly as the pages are."""

from collections.abc import Mapping, Sequence

from sanic import HTTPResponse, Request

from server.circulation.finding_types import Spot
from server.circulation.queries import (
    LISTING_HEADINGS,
    LOAN_HEADINGS,
    list_borrowings,
    list_listings,
    listing_values,
    loan_values,
    whereabouts,
)
from server.circulation.wanted.queries import list_wanted
from server.circulation.wanted.types import WantedRow
from server.files.list_files import Format, ListTable, list_file, paged_rows, rows_of
from server.files.tables import Heading, Rows, Value
from server.kernel.paging import PAGE_LIMIT
from server.web.downloads import answer_file
from server.web.sessions import actor_of
from storefront.addresses import asked
from storefront.borrowings import TABS, VIEWS, LoansQuery, view_for
from storefront.hall_page import LABELS, HallQuery
from storefront.searches import MapQuery
from storefront.surround import door
from storefront.wanted import VIEWS as WANTED_VIEWS
from storefront.wanted import BoardQuery

WANTED_HEADINGS = (
    Heading("要什么", width=30),
    Heading("数量", "number", 8),
    Heading("长期使用", width=10),
    Heading("天数", "number", 8),
    Heading("品目", width=18),
    Heading("发布单位", width=24),
    Heading("地区", width=12),
    Heading("状态", width=10),
    Heading("应答单位数", "number", 12),
    Heading("发布时间", "instant", 20),
    Heading("有效期至", "day", 12),
)
SPOT_HEADINGS = (Heading("地区、单位或地点", width=40), Heading("件数", "number"))


class HallExport(HallQuery, frozen=True, kw_only=True):
    """What the hall is narrowed to, and which kind of file."""

    format: Format = "xlsx"


class LoansExport(LoansQuery, frozen=True):
    """Whose loans, which tab, and which kind of file."""

    format: Format = "xlsx"


class WantedExport(BoardQuery, frozen=True):
    """Whose posts, what is searched, and which kind of file."""

    format: Format = "xlsx"


class MapExport(MapQuery, frozen=True):
    """Which level of the tree, and which kind of file."""

    format: Format = "xlsx"


@door.get("/sharing/export", summary="导出共享大厅")
async def hall_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, HallExport)
    wanted = query.filter()
    rows = paged_rows(lambda at: list_listings(actor, wanted, at, PAGE_LIMIT), listing_values)
    words = {label: request.args.get(name, "").strip() for name, label in LABELS.items()}
    return await _answer(
        request,
        ListTable(kind="listings", title="共享大厅", headings=LISTING_HEADINGS, asked=_said(words)),
        query.format,
        rows,
    )


@door.get("/borrowings/export", summary="导出我的借用")
async def loans_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, LoansExport)
    view = view_for(actor, query)
    rows = paged_rows(lambda at: list_borrowings(actor, view, query.state, at, PAGE_LIMIT), loan_values)
    words = {"看谁的": VIEWS[view], "状态": TABS[query.state]}
    return await _answer(
        request, ListTable(kind="borrowings", title="借用", headings=LOAN_HEADINGS, asked=words), query.format, rows
    )


@door.get("/wanted/export", summary="导出需求广场")
async def wanted_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, WantedExport)
    rows = paged_rows(lambda at: list_wanted(actor, query.view, query.q, at, PAGE_LIMIT), _wanted_values)
    words = {"看谁的": WANTED_VIEWS[query.view], "关键词": query.q}
    return await _answer(
        request,
        ListTable(kind="wanted", title="需求广场", headings=WANTED_HEADINGS, asked=_said(words)),
        query.format,
        rows,
    )


@door.get("/map/export", summary="导出公物分布")
async def map_table(request: Request) -> HTTPResponse:
    query = asked(request, MapExport)
    found = await whereabouts(actor_of(request), query.region, query.unit)
    words = {"地区": found.region_name, "单位": found.unit_name}
    return await _answer(
        request,
        ListTable(kind="map", title="公物分布", headings=SPOT_HEADINGS, asked=_said(words)),
        query.format,
        rows_of(found.spots, _spot_values),
    )


async def _answer(request: Request, wanted: ListTable, form: Format, rows: Rows) -> HTTPResponse:
    made = await list_file(actor_of(request), wanted, form, rows)
    return answer_file(made.name, made.content_type, made.content)


def _said(words: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in words.items() if value}


def _wanted_values(row: WantedRow) -> Sequence[Value]:
    return (
        row.title,
        row.quantity,
        "是" if row.is_permanent else "否",
        row.days,
        row.category_name,
        row.unit_name,
        row.region_name,
        row.state_name,
        row.offers,
        row.posted_at,
        row.expires_on,
    )


def _spot_values(spot: Spot) -> Sequence[Value]:
    return spot.name or "未登记", spot.count
