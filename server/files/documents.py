"""Uploaded PDFs, made safe: each page drawn as a picture by a limited process of its own, and a new PDF made of them.

A PDF can hold scripts, files and links that nobody sees; what people attach to an application is to be read and
printed, and for that its pages are enough. What is lost is the text behind the pages.
"""

import hashlib
from pathlib import Path

import msgspec

from server.files.limited import WorkerFault, redrawn
from server.files.pictures import drawn_picture
from server.files.types import DocumentLimits, RedrawnDocument
from server.kernel.errors import DomainError, InvalidInput, Unavailable

WORKER = Path(__file__).with_name("document_worker.py")
MEDIA_TYPE = "application/pdf"
_SIGNATURE = b"%PDF-"
# Some programs write a few lines before the head; readers look for it this far.
_HEAD = 1024


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """First line of the worker's answer: bytes of the document; bytes, width and height of the thumbnail."""

    outcome: str
    pages: int = 0
    document: int = 0
    thumbnail: tuple[int, int, int] = (0, 0, 0)


def is_document(data: bytes) -> bool:
    """Whether an upload says that it is a PDF."""
    return _SIGNATURE in data[:_HEAD]


async def redraw_document(data: bytes, *, limits: DocumentLimits | None = None) -> RedrawnDocument:
    """A new PDF with the pages of the upload, and a thumbnail of the first; the same upload gives the same bytes.

    Raises LimitReached `file.too_large` (bytes); InvalidInput `file.document_password`, `file.document_broken`,
    `file.document_pages`, `file.document_too_large`; Unavailable `file.worker_busy` when no turn came in time,
    `file.document_failed` when the worker was ended by a limit or the clock.
    """
    return await redrawn(
        WORKER, data, limits or DocumentLimits(), _parse_answer, failed=Unavailable("file.document_failed")
    )


def _parse_answer(answer: bytes, limits: DocumentLimits) -> RedrawnDocument:
    """The worker's answer, believed no further than it can be checked: a taken-over worker may say anything."""
    line, _, body = answer.partition(b"\n")
    try:
        head = msgspec.json.decode(line, type=_Answer)
    except msgspec.DecodeError as error:
        raise WorkerFault(f"unreadable answer: {error}") from error
    if head.outcome != "done":
        raise _refusal(head.outcome, limits)
    size, width, height = head.thumbnail
    document = body[: head.document]
    if head.document + size != len(body) or not document.startswith(_SIGNATURE):
        raise WorkerFault("answer does not hold the document it announces")
    if not 1 <= head.pages <= limits.max_pages:
        raise WorkerFault(f"answer has {head.pages} pages")
    return RedrawnDocument(
        data=document,
        sha256=hashlib.sha256(document).hexdigest(),
        pages=head.pages,
        thumbnail=drawn_picture(body[head.document :], width, height),
    )


def _refusal(outcome: str, limits: DocumentLimits) -> DomainError:
    if outcome == "pages":
        return InvalidInput("file.document_pages", limit=limits.max_pages)
    if outcome in {"password", "broken", "too_large"}:
        return InvalidInput(f"file.document_{outcome}")
    raise WorkerFault(f"unknown outcome {outcome!r}")
