"""Lists as files to take along: a table of a bounded number of rows, and who took out what, on the record."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Literal, TypeVar

import msgspec

from server.files import messages  # noqa: F401 - its sentences are registered by being imported
from server.files.tables import CSV, XLSX, Heading, Rows, Value, csv_chunks, xlsx_file
from server.kernel.actor import Actor
from server.kernel.audit.list_export import ListExport, record_list_export
from server.kernel.errors import InvalidInput
from server.kernel.paging import Page
from server.kernel.reading import present_day

T = TypeVar("T")
Format = Literal["xlsx", "csv"]
# As many as are made while somebody waits; a spreadsheet is slower to make, and to open.
MOST_ROWS: dict[Format, int] = {"xlsx": 50_000, "csv": 200_000}


class ListFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to hand over."""

    name: str
    content_type: str
    content: bytes


class ListTable(msgspec.Struct, frozen=True, kw_only=True):
    """A list as a table. `kind`: which list, for programs (`losses`); `title`: for people; `asked`: what it is narrowed
    to, in words."""

    kind: str
    title: str
    headings: tuple[Heading, ...]
    asked: Mapping[str, str]


async def paged_rows(
    fetch: Callable[[str | None], Awaitable[Page[T]]], values: Callable[[T], Sequence[Value]]
) -> AsyncGenerator[Sequence[Value], None]:
    """Every item of a paged list as a row; `fetch` gets the cursor of a page, None for the first."""
    cursor: str | None = None
    while True:
        page = await fetch(cursor)
        for item in page.items:
            yield values(item)
        cursor = page.next_cursor
        if cursor is None:
            return


async def rows_of(items: Iterable[T], values: Callable[[T], Sequence[Value]]) -> AsyncGenerator[Sequence[Value], None]:
    """The items of a list that came whole, as rows."""
    for item in items:
        yield values(item)


async def list_file(actor: Actor, wanted: ListTable, form: Format, rows: Rows) -> ListFile:
    """The list as a file. Who took it out, narrowed to what, and how many rows, is recorded once they are read, and
    before they are handed over; whether the actor may read them, `rows` asks.

    Raises InvalidInput `file.list_too_large` beyond what is made while somebody waits.
    """
    written = 0

    async def counted() -> Rows:
        nonlocal written
        async with aclosing(rows):
            async for row in rows:
                written += 1
                if written > MOST_ROWS[form]:
                    raise InvalidInput("file.list_too_large", limit=f"{MOST_ROWS[form]:,}")
                yield row

    made = await _made(wanted, form, counted())
    export = ListExport(kind=wanted.kind, title=wanted.title, format=form, asked=dict(wanted.asked), rows=written)
    await record_list_export(actor, export)
    return made


async def _made(wanted: ListTable, form: Format, rows: Rows) -> ListFile:
    name = f"{wanted.title}-{present_day().isoformat()}.{form}"
    if form == "csv":
        content = b"".join([chunk async for chunk in csv_chunks(wanted.headings, rows)])
        return ListFile(name=name, content_type=CSV, content=content)
    async with xlsx_file(wanted.title, wanted.headings, rows) as kept:
        return ListFile(name=name, content_type=XLSX, content=kept.read())
