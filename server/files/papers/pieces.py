"""Small pieces that both kinds of paper are made of: QR codes, lines that fit, codes in readable groups, printed time.

Lengths are in points (1/72 inch) unless a name says otherwise.
"""

import re
from datetime import datetime
from typing import Any

import segno
from reportlab.lib.units import mm

from server.files.papers.fonts import Weight, width_of
from server.kernel.errors import InvalidInput
from server.kernel.instants import SHANGHAI

ELLIPSIS = "…"
QUIET_ZONE = 4  # modules, ISO/IEC 18004
# Below this an ordinary phone at arm's length and a 203 dpi label printer (3 dots) are no longer reliable.
SMALLEST_MODULE = 0.38 * mm


def qr_matrix(text: str) -> tuple[bytearray, ...]:
    """Rows of modules (1 dark, 0 light) without quiet zone, error correction M.

    Raises InvalidInput `file.qr_too_long`.
    """
    try:
        return tuple(segno.make_qr(text, error="m", boost_error=False).matrix)
    except (segno.DataOverflowError, ValueError):
        raise InvalidInput("file.qr_too_long") from None


def draw_qr(canvas: Any, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code as one vector path into the square whose lower left corner is (x, y), quiet zone included.

    Raises InvalidInput `file.qr_too_long` when its modules would be too small to scan from paper.
    """
    matrix = qr_matrix(text)
    module = side / (len(matrix) + 2 * QUIET_ZONE)
    if module < SMALLEST_MODULE:
        raise InvalidInput("file.qr_too_long")
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        bottom = y + side - (QUIET_ZONE + row + 1) * module
        # A run of dark modules is one rectangle: printers leave hairlines between rectangles that merely touch.
        for run in re.finditer(rb"\x01+", bytes(modules)):
            left = x + (QUIET_ZONE + run.start()) * module
            path.rect(left, bottom, (run.end() - run.start()) * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def fit_lines(text: str, weight: Weight, size: float, width: float, lines: int) -> list[str]:
    """Break `text` into at most `lines` lines of `width`; what does not fit ends in an ellipsis, so that it shows."""
    fitted: list[str] = []
    rest = " ".join(text.split())
    while rest and len(fitted) < lines:
        count = _fitting(rest, weight, size, width)
        if count < len(rest) and len(fitted) == lines - 1:
            count = _fitting(rest, weight, size, width - width_of(ELLIPSIS, weight, size))
            return [*fitted, rest[:count].rstrip() + ELLIPSIS]
        fitted.append(rest[:count].rstrip())
        rest = rest[count:].lstrip()
    return fitted


def _fitting(text: str, weight: Weight, size: float, width: float) -> int:
    """How many leading characters fit into `width`, at least one; a Latin word is not cut unless it fills the line."""
    count = next((n for n in range(1, len(text) + 1) if width_of(text[:n], weight, size) > width), len(text) + 1) - 1
    if count >= len(text):
        return len(text)
    word = re.search(r"[0-9A-Za-z.\-]+$", text[:count])
    cuts_word = word is not None and re.match(r"[0-9A-Za-z.\-]", text[count:]) is not None
    if word is not None and cuts_word and word.start() > count // 2:
        return word.start()
    return max(count, 1)


def code_groups(code: str) -> list[str]:
    """A code in groups that an eye can copy: its own parts with their hyphens, long parts in threes or fours."""
    groups: list[str] = []
    for part in re.findall(r"[^-]*-|[^-]+", code):
        body = part.rstrip("-")
        step = len(body) or 1
        if step > 4:
            step = 3 if step % 3 == 0 else 4
        pieces = [body[start : start + step] for start in range(0, len(body), step)] or [""]
        pieces[-1] += part[len(body) :]
        groups += pieces
    return groups


def break_code(text: str, weight: Weight, size: float, width: float) -> str:
    """A code such as A02020200-330106001-2025-000123, with line breaks after hyphens where it exceeds `width`.

    Any other text comes back as it is: the paragraph breaks it.
    """
    if not re.fullmatch(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)+", text):
        return text
    lines = [""]
    for part in re.findall(r"[^-]+-?", text):
        if lines[-1] and width_of(lines[-1] + part, weight, size) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def printed_time(instant: datetime) -> str:
    """An aware instant as papers print it, in Asia/Shanghai: 2026年3月5日 14:05. Raises ValueError on a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    local = instant.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
