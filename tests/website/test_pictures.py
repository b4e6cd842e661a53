"""Our own pictures are whole, small, and of the size that others expect."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp

from bridge.minecraft.icon import checked_png
from bridge.website import Site
from bridge.website.pictures import CARD, card, default_icon

Serve = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite = Callable[..., Site]


def test_the_default_icon_is_one_that_we_would_take() -> None:
    assert checked_png(default_icon()) == default_icon()


def test_the_card_has_the_size_that_others_show() -> None:
    assert struct.unpack_from(">II", card(), 16) == CARD
    assert len(card()) < 10_000


async def test_every_other_site_may_show_the_card(make_site: MakeSite, serve: Serve) -> None:
    async with serve(make_site()) as client, client.get("/card.png") as answer:
        assert await answer.read() == card()
        assert answer.content_type == "image/png"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_a_published_page_names_the_card(make_site: MakeSite, serve: Serve) -> None:
    site = make_site(**{"public-url": "https://mc.example.org"})
    async with serve(site) as client, client.get("/nowhere") as answer:
        html = await answer.text()
    assert '<meta property="og:image" content="https://mc.example.org/card.png">' in html
    assert '<meta name="twitter:card" content="summary_large_image">' in html
