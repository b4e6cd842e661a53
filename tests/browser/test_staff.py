"""The desk of staff, used: its navigation, the live console, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Stage, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
async def test_the_navigation_leads_to_every_page(
    look: Visit, staff_pages: frozenset[str], *, scripts: bool
) -> None:
    page = await look("/staff", "admin", scripts=scripts)
    links = page.get_by_role("navigation", name="Pages for staff").get_by_role("link")
    reached: set[str] = set()
    for number in range(await links.count()):
        title = (await links.nth(number).inner_text()).strip()
        await links.nth(number).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await expect(links.nth(number)).to_have_attribute("aria-current", "page")
        reached.add(await page.evaluate("location.pathname"))
    assert reached == staff_pages, "the list of pages in conftest.py tells others"


async def test_the_console_shows_what_happens_as_it_happens(look: Visit, stage: Stage) -> None:
    page = await look("/staff/console", "admin")
    await expect(page.locator("#live")).to_have_text("Live")
    stage.game.chat("Chloe", "is anybody watching?")
    row = page.get_by_role("row").filter(has_text="is anybody watching?")
    await expect(row).to_contain_text("chat.said")
    await expect(row).to_contain_text("Chloe")
    await page.locator(".desk-main").get_by_role("link", name="Players", exact=True).click()
    await expect(page.get_by_role("row").filter(has_text="chat.said")).to_have_count(0)


async def test_a_token_works_until_it_is_revoked_and_both_are_noted(look: Visit, stage: Stage) -> None:
    page = await look("/staff/tokens", "admin")
    await page.get_by_label("For what").fill("Map of the world")
    await page.get_by_role("checkbox", name="records.read").check()
    await page.get_by_role("button", name="Make a token").click()
    secret = await page.locator("#secret").inner_text()
    headers = {"Authorization": f"Bearer {secret}"}
    async with aiohttp.ClientSession(stage.url, headers=headers) as program:
        async with program.get("/api/v1/records") as answer:
            assert answer.status == 200
        await page.get_by_role("button", name="Revoke the token for Map of the world").click()
        await expect(page.get_by_role("row").filter(has_text="Map of the world")).to_contain_text("Revoked")
        async with program.get("/api/v1/records") as answer:
            assert answer.status == 401
    await page.goto("/staff/audit")
    for action in ("tokens.created", "tokens.revoked"):
        row = page.get_by_role("row").filter(has_text=action).filter(has_text="Map of the world")
        await expect(row).to_contain_text(stage.members["admin"].name)


async def test_the_settings_hide_every_secret(look: Visit, stage: Stage) -> None:
    page = await look("/staff/settings", "admin")
    shown = await page.content()
    for secret in stage.secrets:
        assert secret not in shown
