"""A game server's console over RCON: one connection, one command at a time, the urgent ones first.

A command is never sent again once its bytes may have left: a ``give`` must not run twice. Who gets
:class:`RconUnknownOutcome` repeats only what is harmless to run twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable
from enum import IntEnum, StrEnum
from functools import cached_property

import structlog

from bridge.config.settings import RconSettings
from bridge.events import ServerId
from bridge.minecraft.commands import MOST_BYTES, VANILLA, Command, Syntax, encode
from bridge.minecraft.rcon_connection import (
    Connection,
    Exchange,
    RconError,
    RconRefused,
    RconTimeout,
    RconUnavailable,
    RconUnknownOutcome,
)
from bridge.supervise import SourceLost, SourceRefused, backoff, keep_running

__all__ = [
    "LinkState",
    "Priority",
    "RconError",
    "RconLink",
    "RconRefused",
    "RconTimeout",
    "RconUnavailable",
    "RconUnknownOutcome",
]

log = structlog.get_logger(__name__)


class Priority(IntEnum):
    """Who goes first when several wait."""

    STAFF = 0
    CHAT = 1
    HOUSEKEEPING = 2


class LinkState(StrEnum):
    """How the link is."""

    DOWN = "down"
    UP = "up"
    REFUSED = "refused"  # wrong password


class RconLink:
    """The console of one game server; :meth:`run` keeps it connected."""

    def __init__(
        self,
        server: ServerId,
        settings: RconSettings,
        *,
        syntax: Syntax = VANILLA,
        refused_wait_s: float = 60.0,
        most_wait_s: float = 15.0,
        came_up: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a link that is down.

        Args:
            server: Whose console.
            settings: Where it is.
            syntax: How the server wants its commands; may be changed later.
            refused_wait_s: How long to wait before trying the password again.
            most_wait_s: The longest pause between two attempts to connect.
            came_up: Called whenever it is connected.
        """
        self.name = f"rcon:{server}"
        self.up = asyncio.Event()
        self.syntax = syntax
        self.state = LinkState.DOWN
        self.problem = "not connected yet"  # why it is not up, in words
        self._settings = settings
        self._refused_wait_s = refused_wait_s
        self._most_wait_s = most_wait_s
        self._came_up = came_up
        self._waiting: tuple[deque[Exchange], ...] = tuple(deque() for _ in Priority)
        self._connection: Connection | None = None
        self._nudge = asyncio.Event()
        self._attempting = False
        self._tried = asyncio.Event()  # an attempt to connect has ended, well or not

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()  # once: each time is a call to the system

    @property
    def waiting(self) -> int:
        """How many commands wait for their turn."""
        return sum(map(len, self._waiting))

    async def run(self) -> None:
        """Keep connected until cancelled; a refused password is tried again slowly."""
        await keep_running(
            self,
            delays=lambda: backoff(most_s=self._most_wait_s),
            refused_wait_s=self._refused_wait_s,
            sleep=self._pause,
        )

    async def command(
        self, command: Command, *, priority: Priority = Priority.CHAT, timeout_s: float | None = None
    ) -> str:
        """Run one command and return what the server printed.

        Cancelling the caller takes a waiting command out of the queue; one that has left runs anyway.

        Args:
            command: What to run.
            priority: Who goes first when several wait.
            timeout_s: How long to wait for a connection, and for the reply once the command has left;
                the setting ``rcon.timeout`` when not given.

        Returns:
            The reply with its ``§`` codes and without any separator between messages; may be empty.

        Raises:
            CommandRefused: The command holds what must not reach a console; nothing was sent.
            RconUnavailable: Not connected; nothing was sent.
            RconRefused: The password is wrong; nothing was run.
            RconTimeout: No reply in time; the command may have run.
            RconUnknownOutcome: The connection broke before the reply; the command may have run.
        """
        timeout_s = self._settings.timeout_s if timeout_s is None else timeout_s
        exchange = Exchange(encode(command, self.syntax), timeout_s=timeout_s, loop=self._loop)
        if not self.up.is_set():
            await self._come_up(priority, timeout_s)
        connection = self._connection
        if connection is not None and connection.idle:  # then nobody waits either
            connection.start(exchange)
        else:
            self._waiting[priority].append(exchange)
        return await exchange.reply

    def reconfigure(self, settings: RconSettings) -> None:
        """Use other settings from now on: ends the present connection and connects anew."""
        self._settings = settings
        if self._connection is not None:
            self._connection.close(SourceLost("the settings changed"))
        self._nudge.set()

    async def run_session(self, up: Callable[[], None]) -> None:
        """Connect, log in and hand out replies until the connection ends.

        Raises:
            SourceLost: It could not connect, or the connection ended.
            SourceRefused: The password is wrong.
        """
        why: SourceLost | SourceRefused = SourceLost("the link was closed")
        self._attempting = True
        try:
            await self._session(up)
        except (SourceLost, SourceRefused) as exc:
            why = exc
            raise
        finally:
            self._is_down(_unavailable(why))
            if self._attempting:
                self._tried.set()

    async def _session(self, up: Callable[[], None]) -> None:
        connection = await self._connect()
        try:
            await connection.log_in(self._password(), timeout_s=self._settings.timeout_s)
            self._is_up(connection)
            up()
            raise await asyncio.shield(connection.ended)
        finally:
            connection.close(SourceLost("the link was closed"))

    async def _connect(self) -> Connection:
        settings = self._settings
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(settings.timeout_s):
                _transport, connection = await loop.create_connection(
                    lambda: Connection(self._send_next), settings.host, settings.port
                )
        except OSError as exc:  # TimeoutError is one
            raise SourceLost(f"cannot connect to port {settings.port}: {_reason(exc)}") from exc
        return connection

    def _password(self) -> str:
        password = self._settings.password.get_secret_value()
        if not password or "\0" in password or len(password.encode(errors="replace")) > MOST_BYTES:
            raise SourceRefused("the RCON password cannot be sent; change rcon.password")
        return password

    def _is_up(self, connection: Connection) -> None:
        self._connection = connection
        connection.ended.add_done_callback(lambda ended: self._is_down(_unavailable(ended.result())))
        self.state = LinkState.UP
        self.problem = ""
        self.up.set()
        self._came_up()
        self._attempting = False
        self._tried.set()

    def _is_down(self, why: RconUnavailable) -> None:
        self._connection = None
        self.state = LinkState.REFUSED if isinstance(why, RconRefused) else LinkState.DOWN
        self.problem = str(why)
        self.up.clear()
        for queue in self._waiting:
            while queue:
                queue.popleft().fail(self._not_sent())

    def _not_sent(self) -> RconUnavailable:
        error = RconRefused if self.state is LinkState.REFUSED else RconUnavailable
        return error(f"{self.problem}; nothing was sent")

    def _send_next(self) -> None:
        connection = self._connection
        if connection is None or not connection.idle:
            return
        for queue in self._waiting:
            while queue:
                exchange = queue.popleft()
                if not exchange.reply.done():  # else: its caller was cancelled
                    connection.start(exchange)
                    return

    async def _come_up(self, priority: Priority, timeout_s: float) -> None:
        """Wait for the next attempt to connect, which this hastens; raises when it fails."""
        if self.state is LinkState.REFUSED and priority is not Priority.STAFF:
            raise self._not_sent()
        self._tried.clear()
        self._nudge.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._tried.wait()
        if not self.up.is_set():
            raise self._not_sent()

    async def _pause(self, wait_s: float) -> None:
        """Wait, but less when somebody has a command to send."""
        floor_s = min(wait_s, 0.25)  # a server that hangs up at once is not hammered
        await asyncio.sleep(floor_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s - floor_s):
                await self._nudge.wait()
        self._nudge.clear()


def _unavailable(why: SourceLost | SourceRefused) -> RconUnavailable:
    return RconRefused(str(why)) if isinstance(why, SourceRefused) else RconUnavailable(str(why))


def _reason(exc: OSError) -> str:
    """Return what went wrong without the address, which asyncio puts into its messages."""
    if isinstance(exc, TimeoutError):
        return "no answer in time"
    return os.strerror(exc.errno) if exc.errno else type(exc).__name__
