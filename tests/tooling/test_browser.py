"""The real browser finds on a bad page what journeys require of ours, and lets no request out."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Browser

from tests.support.accessibility import axe_violations, sideways_overflow, small_targets, unfocusable_controls
from tests.support.browser import SMALL_PHONE, is_within, visit

BAD = """<!doctype html><html lang="zh-CN"><title>共享大厅</title><main><h1>共享大厅</h1>
<img src="http://203.0.113.1/picture.png" width="600" height="10">
<button style="width:20px;height:20px;padding:0">借</button>
<a href="/asset" tabindex="-1" style="display:block;width:90px;height:60px">爱普生投影仪</a></main></html>"""
GOOD = """<!doctype html><html lang="zh-CN"><title>共享大厅</title><main><h1>共享大厅</h1>
<a href="/asset" style="display:block;height:60px">爱普生投影仪</a>
<p>也可以<a href="/wanted">发布需求</a>。</p></main></html>"""


class Site(BaseHTTPRequestHandler):
    """`/bad` and everything else."""

    def do_GET(self) -> None:
        body = (BAD if self.path == "/bad" else GOOD).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "script-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_faults_are_found_when_the_page_has_them(browser: Browser, site: str) -> None:
    async with visit(browser, site, SMALL_PHONE) as visitor:
        page = await visitor.open("/bad")
        assert [fault.split(":")[0] for fault in await axe_violations(page)] == ["image-alt"]
        assert await sideways_overflow(page) > 200
        assert [fault.split(":")[0] for fault in await small_targets(page)] == ["20×20"]
        assert [fault.split(":")[0] for fault in await unfocusable_controls(page)] == ["takes no focus"]
        assert visitor.escaped == ["http://203.0.113.1/picture.png"]


async def test_nothing_is_found_when_the_page_is_good(browser: Browser, site: str) -> None:
    async with visit(browser, site, SMALL_PHONE) as visitor:
        page = await visitor.open("/")
        assert await axe_violations(page) == []
        assert await sideways_overflow(page) == 0
        assert await small_targets(page) + await unfocusable_controls(page) == []
        assert visitor.escaped + visitor.page_errors == []


def test_request_is_outside_when_only_its_address_begins_alike() -> None:
    assert is_within("http://127.0.0.1:8000/a", "http://127.0.0.1:8000")
    assert is_within("data:image/png;base64,AA", "http://127.0.0.1:8000")
    assert not is_within("http://127.0.0.1:80001/a", "http://127.0.0.1:8000")
