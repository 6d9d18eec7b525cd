"""Uploaded tables, read by a limited process of their own: a small file can ask for gigabytes, or hold a trap."""

import asyncio
import logging
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any
from weakref import WeakKeyDictionary

import msgspec

from server.files.limited import WorkerFault, run_worker
from server.files.types import SheetLimits, SheetRow
from server.kernel.errors import DomainError, InvalidInput, LimitReached, Unavailable

WORKER = Path(__file__).with_name("sheet_worker.py")
_log = logging.getLogger(__name__)
# One at a time in a process: each may take as much memory as all the rest of the product.
_turns: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]" = WeakKeyDictionary()
_TOO_LARGE_INSIDE = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU, -signal.SIGSEGV}
_line = msgspec.json.Decoder(tuple[int, list[str], list[int]] | dict[str, Any])


class Sheets:
    """A table that was read. `row_count`: the rows that hold anything."""

    def __init__(self, answer: IO[bytes], row_count: int) -> None:
        self.row_count = row_count
        self._answer = answer

    def rows(self) -> Iterator[SheetRow]:
        """Every row, sheet by sheet, without holding more than one; a hidden sheet has none."""
        self._answer.seek(0)
        sheet, index = "", -1
        for text in self._answer:
            line = _line.decode(text)
            if isinstance(line, tuple):
                yield SheetRow(sheet_index=index, sheet=sheet, number=line[0], cells=line[1], carried=line[2])
            elif "sheet" in line:
                sheet, index = line["sheet"], index + 1

    def hidden(self) -> list[str]:
        """The names of the sheets that nobody sees, which are not read."""
        self._answer.seek(0)
        # A row begins with a bracket: only the few other lines need be decoded.
        told = (msgspec.json.decode(text) for text in self._answer if text.startswith(b"{"))
        return [line["sheet"] for line in told if line.get("is_hidden")]


@asynccontextmanager
async def read_sheets(path: Path, *, limits: SheetLimits | None = None) -> AsyncIterator[Sheets]:
    """Read the table in the file at `path` (XLSX, or text parted by commas or tabs in any common encoding).

    Raises InvalidInput `sheet.type`, `sheet.old_format`, `sheet.macro`, `sheet.password`, `sheet.broken`,
    `sheet.encoding`, `sheet.html`, `sheet.empty`, `sheet.bomb`, `sheet.rows`, `sheet.columns`, `sheet.cell`;
    LimitReached `file.too_large`; Unavailable `sheet.worker_failed`.
    """
    limits = limits or SheetLimits()
    if (await asyncio.to_thread(path.stat)).st_size > limits.max_bytes:
        raise LimitReached("file.too_large", max_mb=limits.max_bytes // (1024 * 1024))
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        with tempfile.TemporaryFile() as answer:
            try:
                count = await _read(path, answer, limits)
            except WorkerFault as fault:
                _log.warning("sheet worker failed: %s", fault)
                raise Unavailable("sheet.worker_failed") from fault
            yield Sheets(answer, count)


async def _read(path: Path, answer: IO[bytes], limits: SheetLimits) -> int:
    """The number of rows that the worker has written to `answer`."""
    argument = msgspec.json.encode(limits).decode()
    with path.open("rb") as upload, tempfile.TemporaryFile() as complaint:
        status = await run_worker(WORKER, argument, limits.wall_seconds, stdin=upload, stdout=answer, stderr=complaint)
        if status in _TOO_LARGE_INSIDE:
            raise InvalidInput("sheet.bomb")
        if status != 0:
            complaint.seek(0)
            raise WorkerFault(f"ended with {status}: {complaint.read(2000).decode(errors='replace').strip()}")
    last = await asyncio.to_thread(_last_line, answer)
    if "refused" in last:
        raise _refusal(last)
    return int(last["rows"])


def _last_line(answer: IO[bytes]) -> dict[str, Any]:
    size = answer.seek(0, 2)
    answer.seek(max(0, size - 1000))
    lines = answer.read().splitlines()
    try:
        last = msgspec.json.decode(lines[-1], type=dict[str, Any])
    except (IndexError, msgspec.DecodeError) as error:
        raise WorkerFault(f"unreadable answer: {error}") from error
    if not last.keys() & {"refused", "rows"}:
        raise WorkerFault("answer without an end")
    return last


def _refusal(last: dict[str, Any]) -> DomainError:
    reason = str(last.pop("refused"))
    if last.get("sheet") == "":
        last["sheet"] = "表"
    return InvalidInput(f"sheet.{reason}", **last)
