"""A whole community on loopback: game servers, a Discord, a settings file, and bridges between them.

The bridge runs from a real settings file: in the test's own loop for quick scenarios (:meth:`Town.bridge`),
as a process of its own where it is to be killed, stopped or looked at from outside (:meth:`Town.daemon`).
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import os
import random
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp
import pytest
import yaml

from bridge.app import Bridge, House, built
from bridge.config.load import load
from bridge.discord import Timing
from bridge.simulator.discord import UNLIMITED, Channel, Member, Message, RateLimits, SimDiscord
from bridge.simulator.game import Received, SimGame
from bridge.simulator.web.markup import Node, parse_markup
from bridge.store.engine import FILE_NAME
from bridge.store.schema import migrate_here
from bridge.supervise import backoff
from tests.warm import WarmProcess, WarmPython

T = TypeVar("T")

WITHIN_S: Final = 15.0  # how long a test waits for what must come; the machine may be busy
STOPS_WITHIN_S: Final = 5.0  # what the bridge promises about SIGTERM
TIMING: Final = Timing(
    request_s=1.0, connect_s=5.0, guild_s=0.02, identify_s=0.1, first_pause_s=0.1, defer_s=0.5
)
PLAYERS: Final = ("Alix", "Boris", "Chloe")


async def until(true: Callable[[], T], *, within_s: float = WITHIN_S, what: str = "") -> T:
    """Return what *true* gives as soon as it is true; looked at in short intervals.

    Raises:
        TimeoutError: It was not true in time.
    """
    ends = time.monotonic() + within_s
    while not (result := true()):
        if time.monotonic() > ends:
            raise TimeoutError(what or f"not true within {within_s} s: {true}")
        await asyncio.sleep(0.01)
    return result


def merged(block: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return settings with some replaced; blocks are merged, None takes a key away."""
    result = dict(block)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


class RoomPage:
    """A visitor's browser on a room's page: what the stream has brought so far."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url
        self.events: list[tuple[str, str]] = []
        self._listening: asyncio.Task[None] | None = None
        self._open = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        async with asyncio.timeout(WITHIN_S):
            await self._open.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        async with self._session.get(f"{self._url}/stream") as answer:
            self._open.set()
            name, data = "", ""
            async for raw in answer.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data += line.removeprefix("data: ") + "\n"
                elif not line and name:
                    self.events.append((name, data))
                    name, data = "", ""

    @property
    def lines(self) -> list[str]:
        """The lines that came live, as a reader sees them."""
        return [shown(data) for name, data in self.events if name == "line"]

    async def line(self, wanted: str) -> str:
        """Return the first line that holds *wanted*, waiting for it."""
        return await until(
            lambda: next((line for line in self.lines if wanted in line), ""),
            what=f"no line with {wanted!r} among {self.lines}",
        )

    async def event(self, name: str) -> str:
        """Return the data of the first event of that name, waiting for it."""
        return await until(
            lambda: next((data for found, data in self.events if found == name), ""),
            what=f"no event {name!r} among {self.events}",
        )

    async def text(self) -> str:
        """Return the page as a reader sees it now."""
        async with self._session.get(self._url) as answer:
            assert answer.status == 200, shown(await answer.text())
            return shown(await answer.text())

    async def say(self, name: str, words: str) -> int:
        """Say something through the page's form and return the status of the answer."""
        async with self._session.get(self._url) as page:
            (token,) = re.findall(r'name="csrf" value="(\w+)"', await page.text()) or [""]
        form, headers = {"name": name, "text": words, "csrf": token}, {"Accept": "application/json"}
        async with self._session.post(f"{self._url}/lines", data=form, headers=headers) as answer:
            return answer.status


def shown(page: str) -> str:
    """Return what a piece of HTML shows: without tags, entities as their characters, blanks folded."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def visible(content: str) -> str:
    """Return what a reader on Discord sees of a message, without its looks."""
    return _text(parse_markup(content))


def _text(nodes: tuple[Node, ...]) -> str:
    return "".join(_text(node.nodes) or node.text for node in nodes)


@dataclass
class Running:
    """A bridge in the test's loop."""

    house: House
    bridge: Bridge
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Where its website answers."""
        assert self.house.parts.site is not None
        return self.house.parts.site.url

    def page(self, room: str = "main") -> RoomPage:
        """A visitor's browser on a room's page."""
        return RoomPage(self.session, f"{self.url}/rooms/{room}")

    async def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page."""
        async with self.session.get(self.url + path) as answer:
            return answer.status, await answer.text()


