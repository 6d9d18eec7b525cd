"""导出: what is offered, looked for, borrowed, decided and told, as tables to take along, narrowed as the pages are."""

from collections.abc import Sequence

from sanic import HTTPResponse, Request

from server.approvals.queries import list_tasks
from server.approvals.tables import TASK_HEADINGS, task_values
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
from server.files.list_files import Exported, Format, ListTable, list_file, paged_rows, rows_of
from server.files.tables import Heading, Rows, Value
from server.identity.queries import handover_by_id
from server.identity.types import HeldItem
from server.kernel.paging import PAGE_LIMIT
from server.notices.queries import list_notices
from server.notices.types import NOTICE_KIND_NAMES, NoticeView
from server.search.types import MOST_RANKED
from server.web.downloads import answer_file
from server.web.sessions import actor_of
from storefront.addresses import asked
from storefront.approvals import TABS as TASK_TABS
from storefront.approvals import TasksQuery
from storefront.borrowings import TABS, VIEWS, LoansQuery, view_for
from storefront.hall_page import HallQuery
from storefront.messages import InboxQuery
from storefront.searches import Kept, MapQuery, kept_searches
from storefront.sharing import chosen_words
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


NOTICE_HEADINGS = (
    Heading("时间", "instant", 20),
    Heading("标题", width=40),
    Heading("内容", width=60),
    Heading("已读", width=6),
)
SEARCH_HEADINGS = (Heading("名称", width=24), Heading("条件", width=60), Heading("有新的告诉我", width=14))
HANDOVER_HEADINGS = (Heading("内容", width=60),)


class TasksExport(TasksQuery, frozen=True):
    """Which tab of the approvals, and which kind of file."""

    format: Format = "xlsx"


class InboxExport(InboxQuery, frozen=True):
    """Which kind of messages, and which kind of file."""

    format: Format = "xlsx"


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
    is_ranked = bool(query.q) or query.sort == "free"
    rows = paged_rows(lambda at: list_listings(actor, wanted, at, PAGE_LIMIT), listing_values)
    table = ListTable(
        kind="listings",
        title="共享大厅",
        headings=LISTING_HEADINGS,
        asked={"条件": words} if (words := "、".join(await chosen_words(request, query))) else {},
        most=MOST_RANKED if is_ranked else None,
    )
    return await _answer(request, table, query.format, rows)


@door.get("/borrowings/export", summary="导出我的借用")
async def loans_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, LoansExport)
    view = view_for(actor, query)
    rows = paged_rows(lambda at: list_borrowings(actor, view, query.state, at, PAGE_LIMIT), loan_values)
    words = {"看谁的": VIEWS[view], "状态": TABS[query.state]}
    table = ListTable(kind="borrowings", title="借用", headings=LOAN_HEADINGS, asked=words)
    return await _answer(request, table, query.format, rows)


@door.get("/approvals/export", summary="导出审批事项")
async def tasks_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, TasksExport)
    rows = paged_rows(lambda at: list_tasks(actor, query.state, at, PAGE_LIMIT), task_values)
    table = ListTable(kind="approvals", title=TASK_TABS[query.state], headings=TASK_HEADINGS)
    return await _answer(request, table, query.format, rows)


@door.get("/messages/export", summary="导出消息")
async def inbox_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, InboxExport)
    rows = paged_rows(lambda at: list_notices(actor, at, PAGE_LIMIT, kind=query.kind), _notice_values)
    words = {"类别": NOTICE_KIND_NAMES[query.kind]} if query.kind else {}
    table = ListTable(kind="messages", title="消息", headings=NOTICE_HEADINGS, asked=words)
    return await _answer(request, table, query.format, rows)


@door.get("/searches/export", summary="导出保存的搜索")
async def searches_table(request: Request) -> HTTPResponse:
    query, kept = asked(request, Exported), await kept_searches(actor_of(request))
    table = ListTable(kind="searches", title="保存的搜索", headings=SEARCH_HEADINGS)
    return await _answer(request, table, query.format, rows_of(kept, _search_values))


@door.get("/wanted/export", summary="导出需求广场")
async def wanted_table(request: Request) -> HTTPResponse:
    actor, query = actor_of(request), asked(request, WantedExport)
    rows = paged_rows(lambda at: list_wanted(actor, query.view, query.q, at, PAGE_LIMIT), _wanted_values)
    words = {"看谁的": WANTED_VIEWS[query.view], **({"关键词": query.q} if query.q else {})}
    table = ListTable(kind="wanted", title="需求广场", headings=WANTED_HEADINGS, asked=words)
    return await _answer(request, table, query.format, rows)


@door.get("/map/export", summary="导出公物分布")
async def map_table(request: Request) -> HTTPResponse:
    query = asked(request, MapExport)
    found = await whereabouts(actor_of(request), query.region, query.unit)
    words = {"地区": found.region_name or query.region, "单位": found.unit_name or query.unit}
    said = {name: word for name, word in words.items() if word}
    table = ListTable(kind="map", title="公物分布", headings=SPOT_HEADINGS, asked=said)
    return await _answer(request, table, query.format, rows_of(found.spots, _spot_values))


@door.get("/me/handovers/<handover_id>/export", summary="导出交接清单")
async def handover_table(request: Request, handover_id: str) -> HTTPResponse:
    query, handover = asked(request, Exported), await handover_by_id(actor_of(request), handover_id)
    title = f"{handover.from_name}移交{handover.to_name}的清单"
    table = ListTable(kind="handover", title=title, headings=HANDOVER_HEADINGS)
    return await _answer(request, table, query.format, rows_of(handover.items, _held_values))


async def _answer(request: Request, table: ListTable, form: Format, rows: Rows) -> HTTPResponse:
    made = await list_file(actor_of(request), table, form, rows, is_head_only=request.method == "HEAD")
    return answer_file(made.name, made.content_type, made.content)


def _notice_values(notice: NoticeView) -> Sequence[Value]:
    return notice.created_at, notice.title, notice.body, "是" if notice.is_read else "否"


def _search_values(kept: Kept) -> Sequence[Value]:
    return kept.name, kept.words, "是" if kept.wants_notice else "否"


def _held_values(item: HeldItem) -> Sequence[Value]:
    return (item.label,)


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
