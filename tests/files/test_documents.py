"""PDFs: what hides in an upload is gone, its pages are there, and what is no sound PDF is refused in a sentence."""

import io

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from server.files.documents import is_document, redraw_document
from server.files.messages import MESSAGES
from server.files.types import DocumentLimits
from server.kernel.errors import DomainError, InvalidInput, LimitReached, Unavailable
from tests.factories.documents import (
    make_locked_pdf,
    make_pdf,
    make_pdf_bomb,
    make_pdf_with_traps,
    page_texts,
)


async def refusal(data: bytes, limits: DocumentLimits | None = None) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await redraw_document(data, limits=limits)
    MESSAGES[caught.value.code].format(**caught.value.data)
    return caught.value


def dark_share(page: Image.Image) -> float:
    grey = page.convert("L")
    return sum(grey.histogram()[:128]) / (grey.width * grey.height)


async def test_pages_are_there_and_look_as_before() -> None:
    upload = make_pdf("first page", "second page with more words on it")
    made = await redraw_document(upload)
    before, after = pypdfium2.PdfDocument(upload), pypdfium2.PdfDocument(made.data)
    assert made.pages == len(after) == 2
    for number in range(2):
        assert after[number].get_size() == pytest.approx(before[number].get_size(), abs=1)
        one, other = [document[number].render(scale=2).to_pil() for document in (before, after)]
        assert dark_share(other) == pytest.approx(dark_share(one), rel=0.25) and dark_share(one) > 0
    assert Image.open(io.BytesIO(made.thumbnail.data)).size == (made.thumbnail.width, made.thumbnail.height)
    assert max(made.thumbnail.width, made.thumbnail.height) == 480


async def test_nothing_that_nobody_sees_is_left() -> None:
    upload = make_pdf_with_traps()
    assert all(trap in upload for trap in (b"/JavaScript", b"/EmbeddedFile", b"/URI", b"/AA", b"/Author"))
    made = await redraw_document(upload)
    for trap in (
        b"JavaScript",
        b"/JS",
        b"alert",
        b"evil",
        b"EmbeddedFile",
        b"/URI",
        b"Somebody",
        b"/AA",
        b"/OpenAction",
    ):
        assert trap not in made.data
    assert page_texts(made.data) == [""]
    assert not PdfReader(io.BytesIO(made.data)).attachments


async def test_same_upload_gives_the_same_bytes() -> None:
    upload = make_pdf("twice")
    assert (await redraw_document(upload)).sha256 == (await redraw_document(upload)).sha256


async def test_poster_is_drawn_no_larger_than_the_limit() -> None:
    made = await redraw_document(make_pdf("poster", size=(14_000.0, 14_000.0)))
    page = pypdfium2.PdfDocument(made.data)[0]
    assert max(page.get_size()) <= DocumentLimits().large_side


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n", "file.document_broken"),
        (make_pdf("half")[:400], "file.document_broken"),
        (make_locked_pdf(), "file.document_password"),
        (make_pdf(*["page"] * 21), "file.document_pages"),
        (b"%PDF-1.7\n" + b"\x00\xff<<>>" * 5000, "file.document_broken"),
    ],
    ids=["head only", "half", "locked", "too many pages", "noise"],
)
async def test_document_is_refused_when_it_is_not_sound(data: bytes, code: str) -> None:
    assert isinstance(refused := await refusal(data), InvalidInput) and refused.code == code


async def test_document_is_refused_when_it_is_too_large() -> None:
    assert isinstance(await refusal(b"%PDF-" + b" " * 15 * 1024 * 1024), LimitReached)
    small = DocumentLimits(max_document_bytes=1000)
    assert (await refusal(make_pdf("large"), small)).code == "file.document_too_large"


async def test_worker_is_ended_when_a_page_asks_for_too_much() -> None:
    refused = await refusal(make_pdf_bomb(), DocumentLimits(memory_bytes=256 * 1024 * 1024, cpu_seconds=2))
    assert isinstance(refused, InvalidInput | Unavailable)
    assert refused.code in {"file.document_failed", "file.document_broken", "file.document_too_large"}
    assert (await redraw_document(make_pdf("the next one is served"))).pages == 1


def test_head_is_found_behind_a_few_lines() -> None:
    assert is_document(b"\r\n\r\n%PDF-1.4") and not is_document(b"x" * 2000 + b"%PDF-1.4") and not is_document(b"PK")
