"""The ways in, as people take them: Discord's page, the owner's link, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import SignIn, Stage, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

OF_MODERATORS: Final = {"/staff", "/staff/console", "/staff/players"}


async def desk(page: Page) -> set[str]:
    """Return where the navigation for staff leads."""
    links = await page.get_by_role("navigation", name="Pages for staff").get_by_role("link").all()
    return {str(await link.get_attribute("href")) for link in links}


async def test_a_moderator_comes_in_and_finds_what_moderators_may_see(
    visit: Visit, stage: Stage, sign_in: SignIn
) -> None:
    page = await visit("/")
    await sign_in(page, stage.members["moderator"].name, then="/staff")
    await expect(page).to_have_url(f"{stage.url}/staff")
    assert await desk(page) == OF_MODERATORS
    refused = await page.goto("/staff/settings")
    assert refused is not None
    assert refused.status == 403


async def test_an_admin_finds_every_page(
    visit: Visit, stage: Stage, sign_in: SignIn, staff_pages: frozenset[str]
) -> None:
    page = await visit("/")
    await sign_in(page, stage.members["admin"].name, then="/staff")
    assert await desk(page) == staff_pages
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies(stage.url)}
    assert all(cookie["httpOnly"] for name, cookie in cookies.items() if name != "lang")


async def test_a_player_is_told_that_no_role_opens_anything(
    visit: Visit, stage: Stage, sign_in: SignIn
) -> None:
    page = await visit("/")
    await sign_in(page, stage.members["player"].name)
    await page.goto("/sign-in")
    await expect(page.get_by_role("main")).to_contain_text(
        "None of your roles on Discord opens pages for staff"
    )
    await expect(page.get_by_role("banner").get_by_role("link", name="Staff")).to_have_count(0)
    refused = await page.goto("/staff")
    assert refused is not None
    assert refused.status == 403


async def test_who_cancels_on_discords_page_is_told_that_nothing_happened(visit: Visit) -> None:
    page = await visit("/sign-in")
    await page.get_by_role("button", name="Sign in with Discord").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was passed on")
    await page.get_by_role("link", name="Begin again").click()
    await expect(page.get_by_role("button", name="Sign in with Discord")).to_be_visible()


async def test_whoever_signs_out_is_a_visitor_again(visit: Visit, stage: Stage, sign_in: SignIn) -> None:
    page = await visit("/")
    await sign_in(page, stage.members["moderator"].name, then="/staff")
    await page.get_by_role("button", name="Sign out").click()
    refused = await page.goto("/staff")
    assert refused is not None
    assert refused.status == 401
    await page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign in with Discord")).to_be_visible()


async def test_the_owners_link_opens_once_with_scripts_or_without(
    visit: Visit, stage: Stage, staff_pages: frozenset[str]
) -> None:
    link = await stage.call("login-link", str(stage.config))
    page = await visit(link, java_script_enabled=False)
    await page.get_by_role("button", name="Sign in as the owner").click()
    await page.goto("/staff")
    assert await desk(page) == staff_pages
    late = await visit(link)
    await late.get_by_role("button", name="Sign in as the owner").click()
    await expect(late.get_by_role("heading", level=1)).to_have_text("This link is over")
