"""What a page must be for everyone: axe-core's findings, and what axe does not look for."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LEAST_TARGET = 44  # CSS pixels; 60 in elder mode
CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex='0']"


async def axe_violations(page: Page, *rules: str) -> list[str]:
    """Axe's violations as `rule: help (selector)`, one for each element at fault. `rules`: only these."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    report: dict[str, Any] = await page.evaluate(
        "(rules) => axe.run(document, { resultTypes: ['violations'], ...(rules.length ? { runOnly: rules } : {}) })",
        list(rules),
    )
    return [
        f"{violation['id']}: {violation['help']} ({' '.join(map(str, node['target']))})"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


async def sideways_overflow(page: Page) -> int:
    """By how many CSS pixels the page is wider than the window."""
    return int(await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def spilling_cells(page: Page) -> list[str]:
    """Cells of tables whose content is wider than they are, so that it lies over the next one's."""
    return [
        str(finding)
        for finding in await page.evaluate(
            """() => [...document.querySelectorAll('th, td')]
            .filter((cell) => cell.checkVisibility({ visibilityProperty: true }))
            .map((cell) => [cell, cell.scrollWidth - cell.clientWidth])
            .filter(([, spilt]) => spilt > 1)
            .map(([cell, spilt]) => `${spilt} px beyond its cell: ${cell.outerHTML.slice(0, 160)}`)"""
        )
    ]


async def small_targets(page: Page, least: int = LEAST_TARGET) -> list[str]:
    """Visible controls smaller than `least` × `least`. A link inside a sentence is exempt (WCAG 2.5.8, inline)."""
    return await findings(
        page,
        """
        const box = target.getBoundingClientRect();
        const label = target.labels && target.labels[0] && target.labels[0].getBoundingClientRect();
        const width = Math.max(box.width, label ? label.width : 0);
        const height = Math.max(box.height, label ? label.height : 0);
        const isInline = target.tagName === 'A' && getComputedStyle(target).display === 'inline' &&
            target.closest('p, li, dd, td, small') !== null;
        return !isInline && (width < limit || height < limit) ? `${Math.round(width)}×${Math.round(height)}` : '';
        """,
        least,
    )


async def unfocusable_controls(page: Page) -> list[str]:
    """Visible, enabled controls that the keyboard cannot reach."""
    return await findings(
        page,
        """
        if (target.disabled) return '';
        const before = document.activeElement;
        target.focus({ preventScroll: true });
        const took = document.activeElement === target && target.tabIndex >= 0;
        if (before && before.focus) before.focus({ preventScroll: true });
        return took ? '' : 'takes no focus';
        """,
        0,
    )


async def findings(page: Page, body: str, limit: int) -> list[str]:
    """Run `body` over every visible control; it returns what is wrong with `target`, or an empty string."""
    script = (
        """([selector, limit]) => [...document.querySelectorAll(selector)]
        .filter((target) => target.checkVisibility({ visibilityProperty: true }))
        .map((target) => [target, ((target) => {"""
        + body
        + """})(target)])
        .filter(([, fault]) => fault)
        .map(([target, fault]) => `${fault}: ${target.outerHTML.slice(0, 160)}`)"""
    )
    return [str(finding) for finding in await page.evaluate(script, [CONTROLS, limit])]
