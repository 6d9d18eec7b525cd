"""Uploaded pictures, made safe: decoded and drawn anew by a limited process of their own, never in this one.

A small file can ask for gigabytes, carry a script after its last pixel, or say where it was taken. Re-encoding drops
the last two; the worker's limits keep the first away from everybody else's requests.
"""

import hashlib
from pathlib import Path

import msgspec

from server.files.limited import WorkerFault, redrawn
from server.files.types import Picture, PictureLimits, ReencodedPicture
from server.kernel.errors import DomainError, InvalidInput, Unavailable

WORKER = Path(__file__).with_name("picture_worker.py")
JPEG_SIGNATURE = b"\xff\xd8\xff"


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
    return await redrawn(
        WORKER, data, limits or PictureLimits(), _parse_answer, failed=Unavailable("file.worker_failed")
    )


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
        large=drawn_picture(body[:size], width, height),
        thumbnail=drawn_picture(body[size:], thumbnail_width, thumbnail_height),
    )


def drawn_picture(data: bytes, width: int, height: int) -> Picture:
    """A picture that the worker made. Raises WorkerFault where it is none."""
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
