"""Static files that the build made: their addresses, their bytes, and the headers they are served with.

Sanic's own static route sends neither Cache-Control nor ETag, so these few hundred kilobytes are held in memory and
answered here. Every name holds a hash of its content, so an answer may be kept for a year and never asked for again.
"""

import csv
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from sanic import HTTPResponse, Request, Sanic

PREFIX = "/static/"
BUILD = Path(__file__).resolve().parents[2] / "build" / "static"
ILLUSTRATIONS = Path(__file__).with_name("illustrations.csv")
YEAR = "public, max-age=31536000, immutable"
CONTENT_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class AssetsNotBuilt(RuntimeError):
    """`build/static` is missing: `make setup` (or `scripts/build_static.py`) has not run."""


class Asset(msgspec.Struct, frozen=True):
    """One file in memory; `packed` is its gzip form."""

    content_type: str
    body: bytes
    packed: bytes
    etag: str


class AssetStore(msgspec.Struct, frozen=True):
    """Everything under `build/static`: `names` maps `css/app.css` to its hashed path, `files` hashed path to bytes."""

    names: dict[str, str]
    files: dict[str, Asset]
    icons: dict[str, str]

    def url(self, name: str) -> str:
        """Address of `css/app.css` and the like; an unknown name raises KeyError, so a typing slip shows at once."""
        return PREFIX + self.names[name]


def load(directory: Path) -> AssetStore:
    """Reads a built folder; raises AssetsNotBuilt where there is none."""
    manifest = directory / "manifest.json"
    if not manifest.is_file():
        raise AssetsNotBuilt(f"{directory} holds no static files; run `make setup`")
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    icons: dict[str, str] = json.loads((directory / "icons.json").read_text(encoding="utf-8"))
    return AssetStore(names, {path: _read(directory / path) for path in names.values()}, icons)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    # mtime=0: two processes must pack to the same bytes under the same ETag.
    return Asset(CONTENT_TYPES[path.suffix[1:]], body, gzip.compress(body, 9, mtime=0), etag)


@cache
def store() -> AssetStore:
    """The product's own build, read once per process."""
    return load(BUILD)


def asset_url(name: str) -> str:
    """Hashed address of a static file by its logical name, e.g. `js/app.js`."""
    return store().url(name)


@cache
def _illustrated_prefixes() -> tuple[str, ...]:
    with ILLUSTRATIONS.open(encoding="utf-8", newline="") as lines:
        return tuple(sorted((row["prefix"] for row in csv.DictReader(lines)), key=len, reverse=True))


def illustration_for(category_code: str) -> str:
    """Address of the picture (marked 示意图) that stands in for a photograph: the longest known code prefix wins."""
    matching = (prefix for prefix in _illustrated_prefixes() if category_code.startswith(prefix))
    return asset_url(f"illustrations/{next(matching, 'default')}.svg")


def mount_assets(app: "Sanic[Any, Any]", assets: AssetStore | None = None) -> None:
    """Adds `GET /static/<path>` to the application."""
    served = assets or store()

    async def static_file(request: Request, path: str) -> HTTPResponse:
        asset = served.files.get(path)
        return answer(request, asset) if asset else missing()

    app.add_route(static_file, f"{PREFIX}<path:path>", methods=["GET", "HEAD"], name="static_file")


def answer(request: Request, asset: Asset) -> HTTPResponse:
    """200 with the body, or 304 when the browser already holds it."""
    headers = {
        "cache-control": YEAR,
        "etag": asset.etag,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    if _holds(request.headers.get("if-none-match", ""), asset.etag):
        return HTTPResponse(status=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return HTTPResponse(asset.packed, headers=headers, content_type=asset.content_type)
    return HTTPResponse(asset.body, headers=headers, content_type=asset.content_type)


def _holds(if_none_match: str, etag: str) -> bool:
    offered = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in offered or etag in offered


def missing() -> HTTPResponse:
    """A file of an older release: plain 404 that nothing keeps."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return HTTPResponse("没有这个文件", status=404, headers=headers, content_type="text/plain; charset=utf-8")
