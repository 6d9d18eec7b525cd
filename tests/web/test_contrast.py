"""WCAG contrast of the token pairs that components use, in light and in dark."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "server" / "web" / "static" / "css"
GROUNDS = ("bg", "surface", "surface-2")
TONES = ("info", "ok", "warn", "bad", "sharing", "supply", "disposal", "desk")
HALLS = ("sharing", "supply", "disposal", "desk")

TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS],
    *[(tone, ground) for tone in TONES for ground in ("bg", "surface", f"{tone}-soft")],
    *[("ink", f"{tone}-soft") for tone in TONES],
    *[("ink-2", f"{hall}-soft") for hall in HALLS],
    *[("ink-3", f"{hall}-soft") for hall in HALLS],
    *[("on-accent", hall) for hall in HALLS],
    *[("on-accent", f"{hall}-strong") for hall in HALLS],
    *[(f"{hall}-strong", ground) for hall in HALLS for ground in ("bg", "surface", f"{hall}-soft")],
    ("surface", "bad"),  # the count beside a menu item
]
# Borders of controls and the focus ring: 3:1 (WCAG 1.4.11).
SHAPE_PAIRS = [*[("line-strong", ground) for ground in ("bg", "surface")], *[("focus", ground) for ground in GROUNDS]]


def tokens(name: str) -> dict[str, str]:
    text = (CSS / f"{name}.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", text))


LIGHT = tokens("tokens")
DARK = {**LIGHT, **tokens("dark")}


def luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_when_on_its_ground(palette: dict[str, str], text: str, ground: str) -> None:
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_controls_and_focus_stand_out_when_on_their_ground(palette: dict[str, str], shape: str, ground: str) -> None:
    assert contrast(palette[shape], palette[ground]) >= 3


def test_dark_gives_every_colour_its_own_value() -> None:
    own = tokens("dark")
    assert set(tokens("tokens")) == set(own)
