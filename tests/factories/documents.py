"""PDFs as people send them in."""

import io

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def make_pdf(*pages: str, size: tuple[float, float] = A4) -> bytes:
    """A page for each text, black on white."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    for text in pages or ("Approval 2026-17",):
        canvas.drawString(72, size[1] - 72, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def make_pdf_with_traps() -> bytes:
    """One page with a script that runs at opening, a file inside, a link, and somebody's name."""
    writer = PdfWriter(clone_from=io.BytesIO(make_pdf("Approval")))
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_attachment("evil.exe", b"MZ this is a program")
    writer.add_metadata({"/Author": "Somebody Private"})
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("https://evil.example/")}
    )
    writer.root_object[NameObject("/AA")] = DictionaryObject({NameObject("/WC"): action})
    return written(writer)


def make_locked_pdf(password: str = "secret") -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(make_pdf("Approval")))
    writer.encrypt(password, algorithm="RC4-128")
    return written(writer)


def make_pdf_bomb() -> bytes:
    """A page whose drawing is hundreds of megabytes once it is unpacked."""
    writer = PdfWriter(clone_from=io.BytesIO(make_pdf("Approval")))
    stream = DecodedStreamObject()
    stream.set_data(b"0 0 m 9 9 l S\n" * 20_000_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode(9))
    return written(writer)


def page_texts(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
