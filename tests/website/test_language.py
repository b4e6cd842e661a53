"""Every visitor is answered in a language they read: chosen, kept, or asked for by the browser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.locales import Catalogue
from bridge.website import Site
from bridge.website.language import preferred

Serve = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite = Callable[..., Site]

KNOWN = ("en", "fr")
FRENCH = {"Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("FR-ca", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("en;q=0.4, fr;q=0.9", "fr"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("de, fr;q=0.1", "fr"),
        ("de, *", "en"),
        ("en;q=0, *", "en"),
        ("en;q=0, fr;q=0.2", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=2", "en"),
        ("fr;level=1", "en"),
        ("french", "en"),
    ],
)
def test_the_language_that_a_browser_likes_best(accepted: str, language: str) -> None:
    assert preferred(accepted, KNOWN, "en") == language


@given(st.text(alphabet="enfrde*-;=q0.123, \t", max_size=60))
def test_whatever_a_browser_says_it_gets_a_language(accepted: str) -> None:
    assert preferred(accepted, KNOWN, "fr") in KNOWN


async def test_a_page_speaks_the_language_that_the_browser_asks_for(
    make_site: MakeSite, serve: Serve
) -> None:
    async with serve(make_site()) as client:
        async with client.get("/nowhere", headers=FRENCH) as answer:
            html = await answer.text()
            assert '<html lang="fr">' in html
            assert "Page introuvable" in html
            assert answer.headers["Content-Language"] == "fr"
            assert answer.headers["Vary"] == "Accept-Language, Cookie"
            assert "Set-Cookie" not in answer.headers
        async with client.get("/nowhere", headers={"Accept-Language": "de"}) as answer:
            assert '<html lang="en">' in await answer.text()


async def test_an_error_for_a_program_is_in_its_language(make_site: MakeSite, serve: Serve) -> None:
    headers = FRENCH | {"Accept": "application/json"}
    async with serve(make_site()) as client, client.get("/nowhere", headers=headers) as answer:
        assert (await answer.json())["message"] == "Page introuvable"


async def test_a_choice_is_kept_and_goes_before_the_browser_s(make_site: MakeSite, serve: Serve) -> None:
    async with serve(make_site()) as client:
        async with client.get("/nowhere?lang=fr") as answer:
            assert "Page introuvable" in await answer.text()
            cookie = answer.headers["Set-Cookie"]
        assert cookie == "lang=fr; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"
        headers = {"Accept-Language": "en", "Cookie": "lang=fr"}
        async with client.get("/nowhere", headers=headers) as answer:
            assert "Page introuvable" in await answer.text()
        async with client.get("/nowhere?lang=xx", headers=headers) as answer:
            assert "Page introuvable" in await answer.text()
            assert "Set-Cookie" not in answer.headers


async def test_behind_tls_the_choice_travels_by_tls_only(make_site: MakeSite, serve: Serve) -> None:
    site = make_site(**{"public-url": "https://mc.example.org"})
    async with serve(site) as client, client.get("/nowhere?lang=fr") as answer:
        assert answer.headers["Set-Cookie"].endswith("; Secure")


@pytest.mark.parametrize("dest", ["iframe", "empty", "image"])
async def test_neither_frames_nor_scripts_choose_for_the_visitor(
    make_site: MakeSite, serve: Serve, dest: str
) -> None:
    headers = {"Sec-Fetch-Dest": dest}
    async with serve(make_site()) as client, client.get("/nowhere?lang=fr", headers=headers) as answer:
        assert "Page introuvable" in await answer.text()
        assert "Set-Cookie" not in answer.headers


async def test_the_switch_keeps_the_page_and_leads_to_no_other_site(
    make_site: MakeSite, serve: Serve
) -> None:
    async with serve(site := make_site()) as client:
        async with client.get("/no%20where?b=2&lang=en&a=%22") as answer:
            html = await answer.text()
        assert 'class="switch" href="/no%20where?b=2&amp;a=%22&amp;lang=fr" hreflang="fr"' in html
        assert '<link rel="alternate" hreflang="fr" href="/no%20where?b=2&amp;a=%22&amp;lang=fr">' in html
        async with client.get(f"{site.url}//evil.example/x") as answer:
            html = await answer.text()
        assert "//evil.example" not in html
        assert 'href="/evil.example/x?lang=fr"' in html


async def test_a_published_site_tells_its_full_addresses(make_site: MakeSite, serve: Serve) -> None:
    site = make_site(**{"public-url": "https://mc.example.org/"})
    async with serve(site) as client, client.get("/nowhere?x=1") as answer:
        html = await answer.text()
    assert '<meta property="og:url" content="https://mc.example.org/nowhere">' in html
    assert 'hreflang="en" href="https://mc.example.org/nowhere?x=1&amp;lang=en"' in html
    assert 'hreflang="x-default" href="https://mc.example.org/nowhere"' in html


async def test_own_sentences_count_in_the_community_s_language(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    own = Catalogue.load("en", {"site.error.not-found": "Lost in the woods"})
    site.speak(own, community="Stonebridge", time_zone="UTC")
    async with serve(site) as client:
        async with client.get("/nowhere") as answer:
            assert "Lost in the woods" in await answer.text()
        async with client.get("/nowhere", headers=FRENCH) as answer:
            assert "Page introuvable" in await answer.text()
