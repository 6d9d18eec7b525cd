"""Money is an integer number of fen. Floats never touch it."""

import re
from decimal import Decimal

# Commas only where thousands end: `1,5` is somebody's slip and not fifteen.
_YUAN = re.compile(r"(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,2})?", re.ASCII)
# What a Chinese keyboard gives.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．", "0123456789,.")


def parse_yuan(text: str) -> int | None:
    """Fen of an amount typed in yuan such as `1,234.50`; None where it is not such an amount."""
    typed = text.strip().translate(_FULL_WIDTH)
    if not _YUAN.fullmatch(typed):
        return None
    return int(Decimal(typed.replace(",", "")) * 100)


def format_yuan(fen: int) -> str:
    """`123450` → `1,234.50` (no unit)."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
