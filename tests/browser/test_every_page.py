"""What must be true of every page: accessible, readable on a phone, whole without scripts, quiet."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.async_api import Page, ViewportSize

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULES: Final = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# What depends on where things are, how large they are, and which of them are shown.
LAYOUT: Final = [
    "button-name",
    "heading-order",
    "landmark-one-main",
    "landmark-unique",
    "link-name",
    "region",
    "scrollable-region-focusable",
    "skip-link",
    "target-size",
]
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that finds what keeps people from using a page."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page, **options: object) -> list[str]:
    """Return what axe-core finds, a line for each place; its script is on the page already."""
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", {**RULES, **options})
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


async def test_everybody_can_use_a_page_by_day_by_night_and_on_a_phone(
    anywhere: str, look: Visit, whose: Callable[[str], str], axe: str
) -> None:
    page = await look(anywhere, whose(anywhere))
    await page.evaluate(axe)
    by_day = await violations(page)
    await page.emulate_media(color_scheme="dark")
    by_night = await violations(page, runOnly=["color-contrast"])  # nothing else has changed
    await page.set_viewport_size(PHONE)
    on_a_phone = await violations(page, runOnly=LAYOUT)
    assert (by_day, by_night, on_a_phone) == ([], [], [])
    wide, room = await page.evaluate(
        "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room, "it scrolls sideways"


async def test_a_page_is_whole_without_scripts(
    anywhere: str, look: Visit, whose: Callable[[str], str]
) -> None:
    page = await look(anywhere, whose(anywhere), scripts=False)
    assert await page.get_by_role("main").inner_text()
    assert await page.get_by_role("heading", level=1).count() == 1
    hidden = page.locator("main button:visible:not([type=submit])")
    assert await hidden.count() == 0, "a button that would do nothing"
