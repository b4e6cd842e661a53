"""One session with Discord's gateway: from login to the end, whatever ends it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import aiohttp
import discord
import structlog

from bridge.discord.errors import DiscordError, DiscordUnavailable, IntentsRefused, TokenRefused
from bridge.discord.names import Lookup
from bridge.discord.presence import EVERY_S, Presence
from bridge.discord.wire import FramePayload, ReadyPayload, Unreadable, read

log = structlog.get_logger(__name__)

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
_CLOSE_TIMEOUT_S: Final = 2.0  # the library itself would wait 30 s for the other side's goodbye
_CANCEL_AGAIN_S: Final = 0.2
_MOST_DROPS: Final = 5  # in a row, each within _LASTED_S of the one before
_LASTED_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """Who the bot is."""

    user: str
    application: str


class Listener(Protocol):
    """Hears what happens in a session; its methods do not block."""

    def began(self) -> None:
        """A new session was granted; what happened before it is not known."""

    def complete(self, me: Self, lookup: Lookup) -> None:
        """The session is up: after :meth:`began`, or resumed after :meth:`dropped`."""

    def dropped(self) -> None:
        """The connection broke; the library is trying to resume the session."""

    def heard(self, kind: str, frame: FramePayload) -> None:
        """An event of the gateway arrived, such as MESSAGE_CREATE."""


def _intents() -> discord.Intents:
    """Return only what is needed to read messages in a guild."""
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.message_content = True
    return intents


class _Client(discord.Client):
    """The library's client: hands its events on at once and in order, and keeps no messages."""

    def __init__(
        self, guild: str, listener: Listener, *, guild_wait_s: float, identify_wait_s: float, sleep: Sleep
    ) -> None:
        # Or it would warn at every start that it cannot speak with a voice.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=_intents(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=guild_wait_s,
            max_ratelimit_timeout=30.0,
            enable_debug_events=True,  # hands us the text of every frame
        )
        self._guild, self._listener = int(guild), listener
        self._identify_wait_s, self._sleep = identify_wait_s, sleep
        self._drops, self._dropped_at = 0, 0.0

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 - the library's
        """Wait before a session that could not be resumed is replaced by another, as Discord asks."""
        if not initial:
            await self._sleep(self._identify_wait_s)

    def dispatch(self, event: str, /, *args: object, **_: object) -> None:
        """Hear what the library announces; it would start a task for each, and their order would be luck."""
        match event:
            case "socket_raw_receive":
                self._read(str(args[0]))
            case "ready" | "resumed":
                self._listener.complete(self._me(), _GuildLookup(self, self._guild))
            case "disconnect":
                self._note_drop()
                self._listener.dropped()
            case _:
                pass

    def _read(self, text: str) -> None:
        try:
            frame = read(text, FramePayload)
        except Unreadable as exc:
            log.warning("a gateway frame that cannot be read is passed over", problem=str(exc))
            return
        if frame.t == "READY":
            self._listener.began()
            self._expect_guild(frame)
        elif frame.t is not None:
            self._listener.heard(frame.t, frame)

    def _expect_guild(self, frame: FramePayload) -> None:
        if str(self._guild) not in {guild.id for guild in read(frame.d, ReadyPayload).guilds}:
            log.error("the bot is not in the guild; invite it, or correct discord.guild", guild=self._guild)

    def _me(self) -> Self:
        user = str(self.user.id) if self.user is not None else ""
        return Self(user=user, application=str(self.application_id or user))

    def _note_drop(self) -> None:
        """End the session when it breaks again and again: the library would resume without any pause."""
        now = time.monotonic()
        self._drops = self._drops + 1 if now - self._dropped_at < _LASTED_S else 1
        self._dropped_at = now
        if self._drops >= _MOST_DROPS:
            raise ConnectionResetError(f"dropped {self._drops} times in a row")


class _GuildLookup:
    """Names and colours from what the library keeps of the guild."""

    def __init__(self, client: discord.Client, guild: int) -> None:
        self._client, self._id = client, guild

    def role(self, role: str) -> str | None:
        """Return a role's name."""
        found = self._role(role)
        return found.name if found is not None else None

    def channel(self, channel: str) -> str | None:
        """Return a channel's or thread's name."""
        guild = self._client.get_guild(self._id)
        found = guild.get_channel_or_thread(int(channel)) if guild is not None else None
        return found.name if found is not None else None

    def colour(self, roles: tuple[str, ...]) -> int | None:
        """Return the colour of the highest of these roles that has one."""
        found = [role for id_ in roles if (role := self._role(id_)) is not None and role.colour.value]
        return max(found).colour.value if found else None

    def _role(self, role: str) -> discord.Role | None:
        guild = self._client.get_guild(self._id)
        return guild.get_role(int(role)) if guild is not None else None


