"""A real Chromium for journeys: fresh profile, no traffic of its own, and every request that leaves us is caught."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, async_playwright

from scripts.system import command

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = ViewportSize(width=390, height=844)
SMALL_PHONE = ViewportSize(width=320, height=640)
DESK = ViewportSize(width=1280, height=800)
# These carry their content in themselves and reach no network.
LOCAL_SCHEMES = {"data", "blob", "about"}


@dataclass
class Visitor:
    """One browser context on one site. `escaped`: every address asked for outside the site; all were aborted."""

    context: BrowserContext
    base_url: str
    escaped: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)

    async def open(self, path: str = "/") -> Page:
        """A new page on `path` of the site, loaded."""
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        await page.goto(self.base_url + path)
        return page

    async def guard(self, route: Route) -> None:
        """Let the site's own requests pass, abort and count all others."""
        if is_within(route.request.url, self.base_url):
            await route.continue_()
            return
        self.escaped.append(route.request.url)
        await route.abort()


def is_within(url: str, base_url: str) -> bool:
    """Whether a request stays on the site. By origin, so `http://127.0.0.1:80001` is not `http://127.0.0.1:8000`."""
    asked, own = urlsplit(url), urlsplit(base_url)
    return asked.scheme in LOCAL_SCHEMES or (asked.scheme, asked.netloc) == (own.scheme, own.netloc)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """The system's Chromium, headless, with a fresh profile that goes away with it."""
    async with async_playwright() as playwright:
        executable = command("chromium", "chromium-browser", "google-chrome")
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visit(
    browser: Browser, base_url: str, viewport: ViewportSize = PHONE, **options: Any
) -> AsyncIterator[Visitor]:
    """A visitor with cookies of its own. `options` go to Playwright's `new_context` (`java_script_enabled=False`)."""
    context = await browser.new_context(
        viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", service_workers="block", **options
    )
    visitor = Visitor(context, base_url.rstrip("/"))
    await context.route("**/*", visitor.guard)
    try:
        yield visitor
    finally:
        await context.close()
