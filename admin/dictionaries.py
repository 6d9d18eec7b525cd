"""字典变更: what the category tree and the calendar were, who changed them, and by which paper."""

from sanic import HTTPResponse, Request

from admin.door import door
from admin.lists import Paging, first_href, next_href, query_of
from server.kernel.dictionaries import ChangeView, list_changes
from server.kernel.errors import NotFound
from server.web.downloads import list_links
from server.web.formats import exact
from server.web.parts import Cell, Column, Link, Row

COLUMNS = (Column("时间"), Column("条目"), Column("原来"), Column("改为"), Column("依据"), Column("办理人"))
# Each with the page that it is the history of.
DICTIONARIES = {"category": Link("分类", "/admin/categories"), "calendar": Link("工作日历", "/admin/calendar")}
_SIZE = 50


@door.get("/dictionaries/<dictionary>", summary="字典变更记录")
async def show_dictionary_changes(request: Request, dictionary: str) -> HTTPResponse:
    """A dictionary's history, newest first."""
    about = page_of(dictionary)
    page = await list_changes(dictionary, query_of(request, Paging).cursor, _SIZE)
    return await door.draw(
        request,
        "admin/dictionary.html",
        name=about.label,
        back=about.href,
        crumbs=(about, Link("变更记录")),
        columns=COLUMNS,
        rows=tuple(_row(change) for change in page.items),
        first_href=first_href(request),
        next_href=next_href(request, page.next_cursor),
        exports=list_links(f"/admin/dictionaries/{dictionary}"),
    )


def page_of(dictionary: str) -> Link:
    """The page that a dictionary's history belongs to. NotFound `record.not_found` for another."""
    if dictionary not in DICTIONARIES:
        raise NotFound("record.not_found")
    return DICTIONARIES[dictionary]


def _row(change: ChangeView) -> Row:
    return Row(
        (
            Cell(exact(change.at)),
            Cell(change.entry),
            Cell(change.before or "无"),
            Cell(change.after or "无"),
            Cell(change.source),
            Cell(change.actor_name),
        )
    )
