"""年度小结: a unit's year on one page, and the lists that its figures count."""

from typing import Literal
from urllib.parse import urlencode

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.lists import first_href, next_href, query_of
from admin.tables import answer_list, export_query
from admin.year_lists import LISTS, YearList
from admin.year_words import comparison, stats_of, summary_rows
from server.files.list_files import Format, ListTable, paged_rows, rows_of
from server.files.tables import Heading
from server.insights.queries import YearQuestion, name_of_year, unit_year
from server.insights.types import UnitYear
from server.kernel.errors import NotFound, Unauthenticated
from server.kernel.reading import present_day
from server.web.downloads import list_links
from server.web.parts import Column, Link
from server.web.sessions import actor_of

COMPARED = (
    Column("项目"),
    Column("本年", is_number=True),
    Column("上年", is_number=True),
    Column("增减", is_number=True),
)
SUMMARY = (Heading("项目", width=24), Heading("单位", width=8), Heading("本年", width=18), Heading("上年", width=18))


class YearQuery(msgspec.Struct, frozen=True):
    """Which year (none: the present one), with the units below or without, and the list's position."""

    year: int | None = None
    below: Literal["", "1"] = ""
    cursor: str | None = None

    def asks(self, unit_id: str) -> YearQuestion:
        """The question about one unit."""
        year = present_day().year if self.year is None else self.year
        return YearQuestion(unit_id=unit_id, year=year, is_below=self.below == "1")


class YearExport(YearQuery, frozen=True):
    """The same, and which kind of file."""

    format: Format = "xlsx"


@door.get("/year", summary="本单位年度小结")
async def show_own_year(request: Request) -> HTTPResponse:
    """The acting unit's."""
    unit_id = actor_of(request).unit_id
    if unit_id is None:
        raise Unauthenticated("session.required")
    return await _draw(request, unit_id)


@door.get("/year/<unit_id>", summary="年度小结")
async def show_year(request: Request, unit_id: str) -> HTTPResponse:
    """One unit's within sight."""
    return await _draw(request, unit_id)


@door.get("/year/<unit_id>/export", summary="导出年度小结")
async def export_year(request: Request, unit_id: str) -> HTTPResponse:
    """The figures of the page."""
    query = export_query(request, YearExport)
    view = await unit_year(actor_of(request), query.asks(unit_id))
    title = f"{view.unit_name}{view.figures.year}年度小结"
    table = ListTable(kind="year", title=title, headings=SUMMARY, asked=_reaching(query))
    return await answer_list(request, table, query.format, rows_of(summary_rows(view), tuple))


@door.get("/year/<unit_id>/<figure>", summary="年度小结明细")
async def show_figure(request: Request, unit_id: str, figure: str) -> HTTPResponse:
    """What one figure counts."""
    wanted, query = _list_of(figure), query_of(request, YearQuery)
    asked = query.asks(unit_id)
    page = await wanted.fetch(actor_of(request), asked, query.cursor, 50)
    return await door.draw(
        request,
        "admin/year_list.html",
        title=wanted.title,
        year=asked.year,
        back=f"/admin/year/{unit_id}?{_kept(asked)}",
        columns=wanted.columns,
        rows=tuple(wanted.row(item) for item in page.items),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links(f"/admin/year/{unit_id}/{figure}", query),
    )


@door.get("/year/<unit_id>/<figure>/export", summary="导出年度小结明细")
async def export_figure(request: Request, unit_id: str, figure: str) -> HTTPResponse:
    """The list of one figure as a table to take along."""
    wanted, query, actor = _list_of(figure), export_query(request, YearExport), actor_of(request)
    asked = query.asks(unit_id)
    name = await name_of_year(actor, asked)
    rows = paged_rows(lambda at: wanted.fetch(actor, asked, at, 500), wanted.values)
    title = f"{name}{asked.year}年{wanted.title}"
    table = ListTable(kind="year_list", title=title, headings=wanted.headings, asked=_reaching(query))
    return await answer_list(request, table, query.format, rows)


def _reaching(query: YearQuery) -> dict[str, str]:
    return {"含下属单位": "是"} if query.below else {}


async def _draw(request: Request, unit_id: str) -> HTTPResponse:
    query = query_of(request, YearQuery)
    asked = query.asks(unit_id)
    view = await unit_year(actor_of(request), asked)
    return await door.draw(
        request,
        "admin/year.html",
        view=view,
        stats=stats_of(view, lambda figure: f"/admin/year/{view.unit_id}/{figure}?{_kept(asked)}"),
        columns=COMPARED,
        rows=comparison(view),
        years=_years(view),
        reach=_reach(view),
        exports=list_links(f"/admin/year/{view.unit_id}", query),
    )


def _list_of(figure: str) -> YearList:
    if figure not in LISTS:
        raise NotFound("record.not_found")
    return LISTS[figure]


def _kept(asked: YearQuestion) -> str:
    return urlencode({"year": asked.year, **({"below": "1"} if asked.is_below else {})})


def _years(view: UnitYear) -> tuple[Link, ...]:
    this, last = view.figures.year, present_day().year
    below = {"below": "1"} if view.is_below else {}
    return tuple(
        Link(f"{year} 年", f"/admin/year/{view.unit_id}?{urlencode({'year': year, **below})}", is_current=year == this)
        for year in range(last, max(last - 4, 2020) - 1, -1)
    )


def _reach(view: UnitYear) -> tuple[Link, ...]:
    if not view.can_see_below:
        return ()
    address = f"/admin/year/{view.unit_id}?year={view.figures.year}"
    return (
        Link("只看本单位", address, is_current=not view.is_below),
        Link("含下属单位", f"{address}&below=1", is_current=view.is_below),
    )
