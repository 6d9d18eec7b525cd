"""Official papers on A4 (借用单, 出库单, 归还单): heading, facts, lines over as many pages as they need, signatures.

The right margin stays free for the 骑缝章, which is stamped across the edges of the fanned pages.
"""

import io
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from server.files.papers.fonts import Weight, font_name, width_of
from server.files.papers.page_frame import PageFrame, numbered_canvas
from server.files.papers.pieces import break_code
from server.files.types import Column, Form, FormTable, Signed
from server.kernel.errors import InvalidInput

LEFT, RIGHT, TOP, BOTTOM = 20 * mm, 24 * mm, 16 * mm, 18 * mm
CONTENT, PAGE = A4[0] - LEFT - RIGHT, A4[1] - TOP - BOTTOM
BODY_SIZE, LEADING = 10, 14.5
CAPTION_WIDTH = 24 * mm
TALLEST = 20 * LEADING  # of one row
PAD = 5
SEAL_SIDE = 44 * mm
ALIGNMENTS = {"left": TA_LEFT, "center": TA_CENTER, "right": TA_RIGHT}
SHADE = colors.Color(0.94, 0.94, 0.94)


def draw_form(form: Form) -> bytes:
    """PDF of the form; equal forms give equal bytes.

    Raises InvalidInput `file.table_shape` when a row has not one cell a column, `file.qr_too_long`; ValueError on a
    naive `printed_at`.
    """
    frame = PageFrame(form, left=LEFT, right=RIGHT)
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, title=f"{form.title} {form.number}", author=form.unit, invariant=1)
    document.addPageTemplates(
        [
            PageTemplate("first", [_area(frame.heading_height)], onPage=frame.draw_first, autoNextPageTemplate="later"),
            PageTemplate("later", [_area(frame.running_height)], onPage=frame.draw_later),
        ]
    )
    document.build(_story(form), canvasmaker=numbered_canvas(frame))
    return out.getvalue()


def _area(heading: float) -> Frame:
    """The part of a page that text flows through."""
    height = PAGE - heading
    return Frame(LEFT, BOTTOM, CONTENT, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)


def _story(form: Form) -> list[Flowable]:
    story: list[Flowable] = []
    if form.fields:
        story += [_field_grid(form.fields), Spacer(0, 4 * mm)]
    if form.table is not None:
        story += [_line_table(form.table), Spacer(0, 4 * mm)]
    if form.note:
        story += [_text(f"备注：{form.note}"), Spacer(0, 4 * mm)]
    return [*story, KeepTogether([_signature_block(form.signatures, form.signed)])]


def _text(text: str, weight: Weight = "regular", align: int = TA_LEFT) -> Paragraph:
    """A paragraph that breaks between Chinese characters; what people typed is text, never markup."""
    style = ParagraphStyle(
        "body", fontName=font_name(weight), fontSize=BODY_SIZE, leading=LEADING, alignment=align, wordWrap="CJK"
    )
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _grid_style() -> list[tuple[Any, ...]]:
    """Lines round every cell; the font is named because reportlab else adds its own, unembedded, to the paper."""
    whole = ((0, 0), (-1, -1))
    return [
        ("GRID", *whole, 0.5, colors.black),
        ("FONTNAME", *whole, font_name("regular")),
        ("VALIGN", *whole, "MIDDLE"),
        ("LEFTPADDING", *whole, PAD),
        ("RIGHTPADDING", *whole, PAD),
        ("TOPPADDING", *whole, 4),
        ("BOTTOMPADDING", *whole, 5),
    ]


def _field_grid(fields: tuple[tuple[str, str], ...]) -> Table:
    """Facts two to a line; one whose value is too long for half a line has a line of its own."""
    half = CONTENT / 2 - CAPTION_WIDTH
    rows: list[list[Any]] = []
    style = _grid_style()
    for line in _pair_fields(fields, half - 2 * PAD):
        cells = [cell for caption, value in line for cell in (_text(caption, "bold"), _text(value))]
        widths = [CAPTION_WIDTH, half] * 2 if len(line) == 2 else [CAPTION_WIDTH, CONTENT - CAPTION_WIDTH]
        for piece in _cut_row(cells, widths):
            index = len(rows)
            rows.append([*piece, _text(""), _text("")][:4])
            if len(line) == 1:
                style.append(("SPAN", (1, index), (3, index)))
            style += [("BACKGROUND", (2 * column, index), (2 * column, index), SHADE) for column in range(len(line))]
    return Table(rows, colWidths=[CAPTION_WIDTH, half, CAPTION_WIDTH, half], style=style)


def _cut_row(cells: list[Paragraph], widths: list[float]) -> list[list[Paragraph]]:
    """One row as several, none taller than a page holds: reportlab's own splitting inside a row loses text."""
    columns = [_cut_text(cell, width - 2 * PAD) for cell, width in zip(cells, widths, strict=True)]
    return [list(row) for row in zip_longest(*columns, fillvalue=_text(""))]


