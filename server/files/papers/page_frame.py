"""What stands on a form's pages around the flowing text: heading, verification code, 骑缝章 space, page count."""

from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from server.files.papers.fonts import Weight, font_name
from server.files.papers.pieces import draw_qr, fit_lines, printed_time
from server.files.types import Form

TOP_EDGE = A4[1] - 16 * mm
QR_SIDE = 26 * mm
TITLE_SIZE, UNIT_SIZE, SMALL_SIZE = 20, 12, 8


class PageFrame:
    """Draws the frame of one form. Heights are what the heading takes from the flowing text, in points."""

    heading_height = 33 * mm
    running_height = 9 * mm

    def __init__(self, form: Form, *, left: float, right: float) -> None:
        self.form = form
        self.left, self.edge = left, A4[0] - right
        self.printed = printed_time(form.printed_at)

    def draw_first(self, canvas: Any, _document: Any) -> None:
        """Unit, title and number centred; the code for verification at the right."""
        middle = (self.left + self.edge) / 2
        width = self.edge - self.left - 2 * QR_SIDE
        canvas.saveState()
        lines: tuple[tuple[str, Weight, int, float], ...] = (
            (self.form.unit, "regular", UNIT_SIZE, 6 * mm),
            (self.form.title, "bold", TITLE_SIZE, 16 * mm),
            (f"文号：{self.form.number}", "regular", 10, 24.5 * mm),
        )
        for text, weight, size, drop in lines:
            canvas.setFont(font_name(weight), size)
            for line in fit_lines(text, weight, size, width, 1):
                canvas.drawCentredString(middle, TOP_EDGE - drop, line)
        canvas.setFillGray(0)
        qr_left = self.edge - QR_SIDE + 2 * mm
        draw_qr(canvas, self.form.qr_text, qr_left, TOP_EDGE - QR_SIDE + 1 * mm, QR_SIDE)
        canvas.setFont(font_name("regular"), SMALL_SIZE)
        canvas.drawCentredString(qr_left + QR_SIDE / 2, TOP_EDGE - QR_SIDE - 0.6 * mm, "扫码核验真伪")
        canvas.restoreState()
        self._draw_seam(canvas)

    def draw_later(self, canvas: Any, _document: Any) -> None:
        """One small line that says which paper this page belongs to."""
        canvas.saveState()
        canvas.setFont(font_name("regular"), 9)
        canvas.drawString(self.left, TOP_EDGE - 3 * mm, f"{self.form.title}（续）")
        canvas.drawRightString(self.edge, TOP_EDGE - 3 * mm, f"文号：{self.form.number}")
        canvas.restoreState()
        self._draw_seam(canvas)

    def draw_footer(self, canvas: Any, page: int, pages: int) -> None:
        """Footer text, page x of y, time of printing."""
        canvas.saveState()
        canvas.setFont(font_name("regular"), SMALL_SIZE)
        canvas.setFillGray(0.25)
        third = (self.edge - self.left) / 3
        for line in fit_lines(self.form.footer, "regular", SMALL_SIZE, third, 1):
            canvas.drawString(self.left, 10 * mm, line)
        canvas.drawCentredString((self.left + self.edge) / 2, 10 * mm, f"第 {page} 页  共 {pages} 页")
        canvas.drawRightString(self.edge, 10 * mm, f"打印时间：{self.printed}")
        canvas.restoreState()

    def _draw_seam(self, canvas: Any) -> None:
        """Where the 骑缝章 goes: a dashed line along the right edge with its name set upright."""
        canvas.saveState()
        x = A4[0] - 12 * mm
        canvas.setStrokeGray(0.6)
        canvas.setFillGray(0.45)
        canvas.setDash(2, 3)
        canvas.setLineWidth(0.4)
        middle = A4[1] / 2
        canvas.line(x, middle - 55 * mm, x, middle + 55 * mm)
        canvas.setFont(font_name("regular"), SMALL_SIZE)
        for index, character in enumerate("骑缝章处"):
            canvas.drawCentredString(x + 5 * mm, middle + 15 - index * 11, character)
        canvas.restoreState()


def numbered_canvas(frame: PageFrame) -> type[Canvas]:
    """A canvas class that keeps every page back until the last is known, then draws the footers with the count."""

    class NumberedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # Otherwise the paper names Helvetica, which it neither uses nor embeds.
            super().__init__(*args, **{**kwargs, "initialFontName": font_name("regular")})
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  reportlab's name
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self.kept, start=1):
                self.__dict__.update(state)
                frame.draw_footer(self, number, len(self.kept))
                super().showPage()
            super().save()

    return NumberedCanvas
