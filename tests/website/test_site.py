"""Static files, caching, and starting and stopping."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp
import pytest

import bridge.features
import bridge.website
from bridge.locales import Catalogue
from bridge.website import Request, Site, StreamResponse

Serve = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite = Callable[..., Site]

WEBSITE = Path(bridge.website.__file__).parent
STATIC = sorted((WEBSITE / "static").iterdir())
TEMPLATES = sorted([*WEBSITE.rglob("*.html"), *Path(bridge.features.__file__).parent.rglob("*.html")])


async def test_a_page_names_its_files_by_content_and_they_may_be_kept_for_ever(
    make_site: MakeSite, serve: Serve
) -> None:
    async with serve(make_site()) as client:
        async with client.get("/nowhere") as page:
            addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', await page.text())
        assert len(addresses) >= 3
        for address in addresses:
            async with client.get(address) as answer:
                assert answer.status == 200
                assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
async def test_a_file_asked_for_by_name_only_is_asked_for_again(
    make_site: MakeSite, serve: Serve, path: Path
) -> None:
    types = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    async with serve(make_site()) as client:
        async with client.get(f"/static/{path.name}") as answer:
            assert await answer.read() == await asyncio.to_thread(path.read_bytes)
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.content_type == types[path.suffix]
            tag = answer.headers["ETag"]
        async with client.get(f"/static/{path.name}", headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with client.get(f"/static/{path.name}?old") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"


async def test_a_page_that_has_not_changed_is_not_sent_again(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    text = ["one"]

    async def page(request: Request) -> StreamResponse:
        return site.render("error.html", request=request, code=200, name="slow", extra=text[0])

    site.add_get("/page", page)
    async with serve(site) as client:
        async with client.get("/page") as answer:
            tag = answer.headers["ETag"]
            assert tag.startswith('W/"')
        async with client.get("/page", headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
            assert "Content-Security-Policy" in answer.headers
        site.show_rooms([("main", "Lounge")])
        async with client.get("/page", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200
            assert "Lounge" in await answer.text()


async def test_words_can_change_while_the_site_runs(make_site: MakeSite, serve: Serve) -> None:
    site = make_site()
    async with serve(site) as client:
        site.speak(Catalogue.load("fr"), community="Pont-de-Pierre", time_zone="Europe/Paris")
        async with client.get("/nowhere") as answer:
            html = await answer.text()
    assert "Page introuvable" in html
    assert "Pont-de-Pierre" in html
    assert "Europe/Paris" in html


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    """No styles or scripts inside the page, nothing from elsewhere, nothing taken as safe unseen."""
    source = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|javascript:|\|\s*safe\b|https?://", source) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", source) if " src=" not in tag] == []


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_no_file_asks_anybody_else(path: Path) -> None:
    source = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?:|//[a-z]+\.|@import|url\(", source) == []


async def test_a_port_in_use_is_an_error_and_the_site_can_be_run_again(
    make_site: MakeSite, serve: Serve
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        site = make_site(port=port)
        with pytest.raises(OSError, match="in use"):
            await site.run()
    for _ in range(2):
        async with serve(site) as client, client.get("/healthz") as answer:
            assert answer.status == 200
