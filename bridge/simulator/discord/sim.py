"""The pretend Discord: a guild on real sockets, with its members in the hands of the test or demo."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar

import aiohttp

from bridge.simulator.discord.authorize import AUTHORIZE
from bridge.simulator.discord.changes import Subscription
from bridge.simulator.discord.clock import Clock, Snowflake
from bridge.simulator.discord.commands import interaction_payload
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.faults import Faults
from bridge.simulator.discord.forms import NameRules
from bridge.simulator.discord.front import API, Front
from bridge.simulator.discord.gateway import CloseCode, Gateway
from bridge.simulator.discord.guild import SimGuild
from bridge.simulator.discord.interactions import FIRST_ANSWER_S, CommandUse, Interactions
from bridge.simulator.discord.limits import RateLimits
from bridge.simulator.discord.oauth import OAuthDesk
from bridge.simulator.discord.rest import Rest, SimRequest
from bridge.simulator.discord.values import PRIVILEGED, Channel, Intent, JsonObject, Member
from bridge.simulator.discord.world import World

T = TypeVar("T")
_GOING_AWAY: Final = 1001  # what the gateway closes with when it stops


class SimDiscord(SimGuild):
    """A guild with one bot, served over Discord's gateway and REST API.

    What a client asks for that the simulator does not know is kept in :attr:`errors` and raised by
    :meth:`stop`, so that nothing a client does wrong goes unseen. Times in the log of requests are
    seconds of ``time.monotonic``.

    Args:
        token: What the bot must identify with.
        guild: The guild's id; made from the clock when not given. The same for *bot*.
        guild_name: The guild's name.
        bot: The id of the bot's account and application.
        bot_name: The bot's name.
        clock: Other clocks than the machine's.
        rates: The limits to keep; ``UNLIMITED`` for none.
        names: Which webhook names are refused.
        granted: The privileged intents that are switched on in the developer portal.
        keep_messages: How many messages each channel keeps; all when not given.
        keep_requests: How many requests the log keeps; all when not given.
        heartbeat_s: The heartbeat interval told to clients.
        nonce_window_s: How long a nonce is remembered ("a few minutes").
    """

    def __init__(
        self,
        *,
        token: str = "simulated.bot.token",  # noqa: S107 - opens nothing but this simulator
        guild: str | None = None,
        guild_name: str = "Simulated community",
        bot: str | None = None,
        bot_name: str = "Footbridge",
        clock: Clock | None = None,
        rates: RateLimits | None = None,
        names: NameRules | None = None,
        granted: Intent = PRIVILEGED,
        keep_messages: int | None = None,
        keep_requests: int | None = None,
        heartbeat_s: float = 41.25,
        nonce_window_s: float = 180.0,
    ) -> None:
        world = World(
            clock=clock or Clock(),
            guild=None if guild is None else Snowflake(guild),
            guild_name=guild_name,
            bot=None if bot is None else Snowflake(bot),
            bot_name=bot_name,
            keep_messages=keep_messages,
        )
        core = Core(
            world=world,
            token=token,
            rates=rates or RateLimits(),
            names=names or NameRules(),
            granted=granted,
            nonce_window_s=nonce_window_s,
        )
        super().__init__(core)
        self.token = token
        self.faults = Faults()
        self.gateway = Gateway(self.core, self.faults, heartbeat_s=heartbeat_s)
        self._interactions = Interactions(self.core)
        self.rest = Rest(self.core, self.faults, self._interactions, keep_requests)
        self.front = Front(self.core, self.rest, self.gateway)
        self.port = 0

    # -- life

    async def start(self, port: int = 0, *, host: str = "127.0.0.1") -> None:
        """Listen on *port*; 0 takes any free one."""
        self.port = await self.front.start(host, port)
        self.world.serve_at(f"http://{host}:{self.port}")

    async def stop(self) -> None:
        """Close everything; may be started again, on the same port too.

        Raises:
            ExceptionGroup: Something was asked that is not simulated.
        """
        await self.close()
        self.raise_errors()

    async def close(self) -> None:
        """Close everything without raising what was kept in :attr:`errors`."""
        self.faults.clear()
        self.gateway.drop(_GOING_AWAY)
        await self.front.stop()

    def raise_errors(self) -> None:
        """Raise what was asked that is not simulated, and forget it.

        Raises:
            ExceptionGroup: There was something.
        """
        errors, self.core.errors = self.core.errors, []
        if errors:
            raise ExceptionGroup("SimDiscord could not handle", errors)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        if exc is None:
            self.raise_errors()

    @property
    def api_url(self) -> str:
        """Where the REST API is, without a slash at the end."""
        return self.world.base_url + API

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return self.world.base_url.replace("http", "ws", 1) + "/gateway"

    @property
    def commands(self) -> list[str]:
        """The names of the slash commands that are registered."""
        scopes = (None, self.world.guild)
        return [one["name"] for scope in scopes for one in self.core.commands.scope(scope).values()]

    @property
    def guild_id(self) -> Snowflake:
        """The guild's id."""
        return self.world.guild

    @property
    def bot(self) -> Member:
        """The bot as a member."""
        return self.world.members[self.world.bot]

    @property
    def rates(self) -> RateLimits:
        """The limits that are kept; assign others at any time."""
        return self.core.rates

    @rates.setter
    def rates(self, rates: RateLimits) -> None:
        self.core.rates = rates
        self.core.buckets.clear()

    @property
    def authorize_url(self) -> str:
        """Where browsers are sent to sign in with Discord."""
        return self.world.base_url + AUTHORIZE

    @property
    def oauth(self) -> OAuthDesk:
        """The codes and tokens of those who signed in."""
        return self.core.oauth

    def register_oauth(self, secret: str, *redirects: str) -> None:
        """Set the application's client secret (its id is the bot's) and its redirect addresses."""
        self.core.oauth.register(secret, redirects)

    async def sign_in(
        self, browser: aiohttp.ClientSession, url: str, member: Member | None
    ) -> aiohttp.ClientResponse:
        """Let a member agree on the page that an application sent their browser to; None refuses.

        Returns the answer at which the redirects from there end, read.
        """
        chosen = "" if member is None else member.id
        async with browser.post(url, data={"member": chosen}) as answer:
            await answer.read()
            return answer

    def revoke_token(self) -> None:
        """Make the bot's token worthless: 401 over REST, the gateway closes with 4004."""
        self.core.token = None
        self.gateway.drop(CloseCode.AUTHENTICATION_FAILED)

    async def use_command(
        self,
        member: Member,
        channel: Channel,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        locale: str = "en-US",
        timeout_s: float = 10.0,
    ) -> CommandUse:
        """Let a member use ``/name`` (subcommands after a space) and return what was answered.

        Returns as soon as the member sees an answer; later follow-ups still arrive in the result.

        Raises:
            ValueError: No such command is registered, or it does not take these options.
            RuntimeError: No bot is connected.
            TimeoutError: No first answer within 3 s, or nothing after a deferral within *timeout_s*.
        """
        use = self._interact(member, channel, name, options or {}, locale=locale, focused=None)
        await self.wait_for(lambda: use.acknowledged_s is not None, FIRST_ANSWER_S)
        await self.wait_for(lambda: use.answered, timeout_s)
        return use

    async def complete(
        self,
        member: Member,
        channel: Channel,
        name: str,
        *,
        option: str,
        typed: str,
        options: Mapping[str, object] | None = None,
        locale: str = "en-US",
    ) -> list[JsonObject]:
        """Return what the bot offers while a member types into an option.

        Raises:
            ValueError: No such command or option.
            RuntimeError: No bot is connected.
            TimeoutError: No answer within 3 s.
        """
        given = {**(options or {}), option: typed}
        use = self._interact(member, channel, name, given, locale=locale, focused=option)
        await self.wait_for(lambda: use.choices is not None, FIRST_ANSWER_S)
        return use.choices or []

    def _interact(
        self,
        member: Member,
        channel: Channel,
        name: str,
        options: Mapping[str, object],
        *,
        locale: str,
        focused: str | None,
    ) -> CommandUse:
        command = self.core.commands.find(name.split(" ", maxsplit=1)[0])
        if command is None:
            raise ValueError(f"/{name} is not registered")
        use = CommandUse(
            id_=self.world.ids.next(),
            token=secrets.token_urlsafe(64),
            name=name,
            member=self.world.members[member.id],
            channel=self.world.channel(channel.id),
            began_s=self.world.clock.steady(),
        )
        payload = interaction_payload(self.world, use, command, options, locale=locale, focused=focused)
        self._interactions.add(use)
        self.gateway.interact(payload)
        return use

    @property
    def requests(self) -> Sequence[SimRequest]:
        """The REST requests so far, oldest first."""
        return self.rest.requests

    @property
    def errors(self) -> Sequence[Exception]:
        """What was asked that is not simulated."""
        return self.core.errors

    def subscribe(self) -> Subscription:
        """Return an endless stream of everything that happens from now on."""
        return Subscription(self.world.hub)

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = 5.0) -> T:
        """Return what *predicate* gives as soon as it is true; asked after every change and request.

        Raises:
            TimeoutError: It was not true within *timeout_s*.
        """
        return await self.world.hub.until(predicate, timeout_s, self._describe)

    async def wait_online(self, timeout_s: float = 5.0) -> None:
        """Return when a bot has identified and is connected.

        Raises:
            TimeoutError: None was within *timeout_s*.
        """
        await self.wait_for(lambda: self.gateway.online, timeout_s)

    def _describe(self) -> str:
        counts = {one.name: self.created(one) for one in self.world.channels.values()}
        last = [f"{one.method} {one.path} {one.status}" for one in list(self.rest.requests)[-3:]]
        return (
            f"messages {counts}, {self.rest.received} requests, last {last}, "
            f"{len(self.gateway.online)} sessions online, problems {self.core.errors}"
        )
