"""Papers as PDF with an embedded Chinese font: asset labels and official forms. Equal input gives equal bytes.

The `render_…` functions are for request code. They run on one thread of their own: drawing is processor work that
gains nothing from a second thread, and must not fill the threads on which passwords are hashed and files are read.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from server.files.papers.fonts import find_font
from server.files.papers.forms import draw_form
from server.files.papers.labels import draw_labels, draw_sheets
from server.files.types import Form, Label

__all__ = [
    "build_form",
    "build_label",
    "build_label_sheet",
    "find_font",
    "render_form",
    "render_label",
    "render_label_sheet",
]

# reportlab reads glyphs through one position in a font that all documents share.
_drawing = Lock()
_press = ThreadPoolExecutor(max_workers=1, thread_name_prefix="papers")


def build_label(label: Label) -> bytes:
    """One label as a PDF page of 60 × 40 mm.

    Raises InvalidInput `file.qr_too_long`, `file.label_code_too_long`; Unavailable `file.font_missing`.
    """
    with _drawing:
        return draw_labels([label])


def build_label_sheet(labels: Sequence[Label]) -> bytes:
    """Labels on A4 sheets, 3 × 7 each. Raises as `build_label`, and InvalidInput `file.label_empty`."""
    with _drawing:
        return draw_sheets(labels)


def build_form(form: Form) -> bytes:
    """A form on as many A4 pages as it needs.

    Raises InvalidInput `file.table_shape`, `file.qr_too_long`; Unavailable `file.font_missing`; ValueError when
    `printed_at` is naive.
    """
    with _drawing:
        return draw_form(form)


async def render_label(label: Label) -> bytes:
    """`build_label` off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_press, build_label, label)


async def render_label_sheet(labels: Sequence[Label]) -> bytes:
    """`build_label_sheet` off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_press, build_label_sheet, labels)


async def render_form(form: Form) -> bytes:
    """`build_form` off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_press, build_form, form)
