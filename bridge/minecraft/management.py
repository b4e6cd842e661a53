"""A game server over its Management Protocol: who plays, how it is, and what staff may do to it.

The server tells nothing again that was missed while disconnected: after each connection it is asked how it is
and who plays. Calls are never repeated by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import structlog

from bridge.config.settings import ManagementSettings
from bridge.events import ListedPlayer, ServerId
from bridge.journal.records import JournalError
from bridge.minecraft.log.drafts import utc_now
from bridge.minecraft.management_calls import ManagementCalls
from bridge.minecraft.management_connection import Connection
from bridge.minecraft.management_errors import (
    ManagementError,
    ManagementFailed,
    ManagementRefused,
    ManagementUnavailable,
    ManagementUnsupported,
)
from bridge.minecraft.management_facts import ManagementFacts, same_player
from bridge.minecraft.management_wire import (
    Json,
    Notification,
    Offer,
    ServerState,
    read_offer,
    read_player,
    read_players,
    read_state,
)
from bridge.minecraft.rcon import LinkState
from bridge.minecraft.websocket import opened, trust
from bridge.supervise import SourceLost, SourceRefused, backoff, keep_running

log = structlog.get_logger(__name__)

MOST_MESSAGE_BYTES: Final = 8 * 1024 * 1024
"""The longest message that is read: a list of some fifty thousand bans."""

_ATTEMPT: Final = 3  # times the time-out: connecting, and the first answers
_UNAUTHORIZED: Final = (
    "the server does not accept the secret; copy management-server-secret from server.properties"
)
_FORBIDDEN: Final = "the server does not accept this connection (HTTP 403)"


class ManagementLink(ManagementCalls):
    """The management of one game server; :meth:`run` keeps it connected."""

    def __init__(
        self,
        server: ServerId,
        settings: ManagementSettings,
        *,
        facts: ManagementFacts | None = None,
        now: Callable[[], datetime] = utc_now,
        refused_wait_s: float = 60.0,
        most_wait_s: float = 15.0,
    ) -> None:
        """Make a link that is down.

        Args:
            server: Whose management.
            settings: Where it is.
            facts: Whom to tell what happens; nobody when not given.
            now: The clock, in UTC.
            refused_wait_s: How long to wait before trying a refused secret again.
            most_wait_s: The longest pause between two attempts to connect.
        """
        self.name = f"management:{server}"
        self.up = asyncio.Event()
        self.link = LinkState.DOWN
        self.problem = "not connected yet"  # why it is not up, in words
        self.state: ServerState | None = None  # how the server is; None where that is not known now
        self.offer = Offer()
        self._settings = settings
        self._facts = facts
        self._now = now
        self._refused_wait_s = refused_wait_s
        self._most_wait_s = most_wait_s
        self._roster: dict[str, ListedPlayer] | None = None
        self._connection: Connection | None = None
        self._nudge = asyncio.Event()
        self._tried = asyncio.Event()  # an attempt to connect has ended, well or not
        self._attempting = False

    @property
    def roster(self) -> tuple[ListedPlayer, ...] | None:
        """Who plays now; ``None`` where that is not known."""
        return None if self._roster is None else tuple(self._roster.values())

    async def run(self) -> None:
        """Keep connected until cancelled; a refused secret is tried again slowly."""
        await keep_running(
            self,
            delays=lambda: backoff(most_s=self._most_wait_s),
            refused_wait_s=self._refused_wait_s,
            sleep=self._pause,
        )

    def reconfigure(self, settings: ManagementSettings) -> None:
        """Use other settings from now on: ends the present connection and connects anew."""
        self._settings = settings
        if self._connection is not None:
            self._connection.end(SourceLost("the settings changed"))
        self._nudge.set()

    async def call(self, method: str, *params: Json) -> Json:
        """Ask for something and return the answer; see :meth:`ManagementCalls.call`.

        Without a connection the next attempt is hastened, and waited for as long as it may take.

        Raises:
            ManagementUnavailable: Not connected; nothing was sent.
            ManagementRefused: The server does not accept the secret; nothing was sent.
            ManagementTimeout: No answer in time; it may have been done.
            ManagementUnknownOutcome: The connection broke before the answer; it may have been done.
            ManagementUnsupported: This server cannot do it.
            ManagementFailed: The server did not do it.
            ValueError: The request cannot be sent; nothing was.
        """
        if not self.up.is_set():
            await self._come_up()
        connection = self._connection
        if connection is None:
            raise self._not_sent()
        if self.offer.lacks(method):
            raise ManagementUnsupported(0, f"this version of the server has no {method}")
        return await connection.call(method, *params, timeout_s=self._settings.timeout_s)

    async def run_session(self, up: Callable[[], None]) -> None:
        """Connect, learn how the server is and take in what it tells until the connection ends.

        Raises:
            SourceLost: It could not connect, or the connection ended.
            SourceRefused: The server does not accept the secret or the certificate is not trusted.
        """
        why: SourceLost | SourceRefused = SourceLost("the link was closed")
        self._attempting = True
        try:
            await self._session(up)
        except (SourceLost, SourceRefused) as exc:
            why = exc
            raise
        except (JournalError, ManagementError) as exc:
            why = SourceLost(str(exc))
            raise why from exc
        finally:
            self._is_down(why)

    async def _session(self, up: Callable[[], None]) -> None:
        async with self._connected() as connection:
            self.offer = await self._discover(connection)
            await self._learn(connection)
            self._is_up(connection)
            up()
            async for at, notification in connection.notifications():
                await self._take(connection, at, notification)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        settings = self._settings
        scheme = "wss" if settings.tls else "ws"
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        opening = opened(
            f"{scheme}://{host}:{settings.port}/",
            port=settings.port,
            timeout_s=settings.timeout_s,
            most_bytes=MOST_MESSAGE_BYTES,
            headers={"Authorization": f"Bearer {self._secret()}"},
            trusted=await trust(settings.ca_file) if settings.tls else None,
            refusals={401: _UNAUTHORIZED, 403: _FORBIDDEN},
        )
        async with opening as socket:
            connection = Connection(socket, name=self.name, now=self._now, on_end=self._ended)
            reading = asyncio.create_task(connection.read(), name=f"{self.name} reads")
            try:
                yield connection
            finally:
                reading.cancel()
                await asyncio.wait([reading])
                if not reading.cancelled():
                    reading.result()

    def _secret(self) -> str:
        secret = self._settings.secret.get_secret_value()
        if not secret.isascii() or not secret.isprintable() or " " in secret:
            raise SourceRefused("the secret cannot be sent; it is 40 letters and digits in server.properties")
        return secret

    async def _discover(self, connection: Connection) -> Offer:
        """Ask what the server can do; nothing is known of those that do not tell."""
        try:
            answer = await connection.call("rpc.discover", timeout_s=self._settings.timeout_s)
        except ManagementFailed as exc:
            log.info("the server does not tell what it can do", session=self.name, problem=str(exc))
            return Offer()
        return read_offer(answer)

    async def _learn(self, connection: Connection) -> None:
        """Ask how the server is and who plays, and let the facts be compared with that."""
        state = read_state(await self._ask(connection, "minecraft:server/status"))
        players = None if state is None else state.players
        if state is None or (state.started and players is None):
            players = read_players(await self._ask(connection, "minecraft:players"))
        if players is None and state is not None and not state.started:
            players = ()
        self.state, self._roster = state, _by_key(players)
        if self._facts is not None and players is not None:
            await self._facts.connected(self._now(), state or ServerState(started=True), players)

    async def _ask(self, connection: Connection, method: str) -> Json:
        """Ask what some versions do not answer, or not before they have started."""
        try:
            return await connection.call(method, timeout_s=self._settings.timeout_s)
        except ManagementFailed as exc:
            log.debug("the server does not answer that", session=self.name, method=method, problem=str(exc))
            return None

    async def _take(self, connection: Connection, at: datetime, told: Notification) -> None:
        match told.name:
            case "players/joined" | "players/left":
                player = read_player(told.data)
                if player is None:
                    await self._look(connection, at)  # somebody without a name, in words we do not know
                elif told.name == "players/joined":
                    await self._joined(at, player)
                else:
                    await self._left(at, player)
            case "server/status":
                if (state := read_state(told.data)) is not None:
                    await self._stated(at, state)
            case "server/started":
                self._roster = {}
                self.state = ServerState(started=True, version=self.state.version if self.state else None)
                if self._facts is not None:
                    await self._facts.started(at)
            case "server/stopping":
                if self._facts is not None:
                    await self._facts.stopping(at)
            case _:
                log.debug("a notification that nobody here asks for", session=self.name, told=told.name)

    async def _joined(self, at: datetime, player: ListedPlayer) -> None:
        if self._roster is not None:  # else it could not be asked for
            if same_player(player) in self._roster:
                return  # told already, or asked for after it happened
            self._roster = self._roster | {same_player(player): player}
        if self._facts is not None:
            await self._facts.joined(at, player)

    async def _left(self, at: datetime, player: ListedPlayer) -> None:
        if self._roster is not None:
            if same_player(player) not in self._roster:
                return
            self._roster = {key: each for key, each in self._roster.items() if key != same_player(player)}
        if self._facts is not None:
            await self._facts.left(at, player)

    async def _stated(self, at: datetime, state: ServerState) -> None:
        """Take in the server's heartbeat; its players are right where others were told."""
        self.state = state
        if state.players is not None and state.started:
            await self._reconcile(at, state.players)

    async def _look(self, connection: Connection, at: datetime) -> None:
        players = read_players(await self._ask(connection, "minecraft:players"))
        if players is not None:
            await self._reconcile(at, players)

    async def _reconcile(self, at: datetime, players: Iterable[ListedPlayer]) -> None:
        now = _by_key(players) or {}
        before, self._roster = self._roster, now
        if self._facts is not None and before is not None and before.keys() != now.keys():
            await self._facts.listed(at, now.values())

    def _is_up(self, connection: Connection) -> None:
        self._connection = connection
        self.link = LinkState.UP
        self.problem = ""
        self.up.set()
        self._attempting = False
        self._tried.set()

    def _ended(self, why: SourceLost) -> None:
        """Be down at once; what has not been up yet says by itself why it does not come up."""
        if self.up.is_set():
            self._is_down(why)

    def _is_down(self, why: SourceLost | SourceRefused) -> None:
        if self._facts is not None and self.up.is_set():
            self._facts.lost()
        self._connection = self._roster = self.state = None
        self.link = LinkState.REFUSED if isinstance(why, SourceRefused) else LinkState.DOWN
        self.problem = str(why)
        self.up.clear()
        if self._attempting:
            self._tried.set()

    def _not_sent(self) -> ManagementUnavailable:
        error = ManagementRefused if self.link is LinkState.REFUSED else ManagementUnavailable
        return error(f"{self.problem}; nothing was sent")

    async def _come_up(self) -> None:
        """Wait for the next attempt to connect, which this hastens; raises when it fails."""
        self._tried.clear()
        self._nudge.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ATTEMPT * self._settings.timeout_s):
                await self._tried.wait()
        if not self.up.is_set():
            raise self._not_sent()

    async def _pause(self, wait_s: float) -> None:
        """Wait, but less when somebody has something to ask."""
        floor_s = min(wait_s, 0.25)  # a server that hangs up at once is not hammered
        await asyncio.sleep(floor_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s - floor_s):
                await self._nudge.wait()
        self._nudge.clear()


def _by_key(players: Iterable[ListedPlayer] | None) -> dict[str, ListedPlayer] | None:
    return None if players is None else {same_player(player): player for player in players}
