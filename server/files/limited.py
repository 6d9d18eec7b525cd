"""Programs that read hostile files, run to their end: each a fresh process that bounds itself, without our secrets."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from server.files.types import DocumentLimits, PictureLimits
from server.kernel.errors import LimitReached, Unavailable

CONCURRENT_WORKERS = 2
T = TypeVar("T")
L = TypeVar("L", PictureLimits, DocumentLimits)
_log = logging.getLogger(__name__)
_slots: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = WeakKeyDictionary()


class WorkerFault(Exception):
    """The worker died, was too slow or answered nonsense; the argument says which."""


async def run_worker(
    program: Path, argument: str, wall_seconds: float, *, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]
) -> int:
    """The exit status of `program`; beyond the wall time (WorkerFault), or with its caller cancelled, it is killed.

    Its stdin, stdout and stderr are files, not pipes: the kernel then bounds what it may say (RLIMIT_FSIZE), and no
    half-connected pipe can keep asyncio waiting for a process that is long dead, which is what Python 3.11 does when a
    caller is cancelled during the start.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(program),
        argument,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        # No secret of ours reaches the worker through its environment, and a Ctrl-C in our terminal is ours alone.
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        start_new_session=True,
        cwd="/",
    )
    try:
        async with asyncio.timeout(wall_seconds):
            return await process.wait()
    except TimeoutError:
        raise WorkerFault(f"no answer within {wall_seconds} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def redrawn(program: Path, data: bytes, limits: L, parse: Callable[[bytes, L], T], failed: Unavailable) -> T:
    """What `parse` makes of the worker's answer to an upload.

    Raises LimitReached `file.too_large` (bytes); what `parse` raises; `failed` where the worker was ended by a limit or
    the clock, or answered nonsense; as `_ask_worker` does.
    """
    if len(data) > limits.max_bytes:
        raise LimitReached("file.too_large", max_mb=limits.max_bytes // (1024 * 1024))
    try:
        return parse(await _ask_worker(program, data, limits), limits)
    except WorkerFault as fault:
        _log.warning("%s failed: %s", program.stem, fault)
        raise failed from fault


async def _ask_worker(program: Path, data: bytes, limits: PictureLimits | DocumentLimits) -> bytes:
    """Whole answer of a fresh worker process that draws an upload anew; it is dead when this returns, raises or is
    cancelled. A few run at once, the others wait; Unavailable `file.worker_busy` when no turn came in time.

    Its stdin, stdout and stderr are files in memory.
    """
    slot = _slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(CONCURRENT_WORKERS))
    try:
        async with asyncio.timeout(limits.queue_seconds):
            await slot.acquire()
    except TimeoutError:
        raise Unavailable("file.worker_busy") from None
    try:
        with _memory_file(data) as upload, _memory_file() as answer, _memory_file() as complaint:
            argument = msgspec.json.encode(limits).decode()
            files = {"stdin": upload, "stdout": answer, "stderr": complaint}
            status = await run_worker(program, argument, limits.wall_seconds, **files)
            if status != 0:
                raise WorkerFault(f"ended with {status}: {_content(complaint).decode(errors='replace').strip()}")
            return _content(answer)
    finally:
        slot.release()


def _memory_file(content: bytes = b"") -> IO[bytes]:
    """An unnamed file in memory that holds `content` and stands at its start."""
    file = os.fdopen(os.memfd_create("upload"), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return file


def _content(file: IO[bytes]) -> bytes:
    """All that the worker wrote; the file's position is the worker's too, so it is set first."""
    file.seek(0)
    return file.read()
