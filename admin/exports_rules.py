"""导出: what the work goes by and how that changed: policies, calendar, categories, synonyms; and what was imported."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import msgspec
from sanic import HTTPResponse, Request

from admin.categories import CategoryQuery, shown_categories
from admin.dictionaries import page_of
from admin.door import door
from admin.lists import query_of
from admin.policies import STATES as VERSION_STATES
from admin.policies import effective_words
from admin.tables import Exported, answer_list
from server.assets.importing.queries import list_imports
from server.assets.importing.types import ImportView
from server.classification.types import KIND_NAMES as CATEGORY_KINDS
from server.classification.types import CategoryFacts
from server.files.list_files import Format, paged_rows, rows_of
from server.files.tables import Heading, Value
from server.kernel.dictionaries import ChangeView, list_changes
from server.kernel.paging import PAGE_LIMIT
from server.kernel.reading import present_day, reading
from server.policies.calendar_queries import CalendarDayView, list_calendar
from server.policies.queries import policy_history
from server.policies.types import KIND_NAMES, PolicyView
from server.search.queries import current_synonyms
from server.search.thesaurus import read_groups
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
IMPORT_HEADINGS = (
    Heading("台账文件", width=30),
    Heading("单位", width=24),
    Heading("状态", width=12),
    Heading("行数", "number", 8),
    Heading("建卡", "number", 8),
    Heading("更新", "number", 8),
    Heading("上传人", width=10),
    Heading("上传时间", "instant", 20),
    Heading("完成人", width=10),
    Heading("完成时间", "instant", 20),
)


class VersionExport(Exported, frozen=True):
    """Of which region, and which kind of file."""

    region: str = ""


class CalendarExport(Exported, frozen=True):
    """Which year (none: the present one), and which kind of file."""

    year: Annotated[int, msgspec.Meta(ge=2000, le=2100)] | None = None


class CategoryExport(CategoryQuery, frozen=True):
    """What is shown of the catalogue, and which kind of file."""

    format: Format = "xlsx"


@door.get("/policies/<kind>/export", summary="导出政策的历次版本")
async def export_policy_versions(request: Request, kind: str) -> HTTPResponse:
    """Every version of one kind in one region."""
    query = query_of(request, VersionExport)
    versions = await policy_history(actor_of(request), query.region, kind)
    title = f"{KIND_NAMES[kind]}政策的历次版本"
    rows = rows_of(versions, _version_values)
    return await answer_list(request, "policy_versions", title, query, VERSION_HEADINGS, rows)


@door.get("/calendar/export", summary="导出工作日历")
async def export_calendar(request: Request) -> HTTPResponse:
    """Every day of a year."""
    query = query_of(request, CalendarExport)
    year = query.year or present_day().year
    days = await list_calendar(actor_of(request), date(year, 1, 1), date(year, 12, 31))
    return await answer_list(request, "calendar", f"{year}年工作日历", query, DAY_HEADINGS, rows_of(days, _day_values))


@door.get("/categories/export", summary="导出分类")
async def export_categories(request: Request) -> HTTPResponse:
    """What stands below one category, or what was searched for."""
    query = query_of(request, CategoryExport)
    rows = rows_of(await shown_categories(query), _category_values)
    return await answer_list(request, "categories", "分类", query, CATEGORY_HEADINGS, rows)


@door.get("/synonyms/export", summary="导出同义词")
async def export_synonyms(request: Request) -> HTTPResponse:
    """The groups in force."""
    query = query_of(request, Exported)
    async with reading() as db:
        current = await current_synonyms(db)
    rows = rows_of(enumerate(read_groups(current.words), start=1), _group_values)
    return await answer_list(request, "synonyms", "同义词", query, GROUP_HEADINGS, rows)


@door.get("/dictionaries/<dictionary>/export", summary="导出字典变更记录")
async def export_dictionary_changes(request: Request, dictionary: str) -> HTTPResponse:
    """A dictionary's history, newest first."""
    query, title = query_of(request, Exported), f"{page_of(dictionary).label}变更记录"
    rows = paged_rows(lambda at: list_changes(dictionary, at, PAGE_LIMIT), _change_values)
    return await answer_list(request, f"changes_of_{dictionary}", title, query, CHANGE_HEADINGS, rows)


@door.get("/imports/export", summary="导出导入记录")
async def export_imports(request: Request) -> HTTPResponse:
    """The unit's imports, newest first."""
    actor, query = actor_of(request), query_of(request, Exported)
    rows = paged_rows(lambda at: list_imports(actor, at, PAGE_LIMIT), _import_values)
    return await answer_list(request, "imports", "导入记录", query, IMPORT_HEADINGS, rows)


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


def _import_values(view: ImportView) -> Sequence[Value]:
    return (
        view.file_name,
        view.unit_name,
        view.state_name,
        view.row_count,
        view.made,
        view.changed,
        view.created_by_name,
        view.created_at,
        view.finished_by_name,
        view.finished_at,
    )
