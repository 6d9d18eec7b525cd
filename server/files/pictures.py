"""Uploaded pictures, made safe: decoded and drawn anew by a limited process of their own, never in this one.

A small file can ask for gigabytes, carry a script after its last pixel, or say where it was taken. Re-encoding drops
the last two; the worker's limits keep the first away from everybody else's requests.
"""

import asyncio
import hashlib
import logging
import os
from pathlib import Path
from typing import IO
from weakref import WeakKeyDictionary

import msgspec

from server.files.limited import WorkerFault, run_worker
from server.files.types import Picture, PictureLimits, ReencodedPicture
from server.kernel.errors import DomainError, InvalidInput, LimitReached, Unavailable

WORKER = Path(__file__).with_name("picture_worker.py")
CONCURRENT_WORKERS = 2
JPEG_SIGNATURE = b"\xff\xd8\xff"

_log = logging.getLogger(__name__)
_slots: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = WeakKeyDictionary()


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    """First line of the worker's answer; `pictures` holds (bytes, width, height) of each picture that follows."""

    outcome: str
    pictures: list[tuple[int, int, int]] = []


async def reencode_picture(data: bytes, *, limits: PictureLimits | None = None) -> ReencodedPicture:
    """Re-encode an upload (JPEG, PNG or WebP) to a JPEG of at most 2048 px and a thumbnail of 480 px, upright, bare.

    A few run at once, the others wait. A cancelled caller takes its worker process with it.

    Raises LimitReached `file.too_large` (bytes); InvalidInput `file.picture_type`, `file.picture_animated`,
    `file.picture_broken`, `file.picture_too_large` (pixels); Unavailable `file.worker_busy` when no turn came in time,
    `file.worker_failed` when the worker was ended by a limit or the clock.
    """
    limits = limits or PictureLimits()
    if len(data) > limits.max_bytes:
        raise LimitReached("file.too_large", max_mb=limits.max_bytes // (1024 * 1024))
    slot = _slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(CONCURRENT_WORKERS))
    try:
        async with asyncio.timeout(limits.queue_seconds):
            await slot.acquire()
    except TimeoutError:
        raise Unavailable("file.worker_busy") from None
    try:
        return _parse_answer(await _run_worker(data, limits), limits)
    except WorkerFault as fault:
        _log.warning("picture worker failed: %s", fault)
        raise Unavailable("file.worker_failed") from fault
    finally:
        slot.release()


async def _run_worker(data: bytes, limits: PictureLimits) -> bytes:
    """Whole answer of a fresh worker process, which is dead when this returns, raises or is cancelled.

    Its stdin, stdout and stderr are files in memory.
    """
    with _memory_file(data) as upload, _memory_file() as answer, _memory_file() as complaint:
        argument = msgspec.json.encode(limits).decode()
        status = await run_worker(WORKER, argument, limits.wall_seconds, stdin=upload, stdout=answer, stderr=complaint)
        if status != 0:
            raise WorkerFault(f"ended with {status}: {_content(complaint).decode(errors='replace').strip()}")
        return _content(answer)


def _memory_file(content: bytes = b"") -> IO[bytes]:
    """An unnamed file in memory that holds `content` and stands at its start."""
    file = os.fdopen(os.memfd_create("picture"), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return file


def _content(file: IO[bytes]) -> bytes:
    """All that the worker wrote; the file's position is the worker's too, so it is set first."""
    file.seek(0)
    return file.read()


def _parse_answer(answer: bytes, limits: PictureLimits) -> ReencodedPicture:
    """The worker's answer, believed no further than it can be checked: a taken-over worker may say anything."""
    line, _, body = answer.partition(b"\n")
    try:
        head = msgspec.json.decode(line, type=_Head)
    except msgspec.DecodeError as error:
        raise WorkerFault(f"unreadable answer: {error}") from error
    if head.outcome != "done":
        raise _refusal(head.outcome, limits)
    if len(head.pictures) != 2 or sum(size for size, _, _ in head.pictures) != len(body):
        raise WorkerFault("answer does not hold the pictures it announces")
    (size, width, height), (_, thumbnail_width, thumbnail_height) = head.pictures
    return ReencodedPicture(
        large=_picture(body[:size], width, height),
        thumbnail=_picture(body[size:], thumbnail_width, thumbnail_height),
    )


def _picture(data: bytes, width: int, height: int) -> Picture:
    if not data.startswith(JPEG_SIGNATURE):
        raise WorkerFault("answer is not a JPEG")
    return Picture(data=data, width=width, height=height, sha256=hashlib.sha256(data).hexdigest())


def _refusal(outcome: str, limits: PictureLimits) -> DomainError:
    """The error that an outcome stands for."""
    if outcome == "too_large":
        return InvalidInput("file.picture_too_large", max_megapixels=limits.max_pixels // 1_000_000)
    if outcome in {"type", "animated", "broken"}:
        return InvalidInput(f"file.picture_{outcome}")
    raise WorkerFault(f"unknown outcome {outcome!r}")
