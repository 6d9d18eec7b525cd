"""Somebody at a phone or a desk, who sees nothing but pages."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

from playwright.async_api import Browser, Page, ViewportSize

from server.demo.cast import PASSWORD
from server.identity.totp import code_at, step_of
from server.kernel.instants import shanghai_day
from tests.support.accessibility import axe_violations, sideways_overflow, small_targets, spilling_cells
from tests.support.browser import PHONE, Visitor, visit


def today(days: int = 0) -> date:
    """The day in Shanghai, `days` from now."""
    return shanghai_day(datetime.now(UTC)) + timedelta(days=days)


class Person:
    """One browser of one person. `page` is what they see."""

    def __init__(self, visitor: Visitor, page: Page) -> None:
        self._visitor = visitor
        self.page = page

    async def go(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(self._visitor.base_url + path)

    async def press(self, name: str) -> None:
        """Press the button, and stay until what it leads to has come."""
        await self.page.get_by_role("button", name=name, exact=True).click()
        await self.page.wait_for_load_state()

    async def follow(self, name: str) -> None:
        """Follow the first link in the page's own part that is called `name`, or begins so."""
        link = self.page.locator("main").get_by_role("link", name=re.compile(f"^{re.escape(name)}"))
        await link.first.click()
        await self.page.wait_for_load_state()

    async def words(self) -> str:
        """What the page says, spaces as one."""
        return re.sub(r"\s+", " ", await self.page.locator("main").inner_text())

    async def log_in(self, login: str) -> None:
        """By password; whoever has to set up a second factor does so now."""
        await self.go("/login")
        await self.page.get_by_label("登录名").fill(login)
        await self.page.get_by_label("口令", exact=True).fill(PASSWORD)
        await self.press("登录")
        if "/login/totp-setup" in self.page.url:
            await self._set_up_codes()

    async def _set_up_codes(self) -> None:
        await self.press("开始设置")
        secret = (await self.page.locator("main .copyable").inner_text()).replace(" ", "")
        await self.page.get_by_label("验证器上的 6 位数字").fill(code_at(secret, step_of(datetime.now(UTC))))
        await self.press("确认")

    async def faults(self) -> list[str]:
        """What is wrong with the page at the size of a phone, for the eye and the thumb."""
        page, size = self.page, self.page.viewport_size or PHONE
        await page.set_viewport_size(PHONE)
        overflow = await sideways_overflow(page)
        found = [f"{overflow} px wider than the window"] if overflow else []
        found += [*await spilling_cells(page), *await small_targets(page), *await axe_violations(page)]
        await page.set_viewport_size(size)
        return found

    async def paper(self, path: str) -> bytes:
        """A paper that a link of the present page leads to, as it is downloaded. Raises AssertionError without one."""
        assert await self.page.locator(f'a[href="{path}"]').count() == 1, f"no link to {path}"
        answer = await self.page.request.get(self._visitor.base_url + path)
        assert answer.ok, answer.status
        return await answer.body()


@asynccontextmanager
async def somebody(
    browser: Browser, base_url: str, login: str, *, size: ViewportSize = PHONE, has_script: bool = True
) -> AsyncIterator[Person]:
    """`login` with a phone of their own, or a desk, logged in. At the end nothing may have been asked elsewhere or gone
    wrong."""
    async with visit(browser, base_url, size, java_script_enabled=has_script) as visitor:
        person = Person(visitor, await visitor.open("/login"))
        await person.log_in(login)
        yield person
        assert visitor.escaped == []
        assert visitor.page_errors == []
