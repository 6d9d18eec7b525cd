"""导出: what the work goes by and how that changed: policies, calendar, categories, synonyms."""

from collections.abc import Sequence
from datetime import date

from sanic import HTTPResponse, Request

from admin.calendar import CalendarYear
from admin.categories import MOST_TAKEN, CategoryQuery, found_categories
from admin.dictionaries import page_of
from admin.door import door
from admin.policies import STATES as VERSION_STATES
from admin.policies import RegionQuery, effective_words, region_asked
from admin.tables import answer_list, export_query, said
from server.classification.types import KIND_NAMES as CATEGORY_KINDS
from server.classification.types import CategoryFacts
from server.files.list_files import Exported, Format, ListTable, paged_rows, rows_of
from server.files.tables import Heading, Value
from server.identity.queries import region_name
from server.kernel.dictionaries import ChangeView, list_changes
from server.kernel.paging import PAGE_LIMIT
from server.kernel.reading import present_day, reading
from server.policies.calendar_queries import CalendarDayView, list_calendar
from server.policies.queries import list_policies, policy_history
from server.policies.types import KIND_NAMES, PolicyView
from server.search.queries import current_synonyms, list_synonym_versions
from server.search.thesaurus import read_groups
from server.search.types import SynonymsRow
from server.web.formats import weekday
from server.web.sessions import actor_of

VERSION_HEADINGS = (
    Heading("版本", "number", 8),
    Heading("地区", width=14),
    Heading("生效", width=20),
    Heading("状态", width=10),
    Heading("批文", width=24),
    Heading("理由", width=40),
    Heading("制定人", width=10),
    Heading("制定时间", "instant", 20),
    Heading("撤销理由", width=40),
)
DAY_HEADINGS = (
    Heading("日期", "day", 12),
    Heading("星期", width=8),
    Heading("上班或休息", width=12),
    Heading("名称", width=16),
    Heading("依据", width=40),
)
CATEGORY_HEADINGS = (
    Heading("分类代码"),
    Heading("分类名称", width=30),
    Heading("类别", width=10),
    Heading("来源", width=30),
    Heading("版本", width=10),
)
GROUP_HEADINGS = (Heading("组", "number", 8), Heading("同义词", width=60))
CHANGE_HEADINGS = (
    Heading("时间", "instant", 20),
    Heading("条目", width=24),
    Heading("原来", width=30),
    Heading("改为", width=30),
    Heading("依据", width=40),
    Heading("办理人", width=10),
)
POLICY_HEADINGS = (
    Heading("政策", width=14),
    Heading("适用地区", width=14),
    Heading("版本", "number", 8),
    Heading("生效", width=20),
    Heading("批文", width=24),
    Heading("理由", width=40),
    Heading("制定人", width=10),
)
SYNONYM_VERSION_HEADINGS = (
    Heading("版本", "number", 8),
    Heading("改动原因", width=40),
    Heading("改动人", width=10),
    Heading("时间", "instant", 20),
)


class VersionExport(RegionQuery, frozen=True):
    """Of which region, and which kind of file."""

    format: Format = "xlsx"


class CalendarExport(CalendarYear, frozen=True):
    """Which year, and which kind of file."""

    format: Format = "xlsx"


class CategoryExport(CategoryQuery, frozen=True):
    """What is shown of the catalogue, and which kind of file."""

    format: Format = "xlsx"


@door.get("/policies/export", summary="导出现行政策")
async def export_policies(request: Request) -> HTTPResponse:
    """What applies now, kind by kind."""
    query, views = export_query(request, Exported), await list_policies(actor_of(request))
    table = ListTable(kind="policies", title="现行政策", headings=POLICY_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(views, _policy_values))


@door.get("/policies/<kind>/export", summary="导出政策的历次版本")
async def export_policy_versions(request: Request, kind: str) -> HTTPResponse:
    """Every version of one kind in one region."""
    actor, query = actor_of(request), export_query(request, VersionExport)
    applying = {view.kind: view for view in await list_policies(actor)}.get(kind)
    code = region_asked(query, applying)
    versions = await policy_history(actor, code, kind)
    asked = {"地区": await region_name(code) if code else "内置默认"}
    title = f"{KIND_NAMES[kind]}政策的历次版本"
    table = ListTable(kind="policy_versions", title=title, headings=VERSION_HEADINGS, asked=asked)
    return await answer_list(request, table, query.format, rows_of(versions, _version_values))