class Daemon:
    """A bridge as a process of its own; its log is in ``log``."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.log = town.folder / "bridge.log"
        self._command = ("-m", "bridge", "run", str(town.config))
        self.process: asyncio.subprocess.Process | WarmProcess | None = None

    @property
    def running(self) -> asyncio.subprocess.Process | WarmProcess:
        """The process that was started last."""
        assert self.process is not None
        return self.process

    async def start(self) -> None:
        """Start it, without waiting for anything."""
        with self.log.open("ab") as log:
            self.process = self._town.python.start(*self._command, stdout=log, stderr=log)

    async def start_as_owners_do(self) -> None:
        """Start it in a Python of its own, which takes seconds."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command, stdout=log, stderr=log, env=environment
            )

    async def ready(self) -> None:
        """Return once it says that it is ready."""
        url = f"http://127.0.0.1:{self._town.website_port}/readyz"
        async with aiohttp.ClientSession() as session:
            ends = time.monotonic() + 2 * WITHIN_S
            while time.monotonic() < ends:
                assert self.running.returncode is None, self.said()
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.02)
        raise TimeoutError(f"not ready; its log: {self.said()}")

    def said(self) -> str:
        """Return its log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    async def logged(self, words: str) -> None:
        """Return once its log holds *words*."""
        await until(lambda: words in self.said(), what=f"no {words!r} in its log")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.running.send_signal(number)

    async def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.running.kill()
        await self.running.wait()

    async def stop(self) -> float:
        """Ask it to stop and return how many seconds that took."""
        began_s = time.monotonic()
        self.running.terminate()
        async with asyncio.timeout(3 * STOPS_WITHIN_S):
            await self.running.wait()
        return time.monotonic() - began_s


@dataclass
class Town:
    """One community: its folder, game server, Discord and settings; more servers can be added."""

    folder: Path
    game: SimGame
    discord: SimDiscord
    channel: Channel
    member: Member
    empty_store: Path
    python: WarmPython
    changes: dict[str, Any] = field(default_factory=dict)
    games: dict[str, SimGame] = field(default_factory=dict)
    website_port: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "bridge.yml"

    async def add_game(self, name: str, **options: Any) -> SimGame:  # noqa: ANN401 - SimGame's own
        """Start another game server with the players online."""
        game = SimGame(self.folder / name, players=PLAYERS, **options)
        await game.start()
        self._stack.push_async_callback(game.stop)
        self.games[name] = game
        return game

    def write(self, **changes: Any) -> Path:  # noqa: ANN401 - any settings
        """Write the settings file, with *changes* merged into what an owner would write."""
        self.changes = merged(self.changes, changes)
        settings = merged(self._usual(), self.changes)
        self.config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        self.config.chmod(0o600)
        data = self.folder / "data"
        if not data.exists():
            data.mkdir()
            shutil.copy(self.empty_store, data / FILE_NAME)
        return self.config

    def _usual(self) -> dict[str, Any]:
        return {
            "data": "data",
            "servers": {name: _server(game) for name, game in self.games.items()},
            "discord": {
                "token": self.discord.token,
                "guild": str(self.discord.guild_id),
                "channels": {channel.name: str(channel.id) for channel in self.channels},
                "api-url": self.discord.api_url,
                "gateway-url": self.discord.gateway_url,
            },
            "rooms": {"main": {"servers": list(self.games), "channels": ["main"], "website": "write"}},
            "relay": {"bundle-window": "500ms"},
            "website": {"port": self.website_port, "visitor-interval": "0s"},
            "logging": {"format": "json", "level": "debug"},
        }

    @property
    def channels(self) -> list[Channel]:
        """The channels of the guild."""
        return list(self.discord.world.channels.values())

    @property
    def real_limits(self) -> RateLimits:
        """Discord's limits, but for how often a bot may identify: the library would wait five seconds."""
        return RateLimits(identify=None)

    async def until(self, true: Callable[[], T]) -> T:
        """Return what *true* gives as soon as it is true."""
        return await until(true)

    @asynccontextmanager
    async def bridge(
        self,
        *,
        wait_for_discord: bool = True,
        wait_for_rcon: bool = True,
        **changes: Any,  # noqa: ANN401 - any settings
    ) -> AsyncIterator[Running]:
        """Run the bridge in this loop until the block ends; it is ready when the block begins."""
        loaded = load(self.write(**changes))
        async with (
            built(loaded.settings, timing=TIMING) as house,
            aiohttp.ClientSession() as session,
        ):
            bridge = Bridge(house, loaded)
            task = asyncio.create_task(bridge.run())
            running = Running(house, bridge, session)
            try:
                await self._ready(running, task, discord=wait_for_discord, rcon=wait_for_rcon)
                yield running
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if not task.cancelled():
                task.result()

    async def _ready(self, running: Running, task: asyncio.Task[None], *, discord: bool, rcon: bool) -> None:
        parts = running.house.parts
        waits = [parts.site.listening] if parts.site is not None else []
        waits += [server.log.caught_up for server in parts.servers.values() if server.log is not None]
        if rcon:
            waits += [server.rcon.up for server in parts.servers.values() if server.rcon is not None]
        if parts.discord is not None and discord:
            waits.append(parts.discord.ready)
        async with asyncio.timeout(WITHIN_S):
            for event in waits:
                await event.wait()
            assert not task.done(), task
            if parts.discord is not None and discord:  # it has looked where the channel's history ends
                await self.discord.wait_for(self.history_reads, WITHIN_S)

    def history_reads(self) -> int:
        """How often the channel's history was asked for and given."""
        return sum(
            one.method == "GET" and one.path.endswith("/messages") and one.status == 200
            for one in self.discord.requests
        )

    @asynccontextmanager
    async def daemon(
        self,
        *,
        ready: bool = True,
        as_owners_do: bool = False,
        **changes: Any,  # noqa: ANN401 - any settings
    ) -> AsyncIterator[Daemon]:
        """Run the bridge as a process; it is ended with the block, and its log stays."""
        self.write(**changes)
        daemon = Daemon(self)
        await (daemon.start_as_owners_do() if as_owners_do else daemon.start())
        try:
            if ready:
                await daemon.ready()
            yield daemon
        finally:
            if daemon.running.returncode is None:
                await daemon.kill()

    # -- what people see

    def posts(self, channel: Channel | None = None) -> list[Message]:
        """The messages that the bridge wrote to a channel."""
        people = {member.id for member in self.discord.world.members.values() if not member.bot}
        return [
            message
            for message in self.discord.messages(channel or self.channel)
            if message.author.id not in people
        ]

    def told(self, channel: Channel | None = None) -> list[str]:
        """The lines that the bridge wrote to a channel, as they are seen; <who> says them."""
        own = {"Our community", self.discord.bot.name}
        return [
            visible(line) if post.author.name in own else f"<{post.author.name}> {visible(line)}"
            for post in self.posts(channel)
            for line in post.content.split("\n")
        ]

    async def post(self, wanted: str, *, channel: Channel | None = None) -> Message:
        """Return the bridge's first message that holds *wanted*, waiting for it."""
        return await self.discord.wait_for(
            lambda: next((post for post in self.posts(channel) if wanted in post.content), None), WITHIN_S
        ) or pytest.fail("no such message")

    async def posted(self, count: int, *, channel: Channel | None = None) -> list[Message]:
        """Return the bridge's messages once there are *count*."""
        await self.discord.wait_for(lambda: len(self.posts(channel)) >= count, WITHIN_S)
        return self.posts(channel)

    async def lines(self, count: int, *, channel: Channel | None = None) -> list[str]:
        """Return the lines that the bridge wrote once there are *count*."""
        await self.discord.wait_for(lambda: len(self.told(channel)) >= count, WITHIN_S)
        return self.told(channel)

    async def seen(self, wanted: str, *, game: SimGame | None = None) -> Received:
        """Return the first line that the players were shown with *wanted*, waiting for it."""
        where = game or self.game
        return await where.received_where(lambda line: wanted in line.plain, timeout_s=WITHIN_S)

    async def say(self, words: str, **more: Any) -> Message:  # noqa: ANN401 - SimGuild's own
        """Let the member say something in the channel."""
        return await self.discord.say(self.channel, self.member, words, **more)

    async def quiet(self) -> None:
        """Return once everything that has happened so far has been told everywhere.

        A marker sent each way arrives behind all that was said before it.
        """
        mark = os.urandom(4).hex()
        self.game.chat("Alix", f"mark {mark}")
        await self.post(f"mark {mark}")
        await self.say(f"back {mark}")
        await self.seen(f"back {mark}")


