"""The program that draws an uploaded PDF anew, run as a process of its own like `picture_worker`, whose limits and
encoder it uses. It imports nothing of the product.

Each page becomes a picture, and the pictures a new PDF: scripts, attachments, forms, links and whatever else lies in
the upload are left behind. In: the upload on stdin; the limits as one JSON object in the first argument. Out: one line
of JSON on stdout, then the bytes of the new PDF and of the first page's thumbnail. The line is `{"outcome": "done",
"pages": pages, "document": bytes, "thumbnail": [bytes, width, height]}` or `{"outcome": "password" | "broken" |
"pages" | "too_large"}`.
"""

import importlib.util
import io
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pypdfium2
from PIL import Image

# Dates would make the same upload another document each time.
_NO_DATE = time.gmtime(0)
_POINTS_AN_INCH = 72


def _beside(name: str) -> ModuleType:
    # By path: with this folder on the path, its `types.py` would be found before Python's own.
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pictures = _beside("picture_worker")
Refused = pictures.Refused


def open_document(data: bytes, max_pages: int) -> pypdfium2.PdfDocument:
    """The upload, refused by what its head and its list of pages say."""
    try:
        document = pypdfium2.PdfDocument(data)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        raise Refused("password" if "password" in str(error).lower() else "broken") from None
    if pages == 0:
        raise Refused("broken")
    if pages > max_pages:
        raise Refused("pages")
    return document


def draw_page(document: pypdfium2.PdfDocument, number: int, dots_an_inch: int, side: int) -> Image.Image:
    """One page in colour on white; a page of a poster's size is drawn no larger than `side` pixels."""
    try:
        page = document[number]
        longest = max(page.get_size())
        scale = min(dots_an_inch / _POINTS_AN_INCH, side / max(longest, 1.0))
        drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        page.close()
    except MemoryError:
        raise Refused("too_large") from None
    except Exception:  # pdfium and Pillow raise whatever they ran into, and all of it means the same
        raise Refused("broken") from None
    return drawn


def redraw(data: bytes, limits: dict[str, Any]) -> tuple[int, bytes, tuple[bytes, int, int]]:
    """The number of pages, the new PDF, and the thumbnail as (bytes, width, height)."""
    document = open_document(data, limits["max_pages"])
    pages = [draw_page(document, at, limits["dots_an_inch"], limits["large_side"]) for at in range(len(document))]
    out = io.BytesIO()
    pages[0].save(
        out,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=limits["dots_an_inch"],
        quality=limits["quality"],
        creationDate=_NO_DATE,
        modDate=_NO_DATE,
    )
    if out.tell() > limits["max_document_bytes"]:
        raise Refused("too_large")
    small = pictures.shrink(pages[0], limits["thumbnail_side"])
    return len(pages), out.getvalue(), (pictures.encode(small, limits["quality"]), small.width, small.height)


def main() -> None:
    """Answer one upload and end."""
    limits = json.loads(sys.argv[1])
    pictures.set_limits(limits)
    out = sys.stdout.buffer
    try:
        pages, document, (thumbnail, width, height) = redraw(sys.stdin.buffer.read(limits["max_bytes"]), limits)
    except Refused as refusal:
        out.write(json.dumps({"outcome": refusal.args[0]}).encode() + b"\n")
        return
    head = {"outcome": "done", "pages": pages, "document": len(document), "thumbnail": [len(thumbnail), width, height]}
    out.write(json.dumps(head).encode() + b"\n" + document + thumbnail)


if __name__ == "__main__":
    main()
