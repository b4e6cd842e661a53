"""The console on a running site: its page, and rows as they come."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bridge.config.access import Bundle
from bridge.config.settings import BridgeSettings
from bridge.events import AnyEvent, ChatSaid, EndId, PlayerJoined, ServerId, Speaker, SpeakerKind
from bridge.features.console import Console
from bridge.features.contract import Parts
from bridge.features.staff import Staff
from bridge.journal import Draft, RecordId, SourceName, SqliteJournal
from bridge.locales import Catalogue
from bridge.store import Store, migrate_here
from bridge.website import Site
from bridge.website.door import Door
from bridge.website.identity import IdentityKind

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Watcher:
    """A moderator's browser in front of the console."""

    def __init__(self, parts: Parts, client: aiohttp.ClientSession) -> None:
        self.parts, self.client = parts, client
        self._count = 0

    async def happen(self, *events: AnyEvent) -> None:
        for event in events:
            self._count += 1
            id_ = RecordId(f"test:{self._count}")
            await self.parts.journal.append(Draft(id=id_, source=SourceName("test"), place="", event=event))

    async def page(self, path: str = "/staff/console") -> str:
        async with self.client.get(path) as answer:
            assert answer.status == HTTPStatus.OK
            return await answer.text()

    @asynccontextmanager
    async def stream(self, query: str = "", **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self.client.get(f"/staff/console/stream{query}", headers=headers) as answer:
            assert answer.status == HTTPStatus.OK
            assert (await answer.content.readline()).startswith(b"retry:")
            yield answer


async def row(answer: aiohttp.ClientResponse) -> tuple[str, str]:
    """Return the id and the HTML of the next row of a stream."""
    id_, html = "", ""
    async with asyncio.timeout(5):
        while True:
            line = (await answer.content.readline()).decode().rstrip("\n")
            if line.startswith("id: "):
                id_ = line.removeprefix("id: ")
            elif line.startswith("data: "):
                html += line.removeprefix("data: ") + "\n"
            elif not line and html:
                return id_, html


@pytest.fixture
async def watcher(tmp_path: Path) -> AsyncIterator[Watcher]:
    settings = BridgeSettings.model_validate(
        {"servers": {"survival": {"status": {"port": 1}}}, "website": {"port": 0}, "data": str(tmp_path)}
    )
    async with await Store.open(tmp_path, migrate=migrate_here) as store, SqliteJournal(store) as journal:
        door = Door.of(settings, store)
        site = Site(settings.website, Catalogue.load("en"), community="Stonebridge", door=door)
        parts = Parts(
            settings=settings,
            catalogue=Catalogue.load("en"),
            journal=journal,
            store=store,
            servers={},
            discord=None,
            site=site,
        )
        Staff(parts)
        running = [asyncio.create_task(each.run()) for each in (Console(parts), site)]
        await site.listening.wait()
        value, _ = await site.sessions.open(
            kind=IdentityKind.MEMBER, member="1", name="Mira", avatar_url=None, bundle=Bundle.MODERATOR
        )
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies({site.sessions.cookie: value}, URL(site.url))
        try:
            async with aiohttp.ClientSession(site.url, cookie_jar=jar) as client:
                yield Watcher(parts, client)
        finally:
            for task in running:
                task.cancel()
            for task in running:
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def said(text: str) -> ChatSaid:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="<i>Mira</i>")
    return ChatSaid(at=AT, end=EndId("server:survival"), speaker=speaker, text=text)


def joined(player: str) -> PlayerJoined:
    return PlayerJoined(at=AT, server=ServerId("survival"), player=player)


async def test_the_page_shows_what_happened_newest_first_and_escaped(watcher: Watcher) -> None:
    assert "Nothing has happened yet." in await watcher.page()
    await watcher.happen(joined("Noah"), said("<script>alert(1)</script>"))
    html = await watcher.page()
    assert html.index("&lt;script&gt;alert(1)") < html.index("player.joined")
    assert "&lt;i&gt;Mira" in html


async def test_the_page_can_be_narrowed_down(watcher: Watcher) -> None:
    await watcher.happen(joined("Noah"), said("hello"))
    html = await watcher.page("/staff/console?area=players")
    assert "player.joined" in html
    assert "chat.said" not in html
    assert "chat.said" in await watcher.page("/staff/console?area=nonsense")


async def test_rows_come_as_things_happen(watcher: Watcher) -> None:
    async with watcher.stream() as all_of_it, watcher.stream("?area=players") as players:
        await watcher.happen(said("hello"), joined("Noah"))
        assert "hello" in (await row(all_of_it))[1]
        assert "Noah" in (await row(all_of_it))[1]
        assert "Noah" in (await row(players))[1]


async def test_a_stream_goes_on_where_the_browser_was(watcher: Watcher) -> None:
    await watcher.happen(said("first"))
    async with watcher.stream("?after=0") as stream:
        id_, html = await row(stream)
        assert "first" in html
    await watcher.happen(said("second"), said("third"))
    async with watcher.stream(**{"Last-Event-ID": id_}) as stream:
        assert "second" in (await row(stream))[1]
        assert "third" in (await row(stream))[1]
        await watcher.happen(said("fourth"))
        assert "fourth" in (await row(stream))[1]
