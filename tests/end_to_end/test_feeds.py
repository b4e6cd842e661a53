"""A new entry on the community's blog is read on Discord and in the game, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import text

from bridge.features.feeds import Feeds
from tests.end_to_end.conftest import until

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Running, Town


def _document(*entries: str) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{entry}</guid><title>{entry}</title>"
        f"<link>https://blog.example.org/{entry}</link></item>"
        for entry in entries
    )
    return f"<rss version='2.0'><channel><title>Blog</title>{items}</channel></rss>".encode()


async def _looked(bridge: Running, since: datetime) -> None:
    """Wait for a look after a time, and let the next start look again."""
    (feeds,) = [feature for feature in bridge.house.features if isinstance(feature, Feeds)]
    await until(lambda: (feeds.states()[0].looked_at or since) > since)
    async with bridge.house.parts.store.transaction() as tx:
        await tx.execute(text("UPDATE feeds SET next_at_ms = 0"))


async def test_a_new_entry_is_read_everywhere_once(town: Town) -> None:
    held = ["old"]

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=_document(*held), content_type="application/rss+xml")

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed"
    blog = {"url": url, "channel": "main", "servers": ["survival"], "allow-private": True}
    told = "New on **Blog**: [fresh](https://blog.example.org/fresh)"
    since = datetime.now(UTC)
    async with town.bridge(feeds={"blog": blog}) as bridge:
        await _looked(bridge, since)
    held.insert(0, "fresh")
    since = datetime.now(UTC)
    async with town.bridge(feeds={"blog": blog}) as bridge:
        await town.post(told)
        seen = await town.seen("fresh")
        assert "https://blog.example.org/fresh" in str(seen)
        await _looked(bridge, since)
    since = datetime.now(UTC)
    async with town.bridge(feeds={"blog": blog}) as bridge:
        await _looked(bridge, since)
        await town.quiet()
        assert [post.content for post in town.posts() if "Blog" in post.content] == [told]
    await runner.cleanup()
