"""Sessions with the gateway one after another, and how things stand meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from pydantic import SecretStr

from bridge.discord.errors import DiscordUnavailable, IntentsRefused, TokenRefused
from bridge.discord.gateway import Listener, Self, run_session
from bridge.discord.names import Lookup
from bridge.discord.presence import Presence
from bridge.discord.rest import Rest
from bridge.discord.state import LinkState, LinkStatus
from bridge.discord.wire import FramePayload
from bridge.supervise import SourceLost, SourceRefused, backoff, keep_running

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the link waits for what, in seconds; tests make it shorter."""

    request_s: float = 15.0
    connect_s: float = 60.0
    guild_s: float = 0.5
    identify_s: float = 5.0  # Discord takes one IDENTIFY in five seconds
    first_pause_s: float = 5.0
    longest_pause_s: float = 300.0
    refused_pause_s: float = 300.0
    lasted_s: float = 60.0
    defer_s: float = 1.5


class Supervisor:
    """Keeps a session up. A failed first connect, a dropped session and a dead token look different."""

    name = "discord"

    def __init__(
        self,
        rest: Rest,
        guild: str,
        listener: Listener,
        *,
        token: SecretStr,
        presence: Presence,
        timing: Timing,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._rest, self._guild, self._listener = rest, guild, listener
        self._token, self._timing, self._now, self._sleep = token, timing, now, sleep
        self._presence = presence
        self._up: Callable[[], None] = lambda: None
        self._was_up = False
        self._again = asyncio.Event()  # do not wait any longer
        self._interrupt = asyncio.Event()  # end the present session
        self.ready = asyncio.Event()
        self.state = LinkState(status=LinkStatus.OFF, reason="not started", since=now())
        rest.on_token_refused = self._interrupt.set

    async def run(self) -> None:
        """Run sessions until cancelled."""
        self._set(LinkStatus.CONNECTING, "connecting for the first time")
        timing = self._timing
        try:
            await keep_running(
                self,
                delays=partial(backoff, first_s=timing.first_pause_s, most_s=timing.longest_pause_s),
                refused_wait_s=timing.refused_pause_s,
                stable_after_s=timing.lasted_s,
                sleep=self._pause,
            )
        finally:
            self._set(LinkStatus.OFF, "stopped")

    def use_token(self, token: SecretStr) -> None:
        """Try at once, with this token; a session with another one ends."""
        if token != self._token:
            self._interrupt.set()
        self._token = token
        self._rest.use_token(token)
        self._again.set()

    async def run_session(self, up: Callable[[], None]) -> None:
        """Run one session; *up* is called when it is complete.

        Raises:
            SourceLost: It broke or did not come about.
            SourceRefused: The token or the intents are not accepted.
        """
        self._up = up
        self._interrupt.clear()
        self._again.clear()
        self._rest.use_token(self._token)
        try:
            await self._until_interrupted()
        except DiscordUnavailable as exc:
            self._lost(str(exc))
            raise SourceLost(str(exc)) from exc
        except (TokenRefused, IntentsRefused) as exc:
            self._set(LinkStatus.REFUSED, str(exc))
            self._rest.token_refused = isinstance(exc, TokenRefused)
            log.error("discord does not let the bot in; everything else goes on", problem=str(exc))
            raise SourceRefused(str(exc)) from exc
        self._lost("the gateway closed the session")

    async def _until_interrupted(self) -> None:
        session = asyncio.create_task(self._session(), name="discord session")
        interrupt = asyncio.create_task(self._interrupt.wait(), name="discord interrupt")
        try:
            await asyncio.wait({session, interrupt}, return_when=asyncio.FIRST_COMPLETED)
            if session.done():
                await session
            elif self._rest.token_refused:
                raise TokenRefused
            else:
                raise DiscordUnavailable("the token was replaced")
        finally:
            for task in (session, interrupt):
                task.cancel()
            await asyncio.gather(session, interrupt, return_exceptions=True)

    async def _session(self) -> None:
        await run_session(
            self._token.get_secret_value(),
            self._guild,
            self,
            presence=self._presence,
            connect_timeout_s=self._timing.connect_s,
            guild_wait_s=self._timing.guild_s,
            identify_wait_s=self._timing.identify_s,
            sleep=self._sleep,
        )

    async def _pause(self, wait_s: float) -> None:
        """Wait, or until somebody wants to try at once."""
        tasks = {
            asyncio.ensure_future(self._sleep(wait_s)),
            asyncio.create_task(self._again.wait()),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def began(self) -> None:
        """Pass on that a session was granted."""
        self._listener.began()

    def complete(self, me: Self, lookup: Lookup) -> None:
        """Note that the session is up, and pass it on."""
        self._was_up = True
        self._set(LinkStatus.READY, "connected")
        self._up()
        self._listener.complete(me, lookup)

    def dropped(self) -> None:
        """Note that the connection broke, and pass it on."""
        self._lost("the connection broke; resuming the session")
        self._listener.dropped()

    def heard(self, kind: str, frame: FramePayload) -> None:
        """Pass on an event."""
        self._listener.heard(kind, frame)

    def _lost(self, reason: str) -> None:
        self._set(LinkStatus.LOST if self._was_up else LinkStatus.CONNECTING, reason)

    def _set(self, status: LinkStatus, reason: str) -> None:
        if status is LinkStatus.READY:
            self.ready.set()
        else:
            self.ready.clear()
        if (status, reason) != (self.state.status, self.state.reason):
            self.state = LinkState(status=status, reason=reason, since=self._now())
