"""Lists as files to take along: a table of a bounded number of rows, and who took out what, on the record."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType
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
_TYPES: dict[Format, str] = {"xlsx": XLSX, "csv": CSV}


class ListFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to hand over."""

    name: str
    content_type: str
    content: bytes


class ListTable(msgspec.Struct, frozen=True, kw_only=True):
    """A list as a table. `kind`: which list, for programs (`losses`); `title`: for people; `asked`: what it is narrowed
    to, in words. `most`: as many as the list itself shows where it ranks only the best; None where it shows all."""

    kind: str
    title: str
    headings: tuple[Heading, ...]
    asked: Mapping[str, str] = MappingProxyType({})
    most: int | None = None


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


class Exported(msgspec.Struct, frozen=True):
    """What the address of a list that is not narrowed says: which kind of file."""

    format: Format = "xlsx"


async def list_file(
    actor: Actor, wanted: ListTable, form: Format, rows: Rows, *, is_head_only: bool = False
) -> ListFile:
    """The list as a file. Who took it out, narrowed to what, and how many rows, is recorded once they are read, and
    before they are handed over; whether the actor may read them, `rows` asks. A list that was ranked only so far says
    so in the file's name. `is_head_only`: refused where the list would be; nothing is made, handed over or recorded.

    Raises InvalidInput `file.list_too_large`, `file.list_too_large_csv` beyond what is made while somebody waits.
    """
    if is_head_only:
        async with aclosing(rows):
            await anext(rows, None)
        return ListFile(name=_name(wanted.title, form), content_type=_TYPES[form], content=b"")
    written = 0

    async def counted() -> Rows:
        nonlocal written
        async with aclosing(rows):
            async for row in rows:
                written += 1
                if written > MOST_ROWS[form]:
                    code = "file.list_too_large" if form == "xlsx" else "file.list_too_large_csv"
                    raise InvalidInput(code, limit=f"{MOST_ROWS[form]:,}")
                yield row

    content = await _made(wanted, form, counted())
    title = wanted.title
    if wanted.most is not None and written >= wanted.most:
        title = f"{title}（只含最相符的 {wanted.most:,} 条）"
    export = ListExport(kind=wanted.kind, title=title, format=form, asked=dict(wanted.asked), rows=written)
    await record_list_export(actor, export)
    return ListFile(name=_name(title, form), content_type=_TYPES[form], content=content)


def _name(title: str, form: Format) -> str:
    return f"{title}-{present_day().isoformat()}.{form}"


async def _made(wanted: ListTable, form: Format, rows: Rows) -> bytes:
    if form == "csv":
        return b"".join([chunk async for chunk in csv_chunks(wanted.headings, rows)])
    async with xlsx_file(wanted.title, wanted.headings, rows) as kept:
        return kept.read()