async def run_session(
    token: str,
    guild: str,
    listener: Listener,
    *,
    presence: Presence,
    connect_timeout_s: float,
    guild_wait_s: float,
    identify_wait_s: float,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Log in, hear events until the session ends, and always leave nothing open.

    Args:
        token: The bot's.
        guild: The guild whose roles and channels are looked up.
        listener: Hears what happens.
        presence: What the bot shows below its name.
        connect_timeout_s: How long login, connecting and resuming may take, each time.
        guild_wait_s: How long to wait for the guilds after the gateway has granted the session.
        identify_wait_s: How long to wait before a session that could not be resumed is replaced.
        sleep: Waits so many seconds.

    Raises:
        DiscordUnavailable: Login or connecting failed, or the session broke and could not be resumed.
        TokenRefused: Discord does not accept the token.
        IntentsRefused: Discord does not grant reading messages.
    """
    try:
        async with asyncio.timeout(connect_timeout_s) as deadline:
            timed = _Timed(listener, deadline, connect_timeout_s, presence)
            client = _Client(
                guild, timed, guild_wait_s=guild_wait_s, identify_wait_s=identify_wait_s, sleep=sleep
            )
            showing = asyncio.create_task(_keep_shown(client, presence, sleep), name="discord presence")
            try:
                await client.login(token)
                # Without the library's own reconnecting: it dies with an AttributeError when the first
                # connect fails, and waits up to 17 minutes. A dropped session is still resumed.
                await _until_over(client.connect(reconnect=False))
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)
                await _close(client)
    except (TokenRefused, IntentsRefused):
        raise
    except Exception as exc:  # whatever the library raises ends a session, never the bridge
        raise _meaning(exc) from exc


class _Timed:
    """A listener between the session and ours that stops the clock while the session is up."""

    def __init__(
        self, listener: Listener, deadline: asyncio.Timeout, timeout_s: float, presence: Presence
    ) -> None:
        self._listener, self._deadline, self._timeout_s = listener, deadline, timeout_s
        self._presence = presence

    def began(self) -> None:
        """Pass it on."""
        self._listener.began()

    def complete(self, me: Self, lookup: Lookup) -> None:
        """Stop the clock and pass it on."""
        self._deadline.reschedule(None)
        self._presence.begin()
        self._listener.complete(me, lookup)

    def dropped(self) -> None:
        """Start the clock and pass it on."""
        self._deadline.reschedule(asyncio.get_running_loop().time() + self._timeout_s)
        self._listener.dropped()

    def heard(self, kind: str, frame: FramePayload) -> None:
        """Pass it on."""
        self._listener.heard(kind, frame)


async def _keep_shown(client: discord.Client, presence: Presence, sleep: Sleep) -> None:
    """Tell the session what to show below the bot's name until cancelled."""
    while True:
        await presence.due.wait()
        if not client.is_ready():
            presence.due.clear()  # :meth:`Presence.begin` sets it once the session is up
            continue
        presence.due.clear()
        activity = None if presence.text is None else discord.CustomActivity(name=presence.text)
        try:
            await client.change_presence(activity=activity)
        except (aiohttp.ClientError, OSError, discord.DiscordException) as exc:
            log.debug("the presence was not shown; the next session is told", problem=repr(exc))
        await sleep(EVERY_S)


def _meaning(exc: Exception) -> DiscordError:
    """Return what ended a session in our words; what the library did not foresee is one of the ways."""
    match exc:
        case discord.LoginFailure() | discord.ConnectionClosed(code=4004):
            return TokenRefused()
        case discord.ConnectionClosed(code=4013 | 4014) | discord.PrivilegedIntentsRequired():
            return IntentsRefused()
        case discord.ConnectionClosed():
            problem = f"the gateway closed the session with code {exc.code}"
        case discord.HTTPException():
            problem = f"login failed with status {exc.status}"
        case aiohttp.WSServerHandshakeError():
            problem = f"the gateway answered with status {exc.status}"
        case TimeoutError():
            problem = "Discord did not answer in time"
        case aiohttp.ClientError() | OSError() | discord.DiscordException():
            problem = f"{type(exc).__name__}: {exc}"
        case _:
            log.error("the session broke on something unforeseen", exc_info=exc)
            problem = f"{type(exc).__name__}: {exc}"
    return DiscordUnavailable(problem)


async def _until_over(connecting: Coroutine[Any, Any, None]) -> None:
    """Await the library's connection; unlike it, a cancellation always ends this.

    It connects by ``asyncio.wait_for``, which in Python 3.11 loses a cancellation that comes at the moment of
    success: the session would live on, and whoever waits for its end would wait for ever.
    """
    task = asyncio.create_task(connecting, name="discord connection")
    try:
        await asyncio.wait({task})
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_CANCEL_AGAIN_S)
        await asyncio.gather(task, return_exceptions=True)  # looked at, or asyncio would call it forgotten
    await task


async def _close(client: discord.Client) -> None:
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await client.close()
    except TimeoutError:
        await client.http.close()
    except (aiohttp.ClientError, OSError) as exc:
        log.debug("closing the session failed", problem=repr(exc))
    finally:
        _stop_heartbeats()


def _stop_heartbeats() -> None:
    """Stop the library's threads: it forgets that of a connection which ends while it is being resumed."""
    loop = asyncio.get_running_loop()
    for thread in threading.enumerate():
        if isinstance(thread, discord.gateway.KeepAliveHandler) and thread.ws.loop is loop:
            thread.stop()
