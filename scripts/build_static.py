"""Builds `build/static/`: our CSS and JS, htmx, icons and category illustrations, each named by its content's hash.

Run at set-up and, with `--if-stale`, at every start. What it writes is served by `server.web.assets` and read by
`server.web.icons`; nothing of it is committed. A name holds the hash so that a browser may keep the file for a year.
"""

import argparse
import csv
import hashlib
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "server" / "web"
NODE_MODULES = ROOT / "node_modules"
BUILD = ROOT / "build" / "static"

# Order matters: later files may override earlier ones at equal weight; print and dark come last for that reason.
STYLES = ("tokens", "base", "layout", "form", "card", "state", "table", "storefront", "desk", "dark", "print")

# Background, shape behind the icon, icon stroke. Soft grounds, one strong stroke: calm in a grid of forty.
TONES = {
    "stone": ("#eef1f1", "#e1e7e7", "#5a6b70"),
    "sky": ("#e8f1f8", "#d5e5f2", "#2f6690"),
    "mist": ("#edf0f5", "#dde3ed", "#4d5f80"),
    "violet": ("#f0eef8", "#e2ddf1", "#5d4e98"),
    "rose": ("#f9eef0", "#f2dde2", "#94485c"),
    "slate": ("#ebeff2", "#dae2e8", "#42586b"),
    "ice": ("#e7f4f6", "#d2e9ed", "#23707f"),
    "mint": ("#e7f5ee", "#d3ebdf", "#24724f"),
    "sage": ("#eff4e9", "#e0ead5", "#57702f"),
    "sand": ("#f6f1e7", "#ece3d1", "#7f602b"),
    "coral": ("#fbeee8", "#f5ddd2", "#a04a2a"),
}

ILLUSTRATION = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 360" width="480" height="360"
 role="img" aria-label="{name}示意图">
<rect width="480" height="360" fill="{ground}"/>
<circle cx="240" cy="172" r="118" fill="{shape}"/>
<circle cx="404" cy="70" r="26" fill="{shape}" opacity=".7"/>
<circle cx="66" cy="286" r="40" fill="{shape}" opacity=".55"/>
<g transform="translate(156 88) scale(7)" fill="none" stroke="{stroke}" stroke-width="1.4"
 stroke-linecap="round" stroke-linejoin="round">{icon}</g>
<text x="240" y="336" text-anchor="middle" font-size="21" fill="{stroke}"
 font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,WenQuanYi Micro Hei,sans-serif">示意图</text>
</svg>
"""

FAVICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#0a675d"/>
<g transform="translate(6 6) scale(.833)" fill="none" stroke="#fff" stroke-width="2"
 stroke-linecap="round" stroke-linejoin="round">{icon}</g>
</svg>
"""


def icon_body(node_modules: Path, name: str) -> str:
    """Inner markup of a lucide icon (24 x 24 grid), without its outer element and licence comment."""
    text = (node_modules / "lucide-static" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
    if inner is None:
        raise SystemExit(f"Icon {name} is not an SVG that can be inlined.")
    return re.sub(r"\s*\n\s*", "", inner.group(1)).strip()


def stylesheet() -> str:
    """All styles in one file; the dark block is repeated for people who leave the choice to their system."""
    parts = []
    for name in STYLES:
        text = (WEB / "static" / "css" / f"{name}.css").read_text(encoding="utf-8")
        parts.append(text)
        if name == "dark":
            follows_system = text.replace('[data-theme="dark"]', '[data-theme="auto"]')
            parts.append(f"@media (prefers-color-scheme: dark) {{\n{follows_system}}}\n")
    return "\n".join(parts)


def illustration_rows() -> list[dict[str, str]]:
    """Rows `prefix, name, icon, tone`; `prefix` starts a category code, `default` serves all others."""
    with (WEB / "illustrations.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def illustration(node_modules: Path, row: dict[str, str]) -> str:
    ground, shape, stroke = TONES[row["tone"]]
    icon = icon_body(node_modules, row["icon"])
    return ILLUSTRATION.format(name=row["name"], ground=ground, shape=shape, stroke=stroke, icon=icon)


def contents(node_modules: Path) -> dict[str, bytes]:
    """Every file to serve, by its logical name (`css/app.css`)."""
    files = {
        "css/app.css": stylesheet().encode(),
        "js/app.js": (WEB / "static" / "js" / "app.js").read_bytes(),
        "js/htmx.js": (node_modules / "htmx.org" / "dist" / "htmx.min.js").read_bytes(),
        "favicon.svg": FAVICON.format(icon=icon_body(node_modules, "warehouse")).encode(),
    }
    for row in illustration_rows():
        files[f"illustrations/{row['prefix']}.svg"] = illustration(node_modules, row).encode()
    return files


def icons(node_modules: Path) -> dict[str, str]:
    names = (WEB / "icon_names.txt").read_text(encoding="utf-8").split()
    return {name: icon_body(node_modules, name) for name in names}


def hashed_name(name: str, body: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}{dot}{suffix}"


def source_digest(node_modules: Path) -> str:
    """Changes when anything that goes into the build changes, packages included."""
    digest = hashlib.sha256()
    sources = [
        Path(__file__),
        WEB / "icon_names.txt",
        WEB / "illustrations.csv",
        *sorted((WEB / "static").rglob("*.*")),
    ]
    sources += [node_modules / package / "package.json" for package in ("htmx.org", "lucide-static")]
    for path in sources:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_stale(node_modules: Path = NODE_MODULES, target: Path = BUILD) -> bool:
    manifest = target / "manifest.json"
    if not manifest.is_file():
        return True
    built_from = json.loads(manifest.read_text(encoding="utf-8")).get("source")
    return bool(built_from != source_digest(node_modules))


def build(node_modules: Path = NODE_MODULES, target: Path = BUILD) -> None:
    """Writes the whole folder aside and swaps it in, so that a start in between never reads half a build."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".static-", dir=target.parent))
    fresh.chmod(0o755)
    files = {}
    for name, body in contents(node_modules).items():
        files[name] = hashed_name(name, body)
        path = fresh / files[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    write_json(fresh / "icons.json", icons(node_modules))
    write_json(fresh / "manifest.json", {"source": source_digest(node_modules), "files": files})
    if target.exists():
        shutil.rmtree(target)
    fresh.rename(target)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--if-stale", action="store_true", help="build only when a source or a package has changed")
    parser.add_argument("--node-modules", type=Path, default=NODE_MODULES)
    parser.add_argument("--target", type=Path, default=BUILD)
    options = parser.parse_args()
    if not (options.node_modules / "lucide-static").is_dir():
        print("Front-end packages are not installed; run make setup first.", file=sys.stderr)
        return 1
    if not options.if_stale or is_stale(options.node_modules, options.target):
        build(options.node_modules, options.target)
        print(f"Static files built in {options.target}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
