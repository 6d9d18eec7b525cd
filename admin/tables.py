"""A list of the desk as a table to take along: what it is narrowed to, in words, and the answer."""

from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from server.files.list_files import Format, ListTable, list_file
from server.files.tables import Heading, Rows
from server.web.downloads import answer_file
from server.web.sessions import actor_of

# What a list is narrowed by, as the auditor reads it.
FILTER_NAMES = {
    "q": "关键词",
    "code": "分类",
    "state": "状态",
    "category": "分类",
    "place_id": "场所",
    "unit_id": "单位",
    "cursor": "翻页位置",
    "kind": "类别",
    "closed": "含已停用",
    "ended": "含已撤销",
    "disabled": "含已停用",
    "year": "年度",
    "month": "月份",
    "below": "含下属单位",
    "region": "地区",
}


class Exported(msgspec.Struct, frozen=True):
    """Which kind of file, of a list that is not narrowed."""

    format: Format = "xlsx"


async def answer_list(
    request: Request, kind: str, title: str, query: Any, headings: tuple[Heading, ...], rows: Rows
) -> HTTPResponse:
    """The list as a download. `query`: the struct of its address, with the `format`. Raises InvalidInput
    `file.list_too_large`."""
    wanted = ListTable(kind=kind, title=title, headings=headings, asked=_asked(query))
    made = await list_file(actor_of(request), wanted, query.format, rows)
    return answer_file(made.name, made.content_type, made.content)


def _asked(query: Any) -> dict[str, str]:
    given = {name: value for name, value in msgspec.structs.asdict(query).items() if name != "format"}
    return {
        FILTER_NAMES[name]: "是" if value is True else str(value)
        for name, value in given.items()
        if value is not None and value is not False and value != ""
    }