def _server(game: SimGame) -> dict[str, Any]:
    return {
        "log": {"path": str(game.log.latest), "time-zone": "UTC"},
        "rcon": {"port": game.rcon.port, "password": game.rcon.password, "timeout": "1s"},
        "status": {"port": game.status.port, "every": "1s"},
    }


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing in it, to be copied: migrating each would take longer than the tests."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    migrate_here(path)
    return path


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pretend servers write their logs in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pretend Discord handles a request at once or never: nobody need wait for one on its way."""
    monkeypatch.setattr("bridge.features.relay.shipping.LOOK_AFTER_S", 0.2)


@pytest.fixture(autouse=True)
def _quick_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails here may be tried again soon: nobody else suffers from it."""
    usual = backoff.__kwdefaults__ or {}
    monkeypatch.setattr(backoff, "__kwdefaults__", {**usual, "first_s": 0.05})


@pytest.fixture
async def town(tmp_path: Path, empty_store: Path, unused_port: int, warm: WarmPython) -> AsyncIterator[Town]:
    """A community with one game server, three players online, one channel and one member.

    Discord keeps the limits that matter here to a test by itself; otherwise it has none.
    """
    async with AsyncExitStack() as stack:
        discord = SimDiscord(rates=UNLIMITED)
        await stack.enter_async_context(discord)
        channel, member = discord.add_channel("main"), discord.add_member("Mira")
        game = SimGame(tmp_path / "survival", players=PLAYERS)
        await game.start()
        stack.push_async_callback(game.stop)
        yield Town(
            folder=tmp_path,
            game=game,
            discord=discord,
            channel=channel,
            member=member,
            empty_store=empty_store,
            python=warm,
            games={"survival": game},
            website_port=unused_port,
            _stack=stack,
        )


@pytest.fixture
def unused_port() -> int:
    """A port that nothing listens on, below those that the system gives to whoever asks for any."""
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
