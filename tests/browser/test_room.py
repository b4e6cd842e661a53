"""A conversation as visitors see it: live, and without scripts too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Stage, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_said_in_the_game_and_on_discord_appears(look: Visit, stage: Stage) -> None:
    page = await look("/rooms/main")
    await expect(page.get_by_role("status")).to_have_text("Live")
    stage.game.chat("Boris", "a line from the game")
    await stage.say_in_discord("a line from *Discord*")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("a line from the game")
    await expect(log.locator("em", has_text="Discord")).to_have_count(1)


async def test_a_visitors_line_reaches_the_page_without_a_reload_and_the_game(
    visit: Visit, stage: Stage
) -> None:
    page = await visit("/rooms/main")
    await expect(page.get_by_role("status")).to_have_text("Live")
    await page.evaluate("document.body.dataset.mark = 'the same page'")
    await page.get_by_label("Your name").fill("Passer-by")
    await page.get_by_label("Your message").fill("good evening from the website")
    await page.get_by_label("Your message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("good evening from the website")
    await expect(page.get_by_label("Your message")).to_have_value("")
    await expect(page.get_by_label("Your message")).to_be_focused()
    assert await page.evaluate("document.body.dataset.mark") == "the same page"
    await stage.game.received_where(lambda shown: "good evening from the website" in shown.plain)


async def test_a_visitors_line_is_sent_without_scripts(visit: Visit, stage: Stage) -> None:
    page = await visit("/rooms/main", java_script_enabled=False)
    await page.get_by_label("Your name").fill("Quiet one")
    await page.get_by_label("Your message").fill("no script was needed")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("log")).to_contain_text("no script was needed")
    await expect(page.get_by_label("Your name")).to_have_value("Quiet one")
    await stage.game.received_where(lambda shown: "no script was needed" in shown.plain)


async def test_a_line_that_is_refused_says_why_in_place(visit: Visit) -> None:
    page = await visit("/rooms/main", java_script_enabled=False)
    await page.get_by_label("Your name").fill("Alix")
    await page.get_by_label("Your message").fill("it is really me")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_have_value("it is really me")


async def test_a_room_to_read_has_no_form(look: Visit) -> None:
    page = await look("/rooms/news")
    await expect(page.get_by_label("Your message")).to_have_count(0)
    await expect(page.get_by_role("log")).to_contain_text("Chloe supports us")
    await expect(page.get_by_role("log").get_by_role("link", name="https://example.org/shop")).to_be_visible()


async def test_a_spoiler_opens_by_keyboard(look: Visit) -> None:
    page = await look("/rooms/main")
    spoiler = page.get_by_role("log").locator(".spoiler")
    await expect(spoiler).to_have_attribute("aria-expanded", "false")
    await spoiler.press("Enter")
    await expect(spoiler).to_have_attribute("aria-expanded", "true")
