"""Static files: names by content, headers, and pictures by category."""

import gzip
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sanic import Sanic

from scripts import build_static
from server.web import assets
from server.web.assets import asset_url, illustration_for, mount_assets
from tests.support.asgi import asgi_client


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Sanic("static-files", configure_logging=False)
    mount_assets(app)
    async with asgi_client(app) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("css/app.css", "text/css; charset=utf-8"),
        ("js/app.js", "text/javascript; charset=utf-8"),
        ("js/htmx.js", "text/javascript; charset=utf-8"),
        ("illustrations/A020202.svg", "image/svg+xml"),
    ],
)
async def test_a_file_is_kept_for_a_year_when_asked_by_its_hash(client, name: str, content_type: str) -> None:
    answer = await client.get(asset_url(name))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["vary"] == "accept-encoding"
    assert re.fullmatch(r'"[0-9a-f]{24}"', answer.headers["etag"])
    assert re.search(r"\.[0-9a-f]{12}\.", asset_url(name))


async def test_the_body_is_the_same_when_packed_and_when_plain(client) -> None:
    url = asset_url("css/app.css")
    plain = await client.get(url, headers={"accept-encoding": "identity"})
    packed = await client.get(url, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < len(plain.content) / 2


async def test_nothing_is_sent_again_when_the_browser_holds_the_file(client) -> None:
    url = asset_url("js/app.js")
    etag = (await client.get(url)).headers["etag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}'):
        again = await client.get(url, headers={"if-none-match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"].endswith("immutable")
    assert (await client.get(url, headers={"if-none-match": '"other"'})).status_code == 200


async def test_only_headers_are_sent_when_asked_with_head(client) -> None:
    answer = await client.head(asset_url("favicon.svg"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    ["css/app.css", "manifest.json", "icons.json", "..%2f..%2fpyproject.toml", "css/app.000000000000.css", "%00"],
)
async def test_nothing_is_found_when_the_name_is_not_in_the_build(client, path: str) -> None:
    answer = await client.get(f"/static/{path}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize(
    ("code", "picture"),
    [
        ("A02020200", "A020202"),
        ("A02010108", "A02010108"),
        ("A02010199", "A020101"),
        ("A05010303", "A050103"),
        ("A05030601", "A050306"),
        ("A08010000", "default"),
        ("", "default"),
    ],
)
def test_the_longest_prefix_gives_the_picture_when_a_category_has_none(code: str, picture: str) -> None:
    assert illustration_for(code) == asset_url(f"illustrations/{picture}.svg")


def test_every_picture_is_marked_when_it_is_no_photograph() -> None:
    store = assets.store()
    pictures = [name for name in store.names if name.startswith("illustrations/")]
    assert len(pictures) > 16
    for name in pictures:
        text = store.files[store.names[name]].body.decode()
        assert ">示意图</text>" in text, name
        assert "<script" not in text


def test_a_build_is_stale_when_a_source_or_a_package_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = tmp_path / "web"
    shutil.copytree(build_static.WEB / "static", web / "static")
    for name in ("icon_names.txt", "illustrations.csv"):
        shutil.copy(build_static.WEB / name, web / name)
    monkeypatch.setattr(build_static, "WEB", web)
    target = tmp_path / "static"
    assert build_static.is_stale(target=target)
    build_static.build(target=target)
    assert not build_static.is_stale(target=target)
    before = json.loads((target / "manifest.json").read_text())["files"]
    with (web / "static" / "css" / "base.css").open("a") as style:
        style.write("\n.new { margin: 0; }\n")
    assert build_static.is_stale(target=target)
    build_static.build(target=target)
    after = json.loads((target / "manifest.json").read_text())["files"]
    assert {name for name in before if before[name] != after[name]} == {"css/app.css"}


def test_dark_follows_the_system_when_nothing_was_chosen() -> None:
    style = build_static.stylesheet()
    followed = style.split("@media (prefers-color-scheme: dark) {", 1)[1]
    assert '[data-theme="auto"]' in followed
    assert style.count("--bg: #0f1519;") == 2


def test_loading_says_what_to_do_when_nothing_was_built(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsNotBuilt, match="make setup"):
        assets.load(tmp_path)


def test_packed_bytes_are_equal_when_two_processes_read_the_same_build() -> None:
    one, other = assets.load(assets.BUILD), assets.load(assets.BUILD)
    assert one == other
    asset = one.files[one.names["js/app.js"]]
    assert gzip.decompress(asset.packed) == asset.body
