"""Every page as people meet it: on a small phone, on a phone and on a desk; for the eye, the keyboard and the thumb."""

import asyncio
import re
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from server.web.sessions import SESSION_COOKIE
from tests.journeys.conftest import City
from tests.journeys.screens import Screen, screens
from tests.support.accessibility import (
    LEAST_TARGET,
    axe_violations,
    sideways_overflow,
    small_targets,
    spilling_cells,
    unfocusable_controls,
)
from tests.support.browser import DESK, PHONE, SMALL_PHONE, visit

AT_ONCE = 3
# Which screens, so that no test takes minutes: of the desk or not, the first of them, and every how-manieth.
SHARES = {
    **{f"storefront-{first}": (False, first, 2) for first in range(2)},
    **{f"desk-{first}": (True, first, 4) for first in range(4)},
}
LEAST_ELDER_TARGET, LEAST_ELDER_TEXT = 60, 18
# Names as programs have them: words joined by dots or underlines, as no sentence has them.
CODE = re.compile(r"(?<![\w.@/-])[a-z]+(?:[._][a-z]+)+(?![\w/])")
MOST_STOPS = 60
STOPS_IN_A_DATE = 5
# Tab goes on from where the last focus was, even when that element has gone.
FROM_THE_TOP = """() => { const first = document.createElement('span'); first.tabIndex = -1;
  document.body.prepend(first); first.focus(); first.remove(); }"""


@dataclass
class Look:
    """What is wrong with one screen."""

    screen: Screen
    wrong: list[str] = field(default_factory=list)

    def note(self, where: str, findings: list[str]) -> None:
        self.wrong += [f"{self.screen.path} ({self.screen.login or 'nobody'}) {where}: {each}" for each in findings]


@pytest.mark.parametrize("share", SHARES)
async def test_every_page_is_good_for_everyone_when_opened_by_whom_it_is_for(
    city: City, browser: Browser, share: str, storage: str, is_full_size: bool
):
    is_desk, first, step = SHARES[share]
    gate = asyncio.Semaphore(AT_ONCE)
    # What a page looks like is no matter of the storage: on the second one, that it is drawn at all is what is new.
    is_close = storage == "sqlite" or is_full_size

    async def one(screen: Screen) -> list[str]:
        async with gate:
            return await look_at(city, browser, screen, is_close=is_close)

    wanted = [screen for screen in screens(city.world) if screen.path.startswith("/admin") == is_desk]
    wrong = [fault for faults in await asyncio.gather(*map(one, wanted[first::step])) for fault in faults]
    assert not wrong, "\n" + "\n".join(wrong)


async def look_at(city: City, browser: Browser, screen: Screen, *, is_close: bool) -> list[str]:
    """Open one screen in a context of its own and say what is wrong."""
    look = Look(screen)
    async with visit(browser, city.product.base_url, PHONE) as visitor:
        if screen.login:
            token = city.world.tokens[screen.login]
            await visitor.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": visitor.base_url}])
        page = await visitor.context.new_page()
        page.on("console", lambda message: look.note("console", console_fault(message.type, message.text)))
        page.on("pageerror", lambda error: look.note("script", [str(error)]))
        answer = await page.goto(visitor.base_url + screen.path)
        assert answer is not None
        if answer.status != screen.status:
            look.note("status", [str(answer.status)])
        else:
            look.note("frame", await frame_faults(page))
            await look_at_width(look, page, PHONE, LEAST_TARGET)
            if is_close:
                await look_closely(look, page)
        look.note("asks elsewhere", visitor.escaped)
    return look.wrong


async def look_closely(look: Look, page: Page) -> None:
    """Plain at the other widths, then dark, then large: one load, for the looks are attributes of the document."""
    look.note("axe", await axe_violations(page))
    look.note("keyboard", await keyboard_faults(page))
    for size in (DESK, SMALL_PHONE):
        await look_at_width(look, page, size, LEAST_TARGET)
    await page.set_viewport_size(PHONE)
    await change_look(page, theme="dark")
    look.note("dark axe", await axe_violations(page, "color-contrast"))
    await change_look(page, elder="1", textSize="1")
    look.note("elder text", await small_texts(page))
    for size in (PHONE, SMALL_PHONE):
        await look_at_width(look, page, size, LEAST_ELDER_TARGET)


async def change_look(page: Page, **look: str) -> None:
    """Set the attributes that the preferences set, and let every colour and size arrive at once."""
    await page.evaluate(
        "(look) => { Object.assign(document.documentElement.dataset, look); document.body.offsetHeight;"
        " document.getAnimations().filter((each) => each instanceof CSSTransition).forEach((each) => each.finish()); }",
        look,
    )


