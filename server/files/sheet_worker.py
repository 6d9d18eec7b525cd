"""The program that reads an uploaded table (XLSX or CSV), run as a process of its own with little memory and time.

It imports nothing of the product, for the reason that `picture_worker.py` gives, and is started like it.

In: the upload on stdin; the limits as one JSON object in the first argument. Out, on stdout, one JSON value a line:
`{"sheet": name, "is_hidden": false}` before the rows of a sheet; `[number, [text, …], [column, …]]` for each row that
holds anything (`number` as the program that made the table counts, from 1; the columns are those whose text is the
rest of a cell that was merged downwards); `{"rows": count}` at the end; or, instead of the end,
`{"refused": reason, …}` with the facts of its sentence. Every cell is text: days are `2026-03-05`, numbers are written
out in full. Any other end is the parent's to judge.
"""

import csv
import datetime
import io
import json
import math
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# How OLE writes the name of the stream that holds an encrypted workbook.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = ",\t;，|"
# Beyond these digits a spreadsheet has lost the number's end already.
EXACT_DIGITS = 15
Row = tuple[int, list[str], list[int]]


class Refused(Exception):
    """The upload is not a table that we read; `facts` hold the reason under `refused`."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.facts = {"refused": reason, **facts}


def set_limits(limits: dict[str, Any]) -> None:
    """Give up, for good, what reading does not need: memory, time, long answers, core dumps, more processes."""
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_FSIZE, limits["max_output_bytes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


class Answer:
    """Writes the answer, and counts what it holds against the limits."""

    def __init__(self, out: BinaryIO, limits: dict[str, Any]) -> None:
        self._out = out
        self._limits = limits
        self.rows = 0

    def say(self, value: Any) -> None:
        """One line."""
        self._out.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def sheet(self, name: str, *, is_hidden: bool, rows: Iterable[Row]) -> None:
        """One sheet with its rows; those that hold nothing are left out."""
        self.say({"sheet": name, "is_hidden": is_hidden})
        for number, cells, carried in rows:
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                self._row(name, number, cells, carried)

    def _row(self, sheet: str, number: int, cells: list[str], carried: list[int]) -> None:
        self.rows += 1
        if self.rows > self._limits["max_rows"]:
            raise Refused("rows", limit=self._limits["max_rows"])
        if len(cells) > self._limits["max_columns"]:
            raise Refused("columns", sheet=sheet, row=number, limit=self._limits["max_columns"])
        if any(len(cell) > self._limits["max_cell"] for cell in cells):
            raise Refused("cell", sheet=sheet, row=number, limit=self._limits["max_cell"])
        self.say([number, cells, carried])


def read_workbook(data: bytes, answer: Answer, limits: dict[str, Any]) -> None:
    """Every sheet of a workbook, in its order."""
    require_sound_zip(data, limits)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for index, sheet in enumerate(workbook.sheets_metadata):
            if sheet.typ == SheetTypeEnum.WorkSheet:
                is_hidden = sheet.visible != SheetVisibleEnum.Visible
                rows = [] if is_hidden else sheet_rows(workbook.get_sheet_by_index(index))
                answer.sheet(sheet.name, is_hidden=is_hidden, rows=rows)
    except CalamineError:
        raise Refused("broken") from None


def require_sound_zip(data: bytes, limits: dict[str, Any]) -> None:
    """Refuse by the archive's own list what is no workbook, holds macros, or would unpack to too much."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except Exception:  # a reader of archives raises whatever it ran into
        raise Refused("broken") from None
    names = {entry.filename.lower() for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("password")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refused("macro")
    if "xl/workbook.xml" not in names and not any(name.startswith("xl/workbook") for name in names):
        raise Refused("type")
    if sum(entry.file_size for entry in entries) > limits["max_unpacked_bytes"]:
        raise Refused("bomb")


def sheet_rows(sheet: CalamineSheet) -> Iterator[Row]:
    """The rows of one sheet, with what is merged downwards said in each of its rows."""
    start = sheet.start
    if start is None:
        return
    top, left = start
    below = merged_downwards(sheet)
    carried: dict[int, tuple[str, int]] = {}
    for row, values in enumerate(sheet.iter_rows(), start=top):
        cells = [""] * left + [text_of(value) for value in values]
        filled = []
        for column, (text, last) in list(carried.items()):
            if row > last:
                del carried[column]
            elif column < len(cells) and not cells[column]:
                cells[column] = text
                filled.append(column)
        for column, last in below.get(row, ()):
            if column < len(cells) and cells[column]:
                carried[column] = (cells[column], last)
        yield row + 1, cells, filled


def merged_downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Row → (column, last row) of each merged area that begins there and goes further down."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (row, column), (last, _) in sheet.merged_cell_ranges or []:
        if last > row:
            found.setdefault(row, []).append((column, last))
    return found


def text_of(value: Any) -> str:
    """A cell as text: what is between blanks and line ends is one line."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    return str(value)


def number_text(value: float) -> str:
    """A number written out. More digits than a spreadsheet keeps are marked, for their end is made up."""
    if not math.isfinite(value):
        return "#NUM!"
    if value == int(value):
        text = str(int(value))
        return text if len(text.lstrip("-")) <= EXACT_DIGITS else f"{text}#"
    return format(Decimal(repr(value)), "f")


def read_text(data: bytes, answer: Answer) -> None:
    """A table of text: one sheet without a name."""
    text = decoded(data)
    if text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<table", "<?xml", "<meta")):
        raise Refused("html")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    csv.field_size_limit(1_000_000)
    try:
        answer.sheet("", is_hidden=False, rows=numbered(lines))
    except csv.Error:
        raise Refused("broken") from None


def numbered(lines: Any) -> Iterator[Row]:
    """Rows with the line on which each begins."""
    line = 1
    for cells in lines:
        yield line, [" ".join(cell.split()) for cell in cells], []
        line = lines.line_num + 1


def decoded(data: bytes) -> str:
    """The text in whatever encoding it came: by its mark, else by its zeros, else the first that fits."""
    encodings = [encoding for mark, encoding in BOMS if data.startswith(mark)] or guessed(data)
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A stray zero or control character means that it is no text at all, whatever decoded it.
        if not any(letter < " " and letter not in "\t\r\n\x0b\x0c\x1a" for letter in text):
            return text
    raise Refused("type" if b"\x00" in data else "encoding")


def guessed(data: bytes) -> list[str]:
    """Encodings to try for text without a mark. ASCII in UTF-16 has a zero in every other place."""
    sample = data[:4000]
    if b"\x00" in sample:
        return ["utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"]
    # Chinese alone in UTF-16 has no zeros but for its commas and line ends; those were found above.
    return ["utf-8", "gb18030"]


def delimiter_of(text: str) -> str:
    """What parts the cells: the one found most in the first lines."""
    head = "\n".join(text.splitlines()[:50])
    return max(DELIMITERS, key=head.count)


def read(data: bytes, answer: Answer, limits: dict[str, Any]) -> None:
    """Read whatever table it is."""
    if not data.strip():
        raise Refused("empty")
    if data.startswith(OLE):
        raise Refused("password" if ENCRYPTED in data else "old_format")
    if data.startswith(ZIP):
        read_workbook(data, answer, limits)
    else:
        read_text(data, answer)
    if not answer.rows:
        raise Refused("empty")


def main() -> None:
    """Answer one upload and end."""
    limits = json.loads(sys.argv[1])
    set_limits(limits)
    out = sys.stdout.buffer
    answer = Answer(out, limits)
    try:
        read(sys.stdin.buffer.read(limits["max_bytes"]), answer, limits)
        answer.say({"rows": answer.rows})
    except Refused as refusal:
        answer.say(refusal.facts)
    except MemoryError:
        answer.say({"refused": "bomb"})
    out.flush()


if __name__ == "__main__":
    main()
