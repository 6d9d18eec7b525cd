"""The Chinese font that papers embed: found, registered once, and measured by.

Only TrueType outlines can be embedded as a subset by reportlab; its built-in CID fonts are not embedded and print
blank where the reader has no Chinese font.
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from server.kernel.errors import Unavailable

Weight = Literal["regular", "bold"]

ROOT = Path(__file__).resolve().parents[3]
# Names in order of liking: the package's own, the font project's, and Debian's one-weight fallback.
NAMES: dict[Weight, tuple[str, ...]] = {
    "regular": ("NotoSansSC_400Regular.ttf", "NotoSansSC-Regular.ttf", "wqy-microhei.ttc"),
    "bold": ("NotoSansSC_700Bold.ttf", "NotoSansSC-Bold.ttf", "wqy-microhei.ttc"),
}


def font_folders() -> tuple[Path, ...]:
    """Where fonts are looked for, in order: FONT_DIR, the build's folder, the npm package, the system's."""
    configured = os.environ.get("FONT_DIR")
    return (
        *((Path(configured),) if configured else ()),
        ROOT / "build" / "fonts",
        ROOT / "node_modules" / "@expo-google-fonts" / "noto-sans-sc",
        Path("/usr/share/fonts/truetype/wqy"),
    )


def find_font(weight: Weight, folders: Iterable[Path] | None = None) -> Path:
    """The font file of a weight, in a folder or one level below it. Raises Unavailable `file.font_missing`."""
    for folder in font_folders() if folders is None else folders:
        for name in NAMES[weight]:
            for path in (folder / name, *sorted(folder.glob(f"*/{name}"))):
                if path.is_file():
                    return path
    raise Unavailable("file.font_missing")


@lru_cache
def font_name(weight: Weight) -> str:
    """The name under which reportlab knows the font of a weight; registers it at the first call (about 0.1 s)."""
    path = find_font(weight)
    name = f"Paper-{weight}"
    try:
        pdfmetrics.registerFont(TTFont(name, path))
    except TTFError as error:
        raise Unavailable("file.font_missing") from error
    return name


def width_of(text: str, weight: Weight, size: float) -> float:
    """Width of a line of text in points."""
    return float(pdfmetrics.stringWidth(text, font_name(weight), size))
