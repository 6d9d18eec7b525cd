"""Lints over every template of every door, and over the styles: what a strict CSP and an old Chrome cannot take."""

import re
from pathlib import Path

import pytest

from server.web import assets

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "server" / "web" / "templates", ROOT / "storefront", ROOT / "admin", ROOT / "miniapp_api"]
TEMPLATES = sorted(path for folder in FOLDERS for path in folder.rglob("*.html"))
STYLES = sorted((ROOT / "server" / "web" / "static" / "css").glob("*.css"))

# What a strict CSP refuses, or what would leave the machine.
BANNED_MARKUP = {
    "inline style": r"\sstyle\s*=|<style\b",
    "inline script": r"<script(?![^>]*\ssrc=\"\{\{ ?asset_url)",
    "event handler attribute": r"\son[a-z]+\s*=\s*[\"']",
    "script address": r"javascript:",
    "htmx evaluation": r"\bhx-on\b|hx-(?:vals|headers)\s*=\s*['\"]\s*js:",
    "foreign address": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "unescaped output": r"\|\s*safe\b|autoescape\s+false",
}

# Newer than Chrome 78, without a fallback.
BANNED_STYLE = {
    "selector": r":(?:has|is|where|not\([^)]*,)\b",
    "property": r"(?<![-\w])(?:inset|aspect-ratio|translate|rotate|scale|margin-inline|padding-inline)\s*:",
    "function": r"\b(?:clamp|min|max|color-mix|oklch)\(",
    "rule": r"@(?:container|layer|import|property)\b|@media[^{]*[<>]",
    "nesting": r"^\s*&",
    "foreign address": r"url\(",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_needs_nothing_inline_and_nothing_foreign(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = [name for name, pattern in BANNED_MARKUP.items() if re.search(pattern, text, re.IGNORECASE)]
    assert not found


def test_the_lint_catches_each_banned_thing() -> None:
    bad = {
        "inline style": '<p style="color:red">',
        "inline script": "<script>go()</script>",
        "event handler attribute": '<a onclick="go()">',
        "script address": '<a href="javascript:go()">',
        "htmx evaluation": "<a hx-on:click='go()'>",
        "foreign address": '<img src="https://example.com/a.png">',
        "unescaped output": "{{ text|safe }}",
    }
    for name, sample in bad.items():
        assert re.search(BANNED_MARKUP[name], sample), name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_named_in_a_template_is_on_the_list(path: Path) -> None:
    names = re.findall(r"icon\(\"([a-z0-9-]+)\"", path.read_text(encoding="utf-8"))
    assert set(names) <= set(assets.store().icons)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_stays_within_what_chrome_78_reads(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = [name for name, pattern in BANNED_STYLE.items() if re.search(pattern, text, re.MULTILINE)]
    assert not found
    flex_with_gap = [
        rule for rule in re.findall(r"\{[^{}]*\}", text) if "flex" in rule and re.search(r"[\s;]gap:", rule)
    ]
    assert not flex_with_gap


def test_no_colour_is_written_outside_the_tokens() -> None:
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b")
    strays = {
        path.name
        for path in STYLES
        if path.name not in {"tokens.css", "dark.css", "print.css"} and colour.search(path.read_text())
    }
    assert not strays
