"""Reads a server's console over the web socket of itzg/docker-minecraft-server, in place of its log.

The server sends the last fifty pieces of its output at the beginning of each connection; what of them is
known is passed over. It can be typed into, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
import structlog

from bridge.config.settings import ConsoleSettings
from bridge.events import AnyEvent, Event, ServerFollowed, ServerId, ServerListed, ServerMissed
from bridge.journal.records import Draft, Journal, JournalError, JournalFull, Record, RecordId, SourceName
from bridge.minecraft.commands import Command, encode
from bridge.minecraft.console_lines import ConsoleDrafter, Cutter, History, Tail, read_message
from bridge.minecraft.log.drafts import utc_now
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.source import MOST_REMEMBERED, ROSTER, LogState
from bridge.minecraft.twice import Twice
from bridge.minecraft.websocket import opened, reason_of
from bridge.supervise import SourceLost, SourceRefused, backoff, keep_running

log = structlog.get_logger(__name__)

PROTOCOL: Final = "mc-server-runner-ws-v1"
MOST_MESSAGE_BYTES: Final = 8 * 1024 * 1024

_UNAUTHORIZED: Final = (
    "the console does not accept the password; it is WEBSOCKET_PASSWORD, or else RCON_PASSWORD"
)
_FORBIDDEN: Final = (
    "the console does not accept where we come from; set origin to one of WEBSOCKET_ALLOWED_ORIGINS, or "
    "WEBSOCKET_DISABLE_ORIGIN_CHECK=true for the server"
)


def connected(settings: ConsoleSettings) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
    """Open a console; see :func:`~bridge.minecraft.websocket.opened`.

    Raises:
        SourceRefused: The password cannot be sent.
    """
    return opened(
        settings.url,
        port=port_of(settings),
        timeout_s=settings.timeout_s,
        most_bytes=MOST_MESSAGE_BYTES,
        protocols=(PROTOCOL, _password(settings)),
        origin=settings.origin,
        refusals={401: _UNAUTHORIZED, 403: _FORBIDDEN},
    )


def port_of(settings: ConsoleSettings) -> int:
    """Return the port of a console."""
    url = urlsplit(settings.url)
    return url.port or (443 if url.scheme == "wss" else 80)


def _password(settings: ConsoleSettings) -> str:
    password = settings.password.get_secret_value()
    if not password.isascii() or not password.isprintable() or set(password) & set(' ,;"'):
        raise SourceRefused(
            "the password cannot be sent to the console: take letters, digits and hyphens only"
        )
    return password


class ConsoleUnavailable(Exception):
    """Not connected to the console: nothing was typed."""


class ConsoleSource:
    """The console of one game server as the source of what happens; :meth:`run` keeps it read."""

    def __init__(
        self,
        server: ServerId,
        settings: ConsoleSettings,
        journal: Journal,
        *,
        zone: ZoneInfo,
        bedrock_prefix: str = ".",
        late_after_s: float = 120.0,
        twice: Twice | None = None,
        now: Callable[[], datetime] = utc_now,
        refused_wait_s: float = 60.0,
        most_wait_s: float = 15.0,
    ) -> None:
        """Make a source that reads nothing yet.

        Args:
            server: Whose console.
            settings: Where it is and what it looks like.
            journal: Where the facts go.
            zone: The zone of the server's clock.
            bedrock_prefix: What Floodgate puts before the names of Bedrock players.
            late_after_s: Facts that are older when read are marked late.
            twice: What another way into the server has told; those facts are passed over here.
            now: The clock, in UTC.
            refused_wait_s: How long to wait before trying a refused password again.
            most_wait_s: The longest pause between two attempts to connect.

        Raises:
            PatternError: One of the chat patterns cannot be used.
        """
        self.name = SourceName(f"log:{server}")  # it stands for the log
        self.state = LogState.STOPPED
        self.problem = "not connected yet"
        self.caught_up = asyncio.Event()  # set once what the console showed is in the journal
        self.failed = False
        self._server = server
        self._settings = settings
        self._journal = journal
        self._twice = twice
        self._now = now
        self._refused_wait_s = refused_wait_s
        self._most_wait_s = most_wait_s
        parser = LogParser(
            server,
            dialect=settings.dialect,
            chat_patterns=settings.chat_patterns,
            bedrock_prefix=bedrock_prefix,
        )
        self._drafter = ConsoleDrafter(self.name, parser, zone=zone, late_after_s=late_after_s)
        self._cutter = Cutter()
        self._restored = False
        self._last: Record | None = None
        self._ended_well = False  # the server has come to its end, and nothing of it was missed
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def parser(self) -> LogParser:
        """What reads the lines: who is online, and how many lines it did not know."""
        return self._drafter.parser

    @property
    def tells(self) -> bool:
        """Whether what happens is told by this console, now or as soon as it is read."""
        return not self.failed

    def call_late(self, after_s: float) -> None:
        """Mark facts late that are older than this when they are read, from now on."""
        self._drafter.late_after_s = after_s

    async def run(self) -> None:
        """Read until cancelled; a refused password is tried again slowly."""
        await keep_running(
            self, delays=lambda: backoff(most_s=self._most_wait_s), refused_wait_s=self._refused_wait_s
        )

    async def type(self, command: Command) -> None:
        """Type a command into the console; what the server answers is among its lines.

        Raises:
            CommandRefused: The command holds what must not reach a console; nothing was typed.
            ConsoleUnavailable: Not connected; nothing was typed, or it cannot be told whether it was.
        """
        line = encode(command).decode()
        if self._socket is None:
            raise ConsoleUnavailable(self.problem)
        try:
            await self._socket.send_str(msgspec.json.encode({"type": "stdin", "data": line}).decode())
        except (OSError, aiohttp.ClientError) as exc:
            raise ConsoleUnavailable(f"the connection broke: {reason_of(exc)}") from exc

    async def run_session(self, up: Callable[[], None]) -> None:
        """Connect, tell what was written meanwhile and read on.

        Raises:
            SourceLost: It could not connect, or the connection ended.
            SourceRefused: The console does not accept the password, or where we come from.
        """
        try:
            await self._session(up)
        except JournalError as exc:
            self.problem = f"cannot read the journal: {exc}"
            raise SourceLost(self.problem) from exc
        except (SourceLost, SourceRefused) as exc:
            self.problem, self.failed = str(exc), True
            raise
        finally:
            self._socket = None
            self.state = LogState.STOPPED
            self.caught_up.clear()

    async def _session(self, up: Callable[[], None]) -> None:
        await self._restore()
        async with connected(self._settings) as socket:
            self._socket, self.failed, self.problem = socket, False, ""
            self.state = LogState.READING
            up()
            async for message in socket:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    await self._take(message.data)
            self._ended_well = socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
            raise SourceLost(self._why(socket))

    def _why(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        if self._ended_well:
            return "the server has stopped"
        if (exc := socket.exception()) is not None:
            return f"the connection broke: {reason_of(exc)}"
        return "the server closed the connection"

    async def _restore(self) -> None:
        """Learn once from the journal who was on and what was read last."""
        if self._restored:
            return
        self._last = await self._journal.last(self.name)
        events: list[Event] = [
            record.event for record in await self._journal.recent(self.name, ROSTER, most=MOST_REMEMBERED)
        ]
        if self._twice is not None:
            events += await self._twice.recall(self._journal)
            events.sort(key=lambda event: event.at)
        self.parser.restore(events)
        self._restored = True

    async def _take(self, data: str | bytes) -> None:
        message = read_message(data)
        if message is None:
            log.debug("the console sends what is no message of its own", source=self.name)
        elif isinstance(message, History):
            await self._catch_up(self._cutter.history(message.texts))
            self.state = LogState.FOLLOWING
            self.caught_up.set()
        elif lines := self._cutter.feed(message.text):
            await self._append(self._drafter.drafts(lines, now=self._now(), live=True))

    async def _catch_up(self, lines: list[str]) -> None:
        """Tell what of the last lines is new."""
        now, drafter = self._now(), self._drafter
        tail = drafter.tail
        if tail is None and self._last is None:
            drafter.learn(lines, now=now)
            await self._begin(now)
            return
        known = tail or (None if self._last is None else Tail.parse(self._last.place))
        end = None if known is None else known.end_in(lines)
        if end is None:
            await self._go_on_after_a_hole(lines, known, now)
            return
        if tail is None:
            drafter.learn(lines[:end], now=drafter.moments(lines, now=now)[end - 1])
        await self._append(drafter.drafts(lines[end:], now=now))

    async def _begin(self, now: datetime) -> None:
        """Note where telling begins, and who is on where that can be said of all."""
        events: list[AnyEvent] = [ServerFollowed(at=now, server=self._server)]
        if self.parser.knows_all:
            events.append(ServerListed(at=now, server=self._server, players=self.parser.listed))
        place = str(self._drafter.tail or Tail(now, ("-",)))
        await self._append(
            [
                Draft(id=RecordId(f"{self.name}:{each.kind}"), source=self.name, place=place, event=each)
                for each in events
            ]
        )

    async def _go_on_after_a_hole(self, lines: list[str], known: Tail | None, now: datetime) -> None:
        """Tell lines that do not meet what was read last, and that what stood between them cannot be told."""
        first = self._drafter.moments(lines, now=now)[0] if lines else now
        drafts = self._drafter.drafts(lines, now=now)
        tail = self._drafter.tail
        if lines and tail is not None and not self._ended_well:
            since = first
            if known is not None:
                since = known.at
            elif self._last is not None:
                since = self._last.event.at
            event = ServerMissed(at=max(first, since), server=self._server, since=since)
            id_ = RecordId(f"{self.name}:{event.kind}:{event.at.isoformat()}")
            # It is appended with the lines, or not at all: its place is after them.
            drafts.insert(0, Draft(id=id_, source=self.name, place=str(tail), event=event))
        await self._append(drafts)

    async def _append(self, drafts: list[Draft]) -> None:
        """Journal the facts; where that fails, wait and try again: the server keeps some lines, too."""
        if self._twice is not None:
            drafts = self._twice.new(drafts)
        if not drafts:
            return
        waits, state, failures = backoff(most_s=30.0), self.state, 0
        while True:
            try:
                await self._journal.append(*drafts)
            except JournalError as exc:
                failures += 1
                self.state = LogState.BLOCKED
                tell = log.error if failures == 1 else log.debug
                full = isinstance(exc, JournalFull)
                tell("reading the console waits", source=self.name, disk_full=full, problem=str(exc))
                await asyncio.sleep(next(waits))
            else:
                break
        if failures:
            self.state = state
            log.info("the journal takes facts again", source=self.name)
