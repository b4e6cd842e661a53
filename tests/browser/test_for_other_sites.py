"""What other sites and programs show of ours, in a browser: pictures, the card in a frame, feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import pytest
from aiohttp import web
from playwright.async_api import expect

from tests.browser.conftest import Watched

if TYPE_CHECKING:
    from playwright.async_api import APIResponse, Page, Response

    from tests.browser.conftest import Stage, Visit, Visitors

BADGES: Final = ("/badge/survival.svg", "/badge/creative.svg")
PICTURES: Final = (*BADGES, "/servers/survival/icon.png", "/card.png")
CARDS: Final = ("/embed/survival", "/embed/rooms/main")
HOME: Final = "/"

pytestmark = pytest.mark.asyncio(loop_scope="session")


def type_of(answer: Response | APIResponse) -> str:
    """Return the type that an answer says it is of."""
    return answer.headers["content-type"].partition(";")[0]


async def drawn(page: Page, selector: str) -> tuple[int, int]:
    """Return how large a picture is that a page shows; nothing at all where it could not be loaded."""
    picture = page.locator(selector)
    await picture.evaluate("image => image.decode().catch(() => {})")
    width, height = await picture.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    return width, height


@pytest.mark.parametrize("path", BADGES)
async def test_a_browser_opens_a_badge(look: Visit, path: str) -> None:
    page = await look("/")
    answer = await page.goto(path)
    assert answer is not None
    assert (answer.status, type_of(answer)) == (HTTPStatus.OK, "image/svg+xml")
    assert await page.evaluate("document.documentElement.localName") == "svg"
    assert min(await page.evaluate("[innerWidth, document.documentElement.getBBox().width]")) > 50


@pytest.mark.parametrize("path", ["/feeds/news.atom", "/feeds/servers/survival.atom"])
async def test_a_browser_opens_a_feed_as_text(look: Visit, path: str) -> None:
    """Without a reader of feeds, it shows what it got; it neither runs nor saves it."""
    page = await look("/")
    answer = await page.goto(path)
    assert answer is not None
    assert (answer.status, type_of(answer)) == (HTTPStatus.OK, "application/atom+xml")
    assert (await page.locator("body").inner_text()).startswith("<?xml")


async def test_the_icon_and_the_feeds_that_a_page_names_are_there(look: Visit) -> None:
    page = await look("/")
    named = await page.eval_on_selector_all(
        "link[rel=icon], link[rel=alternate][type]", "all => all.map(each => [each.href, each.type])"
    )
    assert {type_ for _, type_ in named} == {"image/svg+xml", "application/atom+xml"}
    for address, type_ in named:
        answer = await page.request.get(address)
        assert type_of(answer) == type_, address
        assert answer.ok, address


@asynccontextmanager
async def neighbour(stage: Stage) -> AsyncIterator[None]:
    """Run the community's other site, which shows what it can of ours, in pictures and frames."""
    pictures = "".join(f"<img src='{stage.url}{path}' alt='{path}'>" for path in PICTURES)
    frames = "".join(f"<iframe src='{stage.url}{path}' title='{path}'></iframe>" for path in (*CARDS, HOME))
    head = "<!doctype html><title>Our community</title><link rel=icon href='data:,'>"

    async def page(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=head + pictures + frames, content_type="text/html")

    runner = web.ServerRunner(web.Server(page), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(stage.neighbour.rpartition(":")[2])).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def test_another_site_shows_our_pictures_and_cards_and_no_other_page(
    visitors: Visitors, stage: Stage
) -> None:
    async with neighbour(stage):
        window = await visitors.window(base_url=stage.neighbour)
        watched = Watched(stage.url)
        watched.watch(page := await window.new_page())
        await page.goto("/")
        sizes = [await drawn(page, f"img[alt='{path}']") for path in PICTURES]
        assert sizes[-2:] == [(64, 64), (1200, 630)]
        assert [size for size in sizes if min(size) < 16] == []
        for path in CARDS:
            frame = page.frame_locator(f"iframe[title='{path}']")
            await expect(frame.get_by_role("heading").first).to_be_visible()
        refused = page.frame_locator(f"iframe[title='{HOME}']")
        await expect(refused.get_by_role("heading")).to_have_count(0)
        await window.close()
    (told,) = watched.troubles
    assert "frame-ancestors 'none'" in told
