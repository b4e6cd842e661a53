"""Getting around: by links, by keyboard, in both languages, by day and by night."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Stage, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What a person sees of the element that has the focus: an outline or a shadow, within the window.
SEES_FOCUS: Final = """() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  const box = focused.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return focused !== document.body && (outlined || style.boxShadow !== 'none')
    && box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
}"""


async def test_from_the_first_page_to_a_server_a_player_and_a_room(look: Visit, stage: Stage) -> None:
    page = await look("/")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("1")  # of two servers, one is down
    await page.get_by_role("main").get_by_role("link", name="Survival").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Survival")
    await expect(page.get_by_text("<b>Come in</b>")).to_be_visible()  # the greeting's own words, no markup
    await page.get_by_role("link", name="Alix").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Alix")
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="News").click()
    await expect(page).to_have_url(f"{stage.url}/rooms/news")


async def test_a_page_that_is_looked_at_again_is_current_at_once(look: Visit, stage: Stage) -> None:
    page = await look("/")
    dora = page.get_by_role("link", name="Dora")
    stage.game.join("Dora")
    async with asyncio.timeout(10):
        while not await dora.count():  # until the bridge has read the log
            await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            await page.wait_for_timeout(200)
    stage.game.leave("Dora")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
async def test_the_language_is_the_visitors_until_they_choose(visit: Visit, *, scripts: bool) -> None:
    page = await visit("/rooms/main", locale="fr-FR", java_script_enabled=scripts)
    html = page.locator("html")
    await expect(html).to_have_attribute("lang", "fr")
    await page.get_by_role("banner").get_by_role("link", name="English").click()
    await expect(html).to_have_attribute("lang", "en")
    await page.goto("/")
    await expect(html).to_have_attribute("lang", "en")
    await page.get_by_role("banner").get_by_role("link", name="Français").click()
    await expect(html).to_have_attribute("lang", "fr")


async def test_the_pages_follow_the_visitors_day_and_night(look: Visit) -> None:
    page = await look("/")
    assert await brightness(page) > 200
    await page.emulate_media(color_scheme="dark")
    assert await brightness(page) < 60


async def brightness(page: Page) -> float:
    """Return how bright the page's ground is, from 0 to 255."""
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    parts = [float(part) for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    return sum(parts) / 3


async def test_the_first_key_offers_the_way_past_the_navigation(look: Visit) -> None:
    page = await look("/")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Go to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/rooms/main", "/sign-in", "/api/docs"])
async def test_the_focus_is_seen_wherever_the_keyboard_leads(look: Visit, path: str) -> None:
    await walk(await look(path))


@pytest.mark.parametrize("path", ["/staff", "/staff/tokens"])
async def test_the_focus_is_seen_on_the_desk_of_staff(look: Visit, path: str) -> None:
    await walk(await look(path, "admin"))


async def walk(page: Page) -> None:
    """Press Tab from one place to the next."""
    for _ in range(16):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement === document.body"):
            return  # once around
        assert await page.evaluate(SEES_FOCUS), await page.evaluate("document.activeElement.outerHTML")