async def look_at_width(look: Look, page: Page, size: ViewportSize, least: int) -> None:
    """Nothing sticks out at the side or lies over its neighbour, and a thumb hits every control."""
    await page.set_viewport_size(size)
    where = f"{size['width']} px, controls of {least} px"
    if overflow := await sideways_overflow(page):
        look.note(where, [f"{overflow} px wider than the window"])
    look.note(where, await spilling_cells(page))
    look.note(where, await small_targets(page, least))


def console_fault(kind: str, text: str) -> list[str]:
    """An error of the console, which tells of CSP too; that a refusal is a refusal is none."""
    is_fault = kind == "error" and "the server responded with a status of" not in text
    return [text] if is_fault else []


async def frame_faults(page: Page) -> list[str]:
    """One h1, a title of its own, a language; no code among the words."""
    faults = []
    headings = await page.locator("h1").count()
    if headings != 1:
        faults.append(f"{headings} h1")
    title = await page.title()
    if not title or title == "公物仓":
        faults.append(f"title {title!r}")
    if await page.evaluate("document.documentElement.lang") != "zh-CN":
        faults.append("lang")
    return faults + await codes_shown(page)


async def codes_shown(page: Page) -> list[str]:
    """English codes among the words of a page; not the ones for support, nor what people typed."""
    words = await page.evaluate(
        "() => { const copy = document.querySelector('main').cloneNode(true);"
        " copy.querySelectorAll('.copyable, textarea, input, script').forEach((each) => each.remove());"
        " return copy.textContent; }"
    )
    if "/styleguide" in page.url:
        return []
    return [f"code {found!r}" for found in sorted(set(CODE.findall(words)))]


async def keyboard_faults(page: Page) -> list[str]:
    """Tab goes through every control in the order of the page, and each shows that it has the focus."""
    unfocusable = await unfocusable_controls(page)
    await page.evaluate(FROM_THE_TOP)
    expected = await page.evaluate(STOPS)
    faults = []
    for number in range(min(expected, MOST_STOPS)):
        if found := await fault_of_stop(page, number):
            faults.append(found)
            break
    return unfocusable + faults


# The controls in document order; of a group of radio buttons the keyboard stops at one.
STOPS = """() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((each) => !each.disabled && each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }));
  window.__stops = all.filter((each) => each.type !== 'radio' || each.checked
    || (!all.some((other) => other.type === 'radio' && other.name === each.name && other.checked)
        && all.find((other) => other.type === 'radio' && other.name === each.name) === each));
  return window.__stops.length;
}"""  # noqa: E501
ON_STOP = """(number) => {
  const here = document.activeElement, wanted = window.__stops[number];
  if (here === window.__last && here.type === 'date') return null;
  window.__last = here;
  const say = (each) => each ? each.outerHTML.slice(0, 120) : 'nothing';
  const isOfOneGroup = wanted && here.type === 'radio' && wanted.type === 'radio' && here.name === wanted.name;
  if (here !== wanted && !isOfOneGroup) return `stop ${number} is ${say(here)} instead of ${say(wanted)}`;
  const drawn = (style) =>
    (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  const shown = (each) => drawn(getComputedStyle(each)) || drawn(getComputedStyle(each, '::after'));
  return shown(here) || (here.parentElement && here.parentElement.matches(':focus-within') && shown(here.parentElement))
    ? '' : `no focus to be seen on ${say(here)}`;
}"""


async def fault_of_stop(page: Page, number: int) -> str:
    """Press Tab until another control has the focus, and say what is wrong with that: a date has stops of its own for
    year, month, day and picker."""
    found: str | None = None
    for _ in range(STOPS_IN_A_DATE):
        await page.keyboard.press("Tab")
        found = await page.evaluate(ON_STOP, number)
        if found is not None:
            break
    return found if found is not None else f"stop {number} is never left"


async def small_texts(page: Page) -> list[str]:
    """Texts under 18 px, as they are drawn."""
    return [
        str(found)
        for found in await page.evaluate(
            """(least) => { const found = [];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) { const each = walker.currentNode.parentElement;
              const isDrawn = !each.closest('script, style, noscript, svg, .visually-hidden');
              if (!isDrawn || !walker.currentNode.data.trim()) continue;
              if (!each.checkVisibility({ visibilityProperty: true })) continue;
              const size = parseFloat(getComputedStyle(each).fontSize);
              if (size < least) found.push(`${size} px: ${walker.currentNode.data.trim().slice(0, 40)}`); }
            return found; }""",
            LEAST_ELDER_TEXT,
        )
    ]
