"""Lists as tables to take along: one answer for each kind of file, and the links to them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec
from sanic import HTTPResponse, Request
from sanic.response import raw

from admin import messages  # noqa: F401 - its sentences are registered by being imported
from server.files.tables import CSV, XLSX, Heading, Rows, csv_chunks, xlsx_file
from server.kernel.audit.list_export import ListExport, record_list_export
from server.kernel.errors import InvalidInput
from server.kernel.paging import Page
from server.kernel.reading import present_day
from server.web.parts import Link
from server.web.sessions import actor_of

T = TypeVar("T")
# What a list is narrowed by, as the auditor reads it.
FILTER_NAMES = {
    "q": "关键词",
    "state": "状态",
    "category": "分类",
    "place_id": "场所",
    "unit_id": "单位",
    "cursor": "翻页位置",
    "region": "地区",
    "condition": "新旧程度",
}
# As many as are made while somebody waits; a spreadsheet is slower to make, and to open.
MOST_ROWS = {"xlsx": 50_000, "csv": 200_000}


async def every(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncGenerator[T, None]:
    """Every item of a paged list."""
    cursor: str | None = None
    while True:
        page = await fetch(cursor)
        for item in page.items:
            yield item
        cursor = page.next_cursor
        if cursor is None:
            return


async def answer_table(title: str, kind: str, headings: Sequence[Heading], rows: Rows) -> HTTPResponse:
    """A table as a download. Raises InvalidInput `desk.export_too_large` beyond what is made while somebody waits."""
    rows = _bounded(rows, MOST_ROWS[kind])
    name = f"{title}-{present_day().isoformat()}.{kind}"
    if kind == "csv":
        content = b"".join([chunk async for chunk in csv_chunks(headings, rows)])
        return raw(content, content_type=CSV, headers=attachment(name))
    async with xlsx_file(title, headings, rows) as kept:
        return raw(kept.read(), content_type=XLSX, headers=attachment(name))


async def answer_list(
    request: Request, kind: str, title: str, query: msgspec.Struct, headings: Sequence[Heading], rows: Rows
) -> HTTPResponse:
    """As `answer_table`, for a list that is taken out: who took what out, narrowed to what, and how many rows, is
    recorded once they are read, and before they are handed over."""
    written = 0

    async def counted() -> Rows:
        nonlocal written
        async with aclosing(rows):
            async for row in rows:
                written += 1
                yield row

    given = {name: str(value) for name, value in msgspec.structs.asdict(query).items() if value not in (None, "")}
    form = given.pop("format")
    asked = {FILTER_NAMES[name]: value for name, value in given.items()}
    answer = await answer_table(title, form, headings, counted())
    wanted = ListExport(kind=kind, title=title, format=form, asked=asked, rows=written)
    await record_list_export(actor_of(request), wanted)
    return answer


async def _bounded(rows: Rows, most: int) -> Rows:
    number = 0
    async with aclosing(rows):
        async for row in rows:
            number += 1
            if number > most:
                raise InvalidInput("desk.export_too_large", limit=f"{most:,}")
            yield row


def attachment(name: str) -> dict[str, str]:
    """Headers of a download with a Chinese name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def export_links(request: Request, path: str = "") -> tuple[Link, ...]:
    """The ways to take a list along as it is narrowed now."""
    kept = {name: values[0] for name, values in request.args.items() if values[0].strip() and name != "cursor"}
    return tuple(
        Link(f"导出 {kind.upper()}", f"{path or request.path}/export?{urlencode({**kept, 'format': kind})}")
        for kind in MOST_ROWS
    )