def _cut_text(paragraph: Paragraph, width: float) -> list[Paragraph]:
    pieces: list[Paragraph] = []
    while paragraph.wrap(width, PAGE)[1] > TALLEST:
        piece, paragraph = paragraph.split(width, TALLEST)
        pieces.append(piece)
    return [*pieces, paragraph]


def _pair_fields(fields: tuple[tuple[str, str], ...], room: float) -> list[list[tuple[str, str]]]:
    """The fields in order, one or two to a line, by whether their values fit into `room`."""
    lines: list[list[tuple[str, str]]] = []
    is_open = False
    for field in fields:
        is_short = width_of(field[1], "regular", BODY_SIZE) <= room and "\n" not in field[1]
        if is_open and is_short:
            lines[-1].append(field)
            is_open = False
        else:
            lines.append([field])
            is_open = is_short
    return lines


def _line_table(table: FormTable) -> Table:
    """The lines, with the heading again on every page and the sum row last; a row taller than a page is split."""
    lines = [*table.rows, *([table.total] if table.total is not None else [])]
    if any(len(line) != len(table.columns) for line in lines):
        raise InvalidInput("file.table_shape")
    shares = sum(column.share for column in table.columns)
    widths = [CONTENT * column.share / shares for column in table.columns]
    head = [_text(column.title, "bold", TA_CENTER) for column in table.columns]
    body = [piece for row in table.rows for piece in _cut_row(_cells(row, table.columns, widths), widths)]
    total = _cut_row(_cells(table.total, table.columns, widths, "bold"), widths) if table.total is not None else []
    shades = [("BACKGROUND", (0, row), (-1, row), SHADE) for row in (0, *range(-len(total), 0))]
    style = [*_grid_style(), *shades]
    return Table([head, *body, *total], colWidths=widths, repeatRows=1, style=style)


def _cells(
    row: tuple[str, ...], columns: tuple[Column, ...], widths: list[float], weight: Weight = "regular"
) -> list[Paragraph]:
    return [
        _text(break_code(cell, weight, BODY_SIZE, width - 2 * PAD), weight, ALIGNMENTS[column.align])
        for cell, column, width in zip(row, columns, widths, strict=True)
    ]


def _signature_block(signatures: tuple[str, ...], signed: tuple[Signed | None, ...]) -> Table:
    """Who signs, one under the other with a line for name and day; beside them the place for the seal."""
    return Table(
        [[_SignatureLines(signatures, signed), _SealBox()]],
        colWidths=[CONTENT - SEAL_SIDE, SEAL_SIDE],
        style=[
            ("FONTNAME", (0, 0), (-1, -1), font_name("regular")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


class _SignatureLines(Flowable):  # type: ignore[misc]  # reportlab has no types
    """`经办人：________  日期：____年__月__日` for each who signs; filled in for who signed on a screen."""

    STEP = 11 * mm

    def __init__(self, signatures: tuple[str, ...], signed: tuple[Signed | None, ...]) -> None:
        super().__init__()
        self.signatures = signatures
        self.signed = [*signed, *[None] * (len(signatures) - len(signed))]

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self.width = width
        return width, max(len(self.signatures) * self.STEP, SEAL_SIDE)

    def draw(self) -> None:
        top = max(len(self.signatures) * self.STEP, SEAL_SIDE)
        caption = max((width_of(f"{each}：", "regular", BODY_SIZE) for each in self.signatures), default=0)
        self.canv.setFont(font_name("regular"), BODY_SIZE)
        self.canv.setLineWidth(0.5)
        for index, each in enumerate(self.signatures):
            y = top - (index + 1) * self.STEP + 3 * mm
            self.canv.drawString(0, y, f"{each}：")
            day = self.width - 46 * mm
            self.canv.line(caption + 1 * mm, y - 2, day - 4 * mm, y - 2)
            signed = self.signed[index]
            if signed is None:
                self.canv.drawString(day, y, "        年      月      日")
            else:
                self._fill_in(signed, caption + 2 * mm, y, day)

    def _fill_in(self, signed: Signed, left: float, y: float, day: float) -> None:
        self.canv.drawString(left, y, signed.name)
        self.canv.drawString(day, y, f"{signed.on.year} 年 {signed.on.month} 月 {signed.on.day} 日")
        if signed.picture is not None:
            after = left + width_of(signed.name, "regular", BODY_SIZE) + 2 * mm
            self.canv.drawImage(
                ImageReader(io.BytesIO(signed.picture)),
                after,
                y - 1.5 * mm,
                width=max(day - 6 * mm - after, 1),
                height=self.STEP - 2 * mm,
                preserveAspectRatio=True,
                anchor="w",
            )


class _SealBox(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A dashed square for the unit's seal."""

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return SEAL_SIDE, SEAL_SIDE

    def draw(self) -> None:
        self.canv.setStrokeGray(0.5)
        self.canv.setFillGray(0.45)
        self.canv.setLineWidth(0.6)
        self.canv.setDash(3, 2)
        self.canv.rect(0, 0, SEAL_SIDE, SEAL_SIDE)
        self.canv.setFont(font_name("regular"), BODY_SIZE)
        self.canv.drawCentredString(SEAL_SIDE / 2, SEAL_SIDE / 2 - 4, "（盖章处）")
