"""A house with its features and its website running, on a real store, without anything outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from sqlalchemy import bindparam, text
from yarl import URL

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnyEvent,
    ChatSaid,
    EndId,
    Event,
    ServerId,
    Speaker,
    SpeakerKind,
    kind_of,
    server_end,
)
from bridge.features.contract import Feature, Parts, utc_now
from bridge.features.news import News
from bridge.features.news.reading import READ as NEWS
from bridge.features.players import Players
from bridge.features.records import Records
from bridge.features.rooms import Rooms
from bridge.features.rooms.archive import READ as ARCHIVED
from bridge.features.status import Status
from bridge.journal import Draft, ReaderName, RecordId, SourceName, SqliteJournal
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.store import Store
from bridge.store.readers import reader_position
from bridge.store.schema import Migrate
from bridge.website import Site
from bridge.website.door import Door
from bridge.website.identity import Identity, IdentityKind

ZONES = (ZoneInfo("UTC"), ZoneInfo("Europe/Paris"))
"""Read before anything runs, as the settings do; from then on they are kept in memory."""

CHANNEL = "123456789012345678"
GAME = server_end(ServerId("survival"))
START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)

SETTINGS: dict[str, Any] = {
    "community": {"name": "Stonebridge"},
    "servers": {"survival": {"title": "Survival", "status": {"port": 1}}},
    "discord": {"token": "x", "guild": CHANNEL, "channels": {"main": CHANNEL}},
    "rooms": {
        "main": {"servers": ["survival"], "channels": ["main"], "title": "The square", "website": "write"},
        "library": {"website": "read"},
        "staff": {"website": "off"},
    },
    "website": {"port": 0, "visitor-interval": "0s"},
}


@dataclass
class House:
    """What a test needs of a running house."""

    parts: Parts
    rooms: Rooms
    status: Status
    client: aiohttp.ClientSession
    _count: int = 0
    _at: datetime = field(default=START)

    @property
    def site(self) -> Site:
        """The website."""
        assert self.parts.site is not None
        return self.parts.site

    async def happen(self, *events: AnyEvent, source: str = "log:survival") -> None:
        """Let facts arrive in the journal, and wait until the archive and the news have them."""
        drafts: list[Draft] = []
        for event in events:
            self._count += 1
            key = str(self._count)
            drafts.append(
                Draft(id=RecordId(f"{source}:{key}"), source=SourceName(source), place=key, event=event)
            )
        await self.parts.journal.append(*drafts)
        await self.settled()

    async def settled(self) -> None:
        """Wait until the archive and the news have read everything."""
        async with asyncio.timeout(10):
            while True:
                if await self._has_read("archive", ARCHIVED) and await self._has_read("happenings", NEWS):
                    return

    async def _has_read(self, name: str, kinds: tuple[type[Event], ...]) -> bool:
        newest = text("SELECT coalesce(max(position), 0) FROM records WHERE kind IN :kinds")
        newest = newest.bindparams(bindparam("kinds", expanding=True))
        async with self.parts.store.reading() as conn:
            last = (await conn.execute(newest, {"kinds": [kind_of(kind) for kind in kinds]})).scalar_one()
            position = await reader_position(conn, ReaderName(name))
        return position is not None and position >= last

    def said(self, name: str, text: str, *, end: EndId = GAME, at: datetime | None = None) -> ChatSaid:
        """Return what a player says, a second after what was said before."""
        self._at += timedelta(seconds=1)
        speaker = Speaker(kind=SpeakerKind.PLAYER, name=name)
        return ChatSaid(at=at or self._at, end=end, speaker=speaker, text=text)

    async def page(self, path: str) -> str:
        """Return a page that is there."""
        async with self.client.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def form_token(self, **headers: str) -> str:
        """Return what the forms of pages send back, for a browser that sends these headers."""
        async with self.client.get("/rooms/main", headers=headers) as answer:
            found = re.search(r'name="csrf" value="(\w+)"', await answer.text())
        return found[1] if found is not None else ""

    async def token(self, *scopes: Permission, name: str = "Shop") -> dict[str, str]:
        """Return the header with which a program asks that may do this much."""
        admin = permissions_of(Bundle.ADMIN)
        maker = Identity(kind=IdentityKind.OWNER, name="Ines", permissions=admin)
        made = await self.site.tokens.create(name, scopes, maker=maker)
        return {"Authorization": f"Bearer {made.secret}"}

    async def ask(self, path: str, headers: dict[str, str] | None = None, *, status: int = 200) -> Any:  # noqa: ANN401 - JSON
        """Return what the API answers."""
        async with self.client.get(path, headers=headers) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json(content_type=None)

    def listen(
        self, path: str, *, last: str | None = None, headers: dict[str, str] | None = None
    ) -> AbstractAsyncContextManager[Listener]:
        """Open a stream as a browser does; *last* is what it saw before the connection broke."""
        return _listening(self.client, path, last, headers or {})


@dataclass(frozen=True)
class Told:
    """An event as a browser reads it."""

    name: str
    data: str
    id: str

    @property
    def json(self) -> dict[str, Any]:
        """The data, which is a JSON object."""
        value = json.loads(self.data)
        assert isinstance(value, dict)
        return value


@dataclass
class Listener:
    """A browser's end of a stream."""

    answer: aiohttp.ClientResponse

    async def next(self) -> Told:
        """Return the next event."""
        name, id_, data = "", "", list[str]()
        async with asyncio.timeout(5):
            while True:
                line = (await self.answer.content.readline()).decode().removesuffix("\n")
                key, _, value = line.partition(": ")
                if key == "event":
                    name = value
                elif key == "id":
                    id_ = value
                elif key in ("data", "data:"):
                    data.append(value)
                elif not line and name:
                    return Told(name, "\n".join(data), id_)
                elif not line and self.answer.content.at_eof():
                    raise EOFError("the stream has ended")

    async def some(self, count: int) -> list[Told]:
        """Return the next so many events."""
        return [await self.next() for _ in range(count)]


