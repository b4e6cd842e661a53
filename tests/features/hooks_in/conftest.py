"""A house that takes hooks, with a pretend game server whose console they may use."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
from pydantic import SecretStr

from bridge.config.settings import BridgeSettings
from bridge.events import AnnouncementMade, Event, HookReceived, ServerId
from bridge.features.contract import Parts
from bridge.features.hooks_in import HooksIn
from bridge.journal import SourceName, SqliteJournal
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.simulator.game import SimGame
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.website import Site
from bridge.website.signing import signed

CHANNEL = "123456789012345678"
SECRET = "a secret of the shop"
OLD_SECRET = "an old secret of the shop"
AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)

SETTINGS: dict[str, Any] = {
    "community": {"name": "Stonebridge"},
    "servers": {"survival": {"rcon": {"port": 1, "password": "simulated"}}},
    "discord": {"token": "x", "guild": CHANNEL, "channels": {"main": CHANNEL}},
    "website": {"port": 0, "trusted-proxies": ["127.0.0.1"]},
    "privacy": {"hidden-players": ["Shade"]},
    "hooks": {
        "in": {
            "shop": {
                "secret": SECRET,
                "previous-secret": OLD_SECRET,
                "then": [
                    {
                        "when": {"event": "payment.completed"},
                        "post": {"channel": "main", "text": "**{player.name}** supports us: {items.0.name}"},
                        "say": {"text": "{player.name} supports us"},
                        "command": {"server": "survival", "run": "welcome"},
                    }
                ],
            },
            "code": {
                "kind": "github",
                "secret": SECRET,
                "then": [
                    {
                        "when": {"event": "issues", "action": "opened"},
                        "post": {"channel": "main", "text": "New: {issue.title} ({issue.number})"},
                    }
                ],
            },
            "site": {
                "kind": "nameless",
                "secret": "SecretInTheAddress",
                "then": [{"when": {"event": "registerUser"}, "say": {"text": "Welcome {username}"}}],
            },
            "blog": {"kind": "wordpress", "secret": SECRET},
            "narrow": {"secret": SECRET, "allow": ["198.51.100.0/24", "2001:db8::/32"]},
        },
        "commands": {"welcome": "say Welcome {player.name}"},
    },
}


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = field(default=AT)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class HookHouse:
    """What a test needs of a house that takes hooks."""

    parts: Parts
    clock: Clock
    client: aiohttp.ClientSession

    async def send(
        self, hook: str, body: object, *, id_: str = "1", secret: str = SECRET, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Send a message signed our way, and return status and answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        ours = signed(SecretStr(secret), id_=id_, at=self.clock.now, body=raw)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.post(f"/hooks/{hook}", raw, ours | more)

    async def post(
        self, path: str, raw: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send bytes, and return status and answer."""
        own = {"Content-Type": "application/json"} | (headers or {})
        async with self.client.post(path, data=raw, headers=own) as answer:
            told = json.loads(await answer.read())
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json"
                assert told["status"] == answer.status
            return answer.status, told

    async def received(self, hook: str) -> list[HookReceived]:
        """Return what the journal has of a hook."""
        found = await self._records(f"hook:{hook}", HookReceived)
        return [event for event in found if isinstance(event, HookReceived)]

    async def announced(self, hook: str) -> list[AnnouncementMade]:
        """Return what is to be told because of a hook."""
        found = await self._records(f"announce:hook:{hook}", AnnouncementMade)
        return [event for event in found if isinstance(event, AnnouncementMade)]

    async def _records(self, source: str, kind: type[Event]) -> list[Event]:
        found = await self.parts.journal.recent(SourceName(source), (kind,), most=100)
        return [record.event for record in found]


OpenHookHouse: TypeAlias = Callable[..., AbstractAsyncContextManager[HookHouse]]


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A game server that runs."""
    game = SimGame(tmp_path / "game", clock=lambda: datetime.now(UTC))
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
def open_hooks(tmp_path: Path, migrate: Migrate) -> OpenHookHouse:
    """Build and run a house; the console's port, and other hooks than usual."""

    @asynccontextmanager
    async def opened(
        *, rcon_port: int = 1, hooks: dict[str, Any] | None = None, clock: Clock | None = None
    ) -> AsyncIterator[HookHouse]:
        changed = {"data": tmp_path / "data", "hooks": hooks or SETTINGS["hooks"]}
        rcon = {"port": rcon_port, "password": "simulated", "timeout": "2s"}
        settings = BridgeSettings.model_validate(
            {**SETTINGS, **changed, "servers": {"survival": {"rcon": rcon}}}
        )
        catalogue = Catalogue.load(settings.community.language)
        clock = clock or Clock()
        store = await Store.open(settings.data, migrate=migrate)
        async with store, SqliteJournal(store) as journal:
            parts = Parts(
                settings=settings,
                catalogue=catalogue,
                journal=journal,
                store=store,
                servers={id_: GameServer(id_, settings, journal) for id_ in map(ServerId, settings.servers)},
                discord=None,
                site=Site(settings.website, catalogue, community=settings.community.name),
                now=clock,
            )
            async with _running(parts, clock) as house:
                yield house

    return opened


@pytest.fixture
async def hooks(open_hooks: OpenHookHouse) -> AsyncIterator[HookHouse]:
    """A running house with the usual hooks, whose game server is down."""
    async with open_hooks() as opened:
        yield opened


@asynccontextmanager
async def _running(parts: Parts, clock: Clock) -> AsyncIterator[HookHouse]:
    feature, site = HooksIn(parts), parts.site
    assert site is not None
    await feature.prepare()
    runs = [feature.run, site.run, *(server.run for server in parts.servers.values())]
    tasks = [asyncio.create_task(run()) for run in runs]
    try:
        async with asyncio.timeout(10):
            await site.listening.wait()
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(site.url, timeout=timeout) as client:
            yield HookHouse(parts, clock, client)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def clock() -> Clock:
    """A clock that a test sets."""
    return Clock(datetime.now(UTC))
