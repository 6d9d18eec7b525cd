"""Tables that people download: XLSX and CSV, written row by row, in which no cell can act as a formula."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import date, datetime
from typing import IO, Literal

import msgspec
import xlsxwriter

from server.kernel.instants import SHANGHAI
from server.kernel.money import format_yuan

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# Spreadsheets take a text that begins like this for a formula, wherever it comes from.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CHUNK = 500
_SHEET_NAME = 31
Value = str | int | date | datetime | None


class Heading(msgspec.Struct, frozen=True):
    """A column: its name, what its values are (`fen`: integer fen, shown in yuan), and its width in letters."""

    name: str
    kind: Literal["text", "fen", "number", "day", "instant"] = "text"
    width: int = 14


# Closed when no more is wanted, so that what it reads from is let go.
Rows = AsyncGenerator[Sequence[Value], None]


def safe_text(text: str) -> str:
    """A text that a spreadsheet will not take for a formula when it reads it from a CSV file."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@asynccontextmanager
async def xlsx_file(title: str, headings: Sequence[Heading], rows: Rows) -> AsyncIterator[IO[bytes]]:
    """A workbook of one sheet, in a file without a name. Memory does not grow with it."""
    with tempfile.TemporaryFile() as kept:
        sheet = await asyncio.to_thread(_Workbook, kept, title, headings)
        try:
            async for chunk in _chunks(rows):
                await asyncio.to_thread(sheet.write, chunk)
        finally:
            # Also where the rows ended in an error: it keeps files of its own until then.
            await asyncio.to_thread(sheet.close)
        kept.seek(0)
        yield kept


async def csv_chunks(headings: Sequence[Heading], rows: Rows) -> AsyncIterator[bytes]:
    """The bytes of a CSV file, with the mark that spreadsheets need to see that it is UTF-8."""
    yield "\ufeff".encode() + _csv_lines([[heading.name for heading in headings]])
    kinds = [heading.kind for heading in headings]
    async for chunk in _chunks(rows):
        yield _csv_lines([[_csv_text(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in chunk])


async def _chunks(rows: Rows) -> AsyncIterator[list[Sequence[Value]]]:
    chunk: list[Sequence[Value]] = []
    async with aclosing(rows):
        async for row in rows:
            chunk.append(row)
            if len(chunk) >= _CHUNK:
                yield chunk
                chunk = []
    if chunk:
        yield chunk


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _csv_text(kind: str, value: Value) -> str:
    if value is None:
        return ""
    if kind == "fen" and isinstance(value, int):
        return format_yuan(value).replace(",", "")
    if kind == "instant" and isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str):
        return safe_text(value)
    return str(value)


class _Workbook:
    """Writes rows in order; what is written is forgotten."""

    def __init__(self, kept: IO[bytes], title: str, headings: Sequence[Heading]) -> None:
        # Every text is a string cell: nothing is ever parsed for formulas, numbers or links.
        self._book = xlsxwriter.Workbook(kept, {"constant_memory": True, "strings_to_urls": False})
        self._formats = {
            "fen": self._book.add_format({"num_format": "#,##0.00"}),
            "day": self._book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = self._book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
        self._sheet = self._book.add_worksheet(_sheet_name(title))
        self._sheet.freeze_panes(1, 0)
        self._kinds = [heading.kind for heading in headings]
        for column, heading in enumerate(headings):
            self._sheet.set_column(column, column, heading.width)
            self._sheet.write_string(0, column, heading.name, bold)
        self._next = 1

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """Write further rows."""
        for row in rows:
            for column, (kind, value) in enumerate(zip(self._kinds, row, strict=True)):
                self._cell(column, kind, value)
            self._next += 1

    def _cell(self, column: int, kind: str, value: Value) -> None:
        sheet, row, format_ = self._sheet, self._next, self._formats.get(kind)
        if value is None or value == "":
            return
        if isinstance(value, str):
            sheet.write_string(row, column, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value.astimezone(SHANGHAI).replace(tzinfo=None), format_)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, format_)
        elif kind == "fen":
            # A spreadsheet counts in floats; to the fen they are exact far beyond any value that we take.
            sheet.write_number(row, column, value / 100, format_)
        else:
            sheet.write_number(row, column, value, format_)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


def _sheet_name(title: str) -> str:
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:_SHEET_NAME] or "表"
