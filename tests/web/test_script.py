"""app.js in a real Chromium under the strict CSP: comforts that must not get in the way, and looks that must hold."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route

from server.web import assets, pages
from server.web.pages import Flash, PageContext
from server.web.styleguide import styleguide_context
from tests.support.accessibility import axe_violations, sideways_overflow, small_targets, unfocusable_controls
from tests.support.browser import visit

SITE = "http://gongwucang.test"
NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
FORM = """{% extends "layouts/storefront.html" %}{% import "components/form.html" as form %}{% block content %}
<h1>借用申请</h1><form class="form" id="loan" method="post" action="/loan" data-draft="loan-41">{{ csrf_field() }}
{{ form.field("reason", "事由") }}{{ form.password("secret", "口令") }}{{ form.checkbox("agree", "同意") }}
{{ form.button("提交申请", "primary") }}</form>{% endblock %}"""
PLAIN = '{% extends "layouts/storefront.html" %}{% block content %}<h1>我的借用</h1>{% endblock %}'


class Site:
    """A site of a few pages, answered inside the browser; `posts` holds what forms sent."""

    def __init__(self, folder: Path) -> None:
        (folder / "form.html").write_text(FORM, encoding="utf-8")
        (folder / "plain.html").write_text(PLAIN, encoding="utf-8")
        self.environment = pages.build_environment([folder])
        self.person_key = "p1"
        self.flashes: tuple[Flash, ...] = ()
        self.posts: list[str] = []
        self.goes_on = True
        self.html: Callable[[str], str] = self.page

    def page(self, path: str) -> str:
        page = PageContext(request_id="r1", csrf_token="t", person_name="陈晓岚", person_key=self.person_key,
                           flashes=self.flashes)  # fmt: skip
        return self.environment.get_template("form.html" if path == "/loan" else "plain.html").render(page=page)

    async def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(assets.PREFIX):
            asset = assets.store().files[path.removeprefix(assets.PREFIX)]
            await route.fulfill(body=asset.body, content_type=asset.content_type)
            return
        if route.request.method == "POST":
            self.posts.append(route.request.post_data or "")
            if not self.goes_on:
                await route.fulfill(status=204)
                return
            path = "/done"
        headers = {"content-security-policy": CSP}
        await route.fulfill(body=self.html(path), content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@asynccontextmanager
async def opened(browser: Browser, site: Site, path: str, **options: Any) -> AsyncIterator[Page]:
    """A page of the site; a script error or anything the CSP refuses fails the test."""
    async with visit(browser, SITE, **options) as visitor:
        await visitor.context.route("**/*", site.answer)
        complaints: list[str] = []
        visitor.context.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        yield await visitor.open(path)
        assert visitor.page_errors == []
        assert complaints == []


async def test_a_draft_comes_back_when_the_page_is_opened_again(browser: Browser, site: Site) -> None:
    async with opened(browser, site, "/loan") as page:
        await page.fill("#field-reason", "全区校长会议")
        await page.fill("#field-secret", "hunter2")
        await page.check("#field-agree")
        await page.wait_for_function("() => (sessionStorage.getItem('draft:p1:loan-41') || '').includes('true')")
        stored = await page.evaluate("() => JSON.stringify(sessionStorage)")
        assert "hunter2" not in stored
        assert "csrf" not in stored
        await page.goto(f"{SITE}/loan")
        await page.wait_for_selector(".draft-note")
        assert await page.input_value("#field-reason") == "全区校长会议"
        assert await page.input_value("#field-secret") == ""
        assert await page.is_checked("#field-agree")
        await page.click("text=清除草稿")
        assert await page.input_value("#field-reason") == ""
        assert await page.evaluate("() => sessionStorage.getItem('draft:p1:loan-41')") is None


async def test_a_draft_is_forgotten_when_it_was_sent_or_another_person_comes(browser: Browser, site: Site) -> None:
    keys = "() => Object.keys(sessionStorage).filter((key) => key.startsWith('draft'))"
    async with opened(browser, site, "/loan") as page:
        await page.fill("#field-reason", "全区校长会议")
        await page.fill("#field-secret", "x")
        site.flashes = (Flash("ok", "申请已提交。"),)
        await page.click("text=提交申请")
        await page.wait_for_selector("text=申请已提交。")
        assert await page.evaluate(keys) == []
        site.flashes = ()
        await page.goto(f"{SITE}/loan")
        assert await page.input_value("#field-reason") == ""
        await page.fill("#field-reason", "另一件事")
        await page.wait_for_function("() => sessionStorage.getItem('draft:p1:loan-41')")
        site.person_key = "p2"
        await page.goto(f"{SITE}/done")
        await page.wait_for_function("() => document.documentElement.classList.contains('has-js')")
        assert await page.evaluate(keys) == []


async def test_a_form_is_sent_once_when_pressed_twice(browser: Browser, site: Site) -> None:
    site.goes_on = False  # the answer leaves the browser on this page
    async with opened(browser, site, "/loan") as page:
        await page.fill("#field-reason", "全区校长会议")
        await page.fill("#field-secret", "x")
        await page.evaluate("() => { const b = document.querySelector('#loan button'); b.click(); b.click(); }")
        await page.wait_for_selector("#loan button:disabled >> text=正在提交…")
        await page.evaluate("() => document.querySelector('#loan').requestSubmit()")
        assert len(site.posts) == 1
        assert "csrf_token=t" in site.posts[0]


async def test_a_form_is_sent_when_there_is_no_script(browser: Browser, site: Site) -> None:
    async with opened(browser, site, "/loan", java_script_enabled=False) as page:
        await page.fill("#field-reason", "全区校长会议")
        await page.fill("#field-secret", "x")
        await page.click("text=提交申请")
        assert await page.inner_text("h1") == "我的借用"
        assert len(site.posts) == 1


async def test_the_line_is_said_to_be_down_when_it_is(browser: Browser, site: Site) -> None:
    async with opened(browser, site, "/loan") as page:
        assert not await page.is_visible("#offline")
        await page.context.set_offline(True)
        await page.wait_for_selector("#offline", state="visible")
        await page.context.set_offline(False)
        await page.wait_for_selector("#offline", state="hidden")


@pytest.mark.parametrize("look", ["light", "dark", "elder", "elder-3"])
async def test_the_living_page_is_fit_for_everyone(browser: Browser, site: Site, look: str) -> None:
    is_elder = look.startswith("elder")
    context = styleguide_context(NOW, "dark" if look == "dark" else "light", is_elder, 3 if look == "elder-3" else 1)
    site.html = lambda _: site.environment.get_template("styleguide.html").render(**context)
    async with opened(browser, site, "/", bypass_csp=True) as page:
        for width in (320, 390, 1280):
            await page.set_viewport_size({"width": width, "height": 844})
            assert await sideways_overflow(page) <= 0, width
            assert await small_targets(page, 60 if is_elder else 44) == [], width
            assert await unfocusable_controls(page) == [], width
            if is_elder:
                assert await smallest_text(page) >= 18, width
        assert await axe_violations(page) == []


async def smallest_text(page: Page) -> float:
    """The smallest computed size, in px, of any visible text."""
    script = """() => Math.min(...[...document.body.querySelectorAll('*')]
        .filter((el) => el.checkVisibility() && !el.closest('svg, .visually-hidden, [aria-hidden=true]') &&
            [...el.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
        .map((el) => parseFloat(getComputedStyle(el).fontSize)))"""
    return float(await page.evaluate(script))
