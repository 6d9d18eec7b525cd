"""Asset labels: one of 60 × 40 mm for a label printer, or 21 of them on an A4 sheet of 70 × 42.4 mm stickers."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from server.files.papers.fonts import font_name, width_of
from server.files.papers.pieces import code_groups, draw_qr, fit_lines
from server.files.types import Label
from server.kernel.errors import InvalidInput

WIDTH, HEIGHT = 60 * mm, 40 * mm
MARGIN = 2.5 * mm
QR_SIDE = 26 * mm
SHEET_COLUMNS, SHEET_ROWS = 3, 7
CODE_SIZE, SMALLEST_CODE_SIZE = 10.5, 6.0
GROUP_GAP = 0.28  # of the type size, between two groups of the code


def draw_labels(labels: Sequence[Label]) -> bytes:
    """PDF with one 60 × 40 mm page for each label. Raises InvalidInput `file.label_empty`, `file.qr_too_long`."""
    out, canvas = _open(labels, (WIDTH, HEIGHT))
    for label in labels:
        _draw_label(canvas, label, 0, 0)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def draw_sheets(labels: Sequence[Label]) -> bytes:
    """PDF of A4 sheets, 3 × 7 labels each, left to right and downwards. Raises as `draw_labels`."""
    out, canvas = _open(labels, A4)
    cell_width, cell_height = A4[0] / SHEET_COLUMNS, A4[1] / SHEET_ROWS
    per_sheet = SHEET_COLUMNS * SHEET_ROWS
    for index, label in enumerate(labels):
        row, column = divmod(index % per_sheet, SHEET_COLUMNS)
        if index and index % per_sheet == 0:
            canvas.showPage()
        x = column * cell_width + (cell_width - WIDTH) / 2
        y = A4[1] - (row + 1) * cell_height + (cell_height - HEIGHT) / 2
        _draw_cut_marks(canvas, x, y)
        _draw_label(canvas, label, x, y)
    canvas.save()
    return out.getvalue()


def _open(labels: Sequence[Label], size: tuple[float, float]) -> tuple[io.BytesIO, Any]:
    if not labels:
        raise InvalidInput("file.label_empty")
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1, initialFontName=font_name("regular"))
    canvas.setTitle("资产标签")
    canvas.setAuthor(labels[0].owner_unit)
    return out, canvas


def _draw_label(canvas: Any, label: Label, x: float, y: float) -> None:
    """Code to scan on the left, what and whose on the right, code to read along the bottom."""
    canvas.saveState()
    canvas.setFillGray(0)
    code_height = 7 * mm
    draw_qr(canvas, label.scan_text, x + 1 * mm, y + code_height + 1 * mm, QR_SIDE)
    _draw_facts(canvas, label, x + QR_SIDE + 1.5 * mm, y)
    canvas.setLineWidth(0.4)
    canvas.line(x + MARGIN, y + code_height, x + WIDTH - MARGIN, y + code_height)
    _draw_code(canvas, label.asset_code, x + MARGIN, y + 2.4 * mm, WIDTH - 2 * MARGIN)
    _draw_unit(canvas, label.owner_unit, x, y)
    canvas.restoreState()


def _draw_unit(canvas: Any, unit: str, x: float, y: float) -> None:
    """Whose it is, across the top."""
    (line,) = fit_lines(unit, "bold", 7.5, WIDTH - 2 * MARGIN, 1) or [""]
    canvas.setFont(font_name("bold"), 7.5)
    canvas.drawString(x + MARGIN, y + HEIGHT - 5 * mm, line)


def _draw_facts(canvas: Any, label: Label, x: float, y: float) -> None:
    """Name in at most two lines, then category and serial number in one each."""
    width = WIDTH - (QR_SIDE + 1.5 * mm) - MARGIN
    top = y + HEIGHT - 11.5 * mm
    canvas.setFont(font_name("bold"), 9.5)
    for line in fit_lines(label.name, "bold", 9.5, width, 2):
        canvas.drawString(x, top, line)
        top -= 4.4 * mm
    top -= 0.6 * mm
    canvas.setFont(font_name("regular"), 6.5)
    for caption, value in (("类别", label.category), ("序列号", label.serial_no)):
        for line in fit_lines(f"{caption}  {value}", "regular", 6.5, width, 2) if value else []:
            canvas.drawString(x, top, line)
            top -= 3 * mm


def _draw_code(canvas: Any, code: str, x: float, y: float, width: float) -> None:
    """The asset code with gaps between its groups: the gaps are drawn, not typed, so copied text stays the code."""
    groups = [
        (group, width_of(group, "bold", 1), 0.0 if group.endswith("-") else GROUP_GAP) for group in code_groups(code)
    ]
    ratio = sum(advance + gap for _, advance, gap in groups) - groups[-1][2]
    size = min(CODE_SIZE, width / ratio)
    if size < SMALLEST_CODE_SIZE:
        raise InvalidInput("file.label_code_too_long")
    x += (width - ratio * size) / 2
    canvas.setFont(font_name("bold"), size)
    for group, advance, gap in groups:
        canvas.drawString(x, y, group)
        x += (advance + gap) * size


def _draw_cut_marks(canvas: Any, x: float, y: float) -> None:
    """Short grey corners, for sheets of plain paper that are cut by hand."""
    canvas.saveState()
    canvas.setStrokeGray(0.7)
    canvas.setLineWidth(0.3)
    arm = 2 * mm
    for corner_x, toward_x in ((x, arm), (x + WIDTH, -arm)):
        for corner_y, toward_y in ((y, arm), (y + HEIGHT, -arm)):
            canvas.line(corner_x, corner_y, corner_x + toward_x, corner_y)
            canvas.line(corner_x, corner_y, corner_x, corner_y + toward_y)
    canvas.restoreState()