@asynccontextmanager
async def _listening(
    client: aiohttp.ClientSession, path: str, last: str | None, headers: dict[str, str]
) -> AsyncIterator[Listener]:
    headers = (
        headers | {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last is not None else {})
    )
    async with client.get(path, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        yield Listener(answer)


OpenHouse: TypeAlias = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def open_house(tmp_path: Path, migrate: Migrate) -> OpenHouse:
    """Build and run a house with other settings or another clock; the keys of blocks are merged."""

    @asynccontextmanager
    async def opened(*, now: Callable[[], datetime] = utc_now, **changes: object) -> AsyncIterator[House]:
        settings = BridgeSettings.model_validate(_merged({**SETTINGS, "data": tmp_path / "data"}, changes))
        catalogue = Catalogue.load(settings.community.language)
        store = await Store.open(settings.data, migrate=migrate)
        async with store, SqliteJournal(store) as journal:
            community = settings.community
            parts = Parts(
                settings=settings,
                catalogue=catalogue,
                journal=journal,
                store=store,
                servers={id_: GameServer(id_, settings, journal) for id_ in map(ServerId, settings.servers)},
                site=Site(
                    settings.website,
                    catalogue,
                    community=community.name,
                    time_zone=community.time_zone,
                    door=Door.of(settings, store),
                ),
                now=now,
            )
            async with _running(parts) as house:
                yield house

    return opened


@pytest.fixture
async def house(open_house: OpenHouse) -> AsyncIterator[House]:
    """A running house with the usual settings."""
    async with open_house() as opened:
        yield opened


@asynccontextmanager
async def _running(parts: Parts) -> AsyncIterator[House]:
    rooms, status, site = Rooms(parts), Status(parts), parts.site
    assert site is not None
    news, players = News(parts), Players(parts)
    assert players.pages is not None
    for kept in (status.pages.kept, news.pages.kept, players.pages.kept):
        kept.for_s = 0  # tests look again at once
    others = (news, players, Records(parts))
    tasks = [asyncio.create_task(part.run()) for part in (rooms, status, *others, site)]
    try:
        async with asyncio.timeout(10):
            await site.listening.wait()
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(site.url, timeout=timeout) as client:
            house = House(parts, rooms, status, client)
            await house.settled()
            client.headers["X-CSRF-Token"] = await house.form_token()
            yield house
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


@dataclass
class Desk:
    """Features on a running site, and a browser whose owner is signed in."""

    parts: Parts
    site: Site
    client: aiohttp.ClientSession

    async def sign_in(self, bundle: Bundle) -> str:
        """Sit down as somebody with that bundle; return what forms must send back."""
        value, session = await self.site.sessions.open(
            kind=IdentityKind.MEMBER, member=f"m-{bundle}", name="Mira", avatar_url=None, bundle=bundle
        )
        self.client.cookie_jar.update_cookies({self.site.sessions.cookie: value}, URL(self.site.url))
        return session.csrf

    async def happen(self, *events: AnyEvent) -> None:
        """Let facts arrive in the journal."""
        for number, event in enumerate(events, await self.parts.journal.grown(-1)):
            id_ = RecordId(f"test:{number}")
            await self.parts.journal.append(Draft(id=id_, source=SourceName("test"), place="", event=event))

    async def page(self, path: str, *, language: str = "en") -> str:
        """Return a page that is there."""
        async with self.client.get(path, headers={"Accept-Language": language}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def status(self, path: str) -> int:
        """Return how the answer begins."""
        async with self.client.get(path, allow_redirects=False) as answer:
            return answer.status


OpenDesk: TypeAlias = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(tmp_path: Path, migrate: Migrate) -> OpenDesk:
    """Run some features on a site with a door, with settings of the test's choice."""

    @asynccontextmanager
    async def opened(
        *build: Callable[[Parts], Feature], now: Callable[[], datetime] = utc_now, **changes: object
    ) -> AsyncIterator[Desk]:
        base = {"community": {"name": "Stonebridge"}, "servers": {"survival": {"title": "Survival"}}}
        own = {"website": {"port": 0}, "data": tmp_path / "desk"}
        settings = BridgeSettings.model_validate(_merged({**base, **own}, changes))
        catalogue = Catalogue.load("en")
        async with (
            await Store.open(settings.data, migrate=migrate) as store,
            SqliteJournal(store) as journal,
        ):
            site = Site(
                settings.website,
                catalogue,
                community="Stonebridge",
                time_zone=settings.community.time_zone,
                door=Door.of(settings, store),
            )
            parts = Parts(
                settings=settings,
                catalogue=catalogue,
                journal=journal,
                store=store,
                servers={id_: GameServer(id_, settings, journal) for id_ in map(ServerId, settings.servers)},
                site=site,
                now=now,
            )
            running = [asyncio.create_task(each(parts).run()) for each in build]
            running.append(asyncio.create_task(site.run()))
            await site.listening.wait()
            try:
                jar = aiohttp.CookieJar(unsafe=True)  # of a host without a name, too
                async with aiohttp.ClientSession(site.url, cookie_jar=jar) as client:
                    yield Desk(parts, site, client)
            finally:
                for task in running:
                    task.cancel()
                for task in running:
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    return opened


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged
