"""A program that is told things over real HTTP and answers as a test wants, and a hook's delivery to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from aiohttp import web
from pydantic import SecretStr

from bridge.config.settings import BridgeSettings
from bridge.events import AnyEvent, ChatSaid, PlayerJoined, ServerId, Speaker, SpeakerKind, server_end
from bridge.features.hooks_out.delivery import HookDelivery
from bridge.features.hooks_out.messages import Messages, kinds_of
from bridge.features.telling import Teller
from bridge.journal import Draft, ReaderName, RecordId, SourceName, SqliteJournal, Start
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.website.outgoing import Outgoing
from bridge.website.signing import is_signed

SECRET = "a secret of the archive"
AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
READER = ReaderName("hooks:out:archive")
SURVIVAL = ServerId("survival")


def joined(player: str = "Mira", server: str = "survival") -> PlayerJoined:
    return PlayerJoined(at=AT, server=ServerId(server), player=player)


def said(text: str, name: str = "Mira", kind: SpeakerKind = SpeakerKind.PLAYER) -> ChatSaid:
    return ChatSaid(at=AT, end=server_end(SURVIVAL), speaker=Speaker(kind=kind, name=name), text=text)


@dataclass
class Told:
    """A message as it arrived."""

    headers: dict[str, str]
    raw: bytes

    @property
    def id(self) -> str:
        """The record's id."""
        return self.headers["X-Passerelle-Id"]

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        value = json.loads(self.raw)
        assert isinstance(value, dict)
        return value


@dataclass
class Receiver:
    """A program that is told things; what it answers next is in ``answers``, after that 204."""

    url: str = ""
    told: list[Told] = field(default_factory=list)
    answers: deque[int | web.Response | None] = field(default_factory=deque)  # None: no answer at all
    problems: list[str] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Note a message and answer it."""
        raw = await request.read()
        if (
            not is_signed(request.headers, raw, [SecretStr(SECRET)])
            or request.content_type != "application/json"
        ):
            self.problems.append(str(request.headers))
        self.told.append(Told(dict(request.headers), raw))
        self._arrived.set()
        answer = self.answers.popleft() if self.answers else 204
        if answer is None:
            await asyncio.Event().wait()
        return answer if isinstance(answer, web.Response) else web.Response(status=answer or 500)

    async def wait_for(self, count: int) -> list[Told]:
        """Return what was told once so many messages have arrived."""
        async with asyncio.timeout(10):
            while len(self.told) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.told

    @property
    def players(self) -> list[str]:
        """The players that the messages are about, in order."""
        return [each.body["event"]["player"] for each in self.told]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A program that listens."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()
    assert receiver.problems == []


@dataclass
class Bench:
    """A hook's delivery with its journal; its clock goes on only while the delivery waits."""

    settings: BridgeSettings
    store: Store
    journal: SqliteJournal
    now: datetime = AT
    waits: list[float] = field(default_factory=list)
    count: int = 0

    async def happen(self, *events: AnyEvent) -> None:
        """Let facts arrive in the journal."""
        drafts: list[Draft] = []
        for event in events:
            self.count += 1
            id_ = RecordId(f"log:survival:{self.count}")
            source = SourceName("log:survival")
            drafts.append(Draft(id=id_, source=source, place=str(self.count), event=event))
        await self.journal.append(*drafts)

    @asynccontextmanager
    async def running(self, *, timeout_s: float = 5.0) -> AsyncIterator[HookDelivery]:
        """Deliver for the length of a block."""
        hook = self.settings.hooks.outgoing["archive"]
        teller = Teller(self.settings, Catalogue.load("en"))
        reader = await self.journal.reader(READER, kinds_of(hook), start=Start.END)
        async with Outgoing(allow_private=hook.allow_private, timeout_s=timeout_s) as outgoing:
            delivery = HookDelivery(
                name="archive",
                hook=hook,
                reader=reader,
                messages=lambda: Messages(hook, teller),
                outgoing=outgoing,
                store=self.store,
                now=lambda: self.now,
                sleep=self._sleep,
            )
            task = asyncio.create_task(delivery.run())
            try:
                yield delivery
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _sleep(self, wait_s: float) -> None:
        self.waits.append(wait_s)
        self.now += timedelta(seconds=wait_s)
        await asyncio.sleep(0)

    async def until(self, true: Callable[[], bool]) -> None:
        """Let everything go on until something is true."""
        async with asyncio.timeout(10):
            while not true():
                async with self.store.reading():
                    pass


OpenBench: TypeAlias = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def open_bench(tmp_path: Path, receiver: Receiver, migrate: Migrate) -> OpenBench:
    """Build a delivery to the receiver, with other settings of the hook and of privacy than usual."""

    @asynccontextmanager
    async def opened(*, privacy: dict[str, Any] | None = None, **hook: Any) -> AsyncIterator[Bench]:  # noqa: ANN401 - settings
        usual = {
            "url": receiver.url,
            "secret": SECRET,
            "kinds": ["player.joined", "chat.*"],
            "allow-private": True,
        }
        own = {name.replace("_", "-"): value for name, value in hook.items()}
        settings = BridgeSettings.model_validate(
            {
                "servers": {"survival": {"status": {}}, "creative": {"status": {}}},
                "privacy": privacy or {},
                "hooks": {"out": {"archive": usual | own}},
            }
        )
        store = await Store.open(tmp_path / "data", migrate=migrate)
        async with store, SqliteJournal(store) as journal:
            bench = Bench(settings, store, journal, count=await journal.head())
            await journal.reader(READER, kinds_of(settings.hooks.outgoing["archive"]), start=Start.END)
            yield bench

    return opened


@pytest.fixture
async def bench(open_bench: OpenBench) -> AsyncIterator[Bench]:
    """A delivery with the usual settings."""
    async with open_bench() as opened:
        yield opened