@door.get("/calendar/export", summary="导出工作日历")
async def export_calendar(request: Request) -> HTTPResponse:
    """Every day of a year."""
    query = export_query(request, CalendarExport)
    year = query.year or present_day().year
    days = await list_calendar(actor_of(request), date(year, 1, 1), date(year, 12, 31))
    table = ListTable(kind="calendar", title=f"{year}年工作日历", headings=DAY_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(days, _day_values))


@door.get("/categories/export", summary="导出分类")
async def export_categories(request: Request) -> HTTPResponse:
    """What stands below one category, or all that is searched for."""
    query = export_query(request, CategoryExport)
    found, text = await found_categories(query, MOST_TAKEN), query.q.strip()
    asked = {"关键词": text} if text else {"上级分类": query.code}
    table = ListTable(kind="categories", title="分类", headings=CATEGORY_HEADINGS, asked=said(asked))
    return await answer_list(request, table, query.format, rows_of(found, _category_values))


@door.get("/synonyms/export", summary="导出同义词")
async def export_synonyms(request: Request) -> HTTPResponse:
    """The groups in force."""
    query = export_query(request, Exported)
    async with reading() as db:
        current = await current_synonyms(db)
    numbered = enumerate(read_groups(current.words), start=1)
    table = ListTable(kind="synonyms", title="同义词", headings=GROUP_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(numbered, _group_values))


@door.get("/synonyms/versions/export", summary="导出同义词的历次改动")
async def export_synonym_versions(request: Request) -> HTTPResponse:
    """Who changed the list, and why."""
    query = export_query(request, Exported)
    async with reading() as db:
        versions = await list_synonym_versions(db)
    table = ListTable(kind="synonym_versions", title="同义词的历次改动", headings=SYNONYM_VERSION_HEADINGS)
    return await answer_list(request, table, query.format, rows_of(versions, _synonym_version_values))


@door.get("/dictionaries/<dictionary>/export", summary="导出字典变更记录")
async def export_dictionary_changes(request: Request, dictionary: str) -> HTTPResponse:
    """A dictionary's history, newest first."""
    query, title = export_query(request, Exported), f"{page_of(dictionary).label}变更记录"
    rows = paged_rows(lambda at: list_changes(dictionary, at, PAGE_LIMIT), _change_values)
    table = ListTable(kind="dictionary_changes", title=title, headings=CHANGE_HEADINGS)
    return await answer_list(request, table, query.format, rows)


def _policy_values(view: PolicyView) -> Sequence[Value]:
    return (
        view.kind_name,
        view.region_name,
        view.version,
        effective_words(view),
        view.document_no,
        view.reason,
        view.created_by_name or "产品内置",
    )


def _synonym_version_values(each: SynonymsRow) -> Sequence[Value]:
    return each.version, each.reason, each.created_by_name, each.created_at


def _version_values(view: PolicyView) -> Sequence[Value]:
    return (
        view.version,
        view.region_name,
        effective_words(view),
        VERSION_STATES[view.state].label,
        view.document_no,
        view.reason,
        view.created_by_name or "产品内置",
        view.created_at,
        view.cancel_reason,
    )


def _day_values(it: CalendarDayView) -> Sequence[Value]:
    return it.day, weekday(it.day), "上班" if it.is_working else "休息", it.name, it.source


def _category_values(it: CategoryFacts) -> Sequence[Value]:
    return it.code, it.name, CATEGORY_KINDS.get(it.kind, it.kind), it.source, it.version


def _group_values(numbered: tuple[int, Sequence[str]]) -> Sequence[Value]:
    return numbered[0], "、".join(numbered[1])


def _change_values(change: ChangeView) -> Sequence[Value]:
    return change.at, change.entry, change.before, change.after, change.source, change.actor_name
