"""A site with a feed, and a bridge that follows it without waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web

from bridge.config.settings import BridgeSettings
from bridge.events import AnnouncementMade, AnyEvent, FeedPublished
from bridge.features.feeds.follower import Follower
from bridge.features.feeds.newsroom import Newsroom
from bridge.journal import SqliteJournal
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.website.outgoing import Outgoing

CHANNEL = "123456789012345678"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def rss(*entries: str, title: str = "The blog", more: str = "") -> bytes:
    """An RSS document whose entries, newest first, are called by their ids."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{id_}</guid><title>Title {id_}</title>"
        f"<link>https://blog.example.org/{id_}</link></item>"
        for id_ in entries
    )
    head = f"<title>{title}</title><link>https://blog.example.org/</link>{more}"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


async def _endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"<rss>")
    await asyncio.Event().wait()
    return response


@dataclass
class Site:
    """What the pretend site answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    other: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)  # paths that lead elsewhere
    endless: bool = False  # begins its answers and never ends them
    asked: list[web.BaseRequest] = field(default_factory=list)

    def hold(self, *entries: str, title: str = "The blog", more: str = "") -> None:
        """Let the feed hold these entries, newest first, called by their ids."""
        self.body = rss(*entries, title=title, more=more)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer as the test says."""
        self.asked.append(request)
        if self.endless:
            return await _endless(request)
        if request.path in self.other:
            status, headers = self.other[request.path]
            return web.Response(status=status, headers=headers)
        etag = self.headers.get("ETag")
        if etag is not None and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=self.headers)
        return web.Response(
            status=self.status, body=self.body, headers={"Content-Type": "application/rss+xml"} | self.headers
        )


@dataclass
class Clock:
    """Time that passes only as far as somebody sleeps and is let go on."""

    now: datetime
    waits: list[float] = field(default_factory=list)
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    resting: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, wait_s: float) -> None:
        """Wait for the test, then be so many seconds later."""
        self.waits.append(wait_s)
        self.resting.set()
        await self.turn.acquire()
        self.now += timedelta(seconds=wait_s)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site on loopback; its feed is at ``/feed``."""
    site = Site()
    runner = web.ServerRunner(web.Server(site.answer, handler_cancellation=True), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed"
    yield site
    await runner.cleanup()


@dataclass
class Desk:
    """A follower whose time passes only when the test looks at the feed."""

    follower: Follower
    journal: SqliteJournal
    store: Store
    clock: Clock
    task: asyncio.Task[None]

    async def look(self, times: int = 1) -> None:
        """Let the follower wait for its next look, look, and wait again."""
        for _ in range(times):
            await self._rest()
            self.clock.resting.clear()
            self.clock.turn.release()
            await self._rest()

    async def happened(self) -> list[AnyEvent]:
        """Everything that is in the journal, in order."""
        records = await self.journal.records_at(range(1, await self.journal.head() + 1))
        return [record.event for record in records]

    async def published(self) -> list[str]:
        """The ids of the entries that are facts."""
        return [event.entry for event in await self.happened() if isinstance(event, FeedPublished)]

    async def announced(self) -> list[str]:
        """What was announced."""
        return [event.markup for event in await self.happened() if isinstance(event, AnnouncementMade)]

    async def _rest(self) -> None:
        waiting = asyncio.create_task(self.clock.resting.wait())
        async with asyncio.timeout(30):
            await asyncio.wait({waiting, self.task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self.task.done():
            self.task.result()


SettingsWith: TypeAlias = Callable[..., BridgeSettings]


@pytest.fixture
def settings_with(tmp_path: Path) -> SettingsWith:
    """Settings of a small community with the feeds that are named."""

    def made(**feeds: object) -> BridgeSettings:
        return BridgeSettings.model_validate(
            {
                "data": tmp_path / "data",
                "servers": {"survival": {"status": {"port": 1}}},
                "discord": {"token": "x", "guild": CHANNEL, "channels": {"news": CHANNEL}},
                "feeds": feeds,
            }
        )

    return made


OpenDesk: TypeAlias = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(settings_with: SettingsWith, site: Site, migrate: Migrate) -> OpenDesk:
    """Follow the site's feed, with other settings of the feed, another start or another way to it."""

    @asynccontextmanager
    async def opened(
        *, way: Outgoing | None = None, start: datetime = NOON, language: str = "en", **feed: object
    ) -> AsyncIterator[Desk]:
        settings = settings_with(blog={"url": site.url, "channel": "news", "servers": ["survival"]} | feed)
        newsroom = Newsroom(name="blog", settings=settings, catalogue=Catalogue.load(language))
        outgoing, clock = way or Outgoing(allow_private=True, redirects=5), Clock(start)
        async with (
            await Store.open(settings.data, migrate=migrate) as store,
            SqliteJournal(store) as journal,
            outgoing,
        ):
            follower = Follower(
                settings.feeds["blog"],
                lambda: newsroom,
                way=outgoing,
                journal=journal,
                store=store,
                now=lambda: clock.now,
                sleep=clock.sleep,
                roll=lambda: 0.0,
            )
            desk = Desk(follower, journal, store, clock, asyncio.create_task(follower.run()))
            yield desk
            desk.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await desk.task

    return opened
