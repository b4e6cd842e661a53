"""The link to Discord as the rest of the bridge uses it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from bridge.config.settings import DiscordSettings
from bridge.discord.commands import Refuse, SlashCommand
from bridge.discord.errors import DiscordError
from bridge.discord.gateway import Self
from bridge.discord.history import History
from bridge.discord.inbound import Inbound
from bridge.discord.intake import Changed, Intake, Removed, Said, utc_now
from bridge.discord.interactions import Interactions
from bridge.discord.limits import Route, Usage
from bridge.discord.members import GuildMember, Members
from bridge.discord.names import Lookup, Names
from bridge.discord.poster import Poster
from bridge.discord.posts import Expected, MessageId, Post, Sent
from bridge.discord.presence import Presence
from bridge.discord.redirect import redirect
from bridge.discord.rest import Rest
from bridge.discord.session import Supervisor, Timing
from bridge.discord.state import LinkState
from bridge.discord.webhooks import Webhooks
from bridge.discord.wire import (
    ApplicationPayload,
    FramePayload,
    IdPayload,
    MessagePayload,
    RemovedPayload,
    Unreadable,
    read,
)
from bridge.events import ChannelId
from bridge.journal import Journal

if TYPE_CHECKING:
    from bridge.discord.boards import Boards

log = structlog.get_logger(__name__)

_MOST_OWN_REMOVALS: Final = 1000
_REGISTER_AGAIN_S: Final = 60.0


class DiscordLink:
    """Discord in and out: messages of the rooms' channels become records; posts, edits and commands go out.

    What can go wrong with the methods that write, by what the caller can do about it:

    - ``DiscordUnavailable``: try again, after ``retry_after_s``; if ``outcome_unknown``, look first.
    - ``NameRefused``: use the fallback name. ``DiscordRefused``: this post will never pass.
    - ``WebhooksForbidden``: post as the bot. ``Forbidden``, ``ChannelGone``, ``TokenRefused``: somebody
      has to change something; the message says what.
    """

    def __init__(
        self,
        settings: DiscordSettings,
        journal: Journal,
        *,
        channels: frozenset[ChannelId],
        late_after_s: float = 120.0,
        timing: Timing | None = None,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        timing = timing or Timing()
        redirect(settings)
        self._settings, self._sleep = settings, sleep
        self._me: Self | None = None
        self._commands_known = False
        self._names = Names()
        self._tasks: asyncio.TaskGroup | None = None
        self._own_removals: OrderedDict[str, None] = OrderedDict()
        self.removed: list[Callable[[frozenset[str]], None]] = []
        """Told of the messages that somebody deleted, in any channel that the bot sees."""
        self._rest = Rest(settings.api_url, settings.token, timeout_s=timing.request_s)
        self._history = History(self._rest, settings.guild, self._names)
        self._members = Members(self._rest, settings.guild)
        self._webhooks = Webhooks(self._rest, self._application, enabled=settings.webhooks)
        self._interactions = Interactions(self._rest, defer_after_s=timing.defer_s)
        self._poster = Poster(
            self._rest,
            self._webhooks,
            self._history,
            allowed=settings.allowed_mentions,
            is_ours=self._is_certainly_ours,
        )
        self.presence = Presence()
        self._supervisor = Supervisor(
            self._rest,
            settings.guild,
            self,
            token=settings.token,
            presence=self.presence,
            timing=timing,
            now=now,
            sleep=sleep,
        )
        self._inbound = Inbound(self._names, settings.guild, relay_bots=settings.relay_bots)
        self._intakes = {
            channel: self._intake(channel, journal, late_after_s=late_after_s, now=now)
            for channel in sorted(channels)
        }

    def _intake(
        self, channel: ChannelId, journal: Journal, *, late_after_s: float, now: Callable[[], datetime]
    ) -> Intake:
        return Intake(
            channel,
            journal,
            self._history,
            self._inbound,
            is_ours=self._is_ours,
            late_after_s=late_after_s,
            now=now,
            sleep=self._sleep,
        )

    @property
    def state(self) -> LinkState:
        """How things stand with Discord."""
        return self._supervisor.state

    @property
    def ready(self) -> asyncio.Event:
        """Set while a session is up."""
        return self._supervisor.ready

    @property
    def usage(self) -> Usage:
        """How much of Discord's allowance was used since the start."""
        return self._rest.usage

    @property
    def commands_known(self) -> bool:
        """Whether Discord has the slash commands as they are now."""
        return self._commands_known

    async def run(self) -> None:
        """Keep the session up and the channels read until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                for intake in self._intakes.values():
                    tasks.create_task(intake.run(), name=f"discord:{intake.channel}")
                tasks.create_task(self._prepare(), name="discord preparations")
                tasks.create_task(self._supervisor.run(), name="discord")
        finally:
            self._tasks = None
            await self._rest.close()

    def reload(self, settings: DiscordSettings, *, late_after_s: float | None = None) -> None:
        """Go on with changed settings; while there is no session, try at once instead of waiting.

        Taken are ``token``, ``webhooks``, ``allowed-mentions`` and ``relay-bots``; guild, channels and
        addresses need a restart.
        """
        self._settings = settings
        self._poster.allowed = settings.allowed_mentions
        self._inbound.relay_bots = settings.relay_bots
        self._webhooks.enabled = settings.webhooks
        self._webhooks.look_again()
        for intake in self._intakes.values():
            intake.late_after_s = intake.late_after_s if late_after_s is None else late_after_s
        self._supervisor.use_token(settings.token)

    def add_command(self, command: SlashCommand) -> None:
        """Offer a slash command; call it before :meth:`run`.

        Raises:
            ValueError: There is one of that name already.
        """
        self._interactions.add(command)

    def admit_by(self, refuse: Refuse) -> None:
        """Ask this before a command runs."""
        self._interactions.refuse = refuse

    def webhooks_usable(self, channel: ChannelId) -> bool:
        """Tell whether :meth:`send_as` can work here, as far as is known."""
        return self._webhooks.usable(channel)

    async def member(self, id_: str) -> GuildMember | None:
        """Return a member as they are, or were at most 10 s ago; None for somebody who is not in the guild.

        Raises:
            DiscordError: See the class.
        """
        return await self._members.find(id_)

    async def is_administrator(self, id_: str, roles: Collection[str]) -> bool:
        """Tell whether a member with these roles owns or administers the guild.

        Raises:
            DiscordError: See the class.
        """
        return await self._members.is_administrator(id_, roles)

    def boards(self) -> Boards:
        """Return what shows messages that are changed in place, and gives channels names and topics."""
        from bridge.discord.boards import Boards  # noqa: PLC0415 - few communities use it

        return Boards(self._rest, self._history, self._is_certainly_ours)

    async def turn(self, channel: ChannelId) -> None:
        """Wait until a post to the channel would go out at once.

        Who writes the post only then can put into it what came meanwhile.

        Raises:
            DiscordUnavailable: The wait would be too long.
        """
        await self._poster.turn(channel)

    async def send(self, post: Post, channel: ChannelId, *, nonce: str) -> Sent:
        """Post as the bot, in one attempt.

        Repeating it within a few minutes with the same *nonce* posts nothing a second time: Discord then
        answers with the first message.

        Args:
            post: What to say.
            channel: Where.
            nonce: 1 to 25 characters, made from what the post stands for.

        Raises:
            DiscordError: See the class.
            ValueError: The nonce is empty or too long.
        """
        return await self._poster.send(post, channel, nonce=nonce)

    async def send_as(self, post: Post, channel: ChannelId, *, name: str, avatar_url: str | None) -> Sent:
        """Post under another name through our webhook, in one attempt.

        Webhooks have no nonce: after an unknown outcome ask :meth:`find_sent` before repeating. Posts to
        one channel go out in the order of the calls. A cancelled call may have posted.

        Raises:
            NameRefused: Discord does not take the name.
            WebhooksForbidden: There is no webhook for us in this channel.
            DiscordError: See the class.
        """
        return await self._poster.send_as(post, channel, name=name, avatar_url=avatar_url)

    async def find_sent(
        self, channel: ChannelId, posts: Sequence[Expected], *, after: MessageId | None
    ) -> tuple[Sent | None, ...]:
        """Look which posts have arrived, for instance after a crash or a lost answer.

        A request whose answer was lost may still be handled a moment later: wait a second or two first.

        Args:
            channel: Where they were sent.
            posts: What was sent, in that order.
            after: A message that is older than all of them; without it only the newest hundred messages
                of the channel are looked through. :func:`message_id_at` makes one.

        Returns:
            For each post the message that carries it; None where it has not arrived.

        Raises:
            HistoryTooLong: It was not found among the thousand messages after that one.
            DiscordError: See the class.
        """
        return await self._poster.find(channel, posts, after)

    async def edit(self, sent: Sent, post: Post) -> None:
        """Replace the content of a message of ours; doing it twice is harmless.

        Raises:
            MessageGone: It was deleted, or its webhook is no longer ours.
            DiscordError: See the class.
        """
        await self._poster.edit(sent, post)

    async def delete(self, sent: Sent) -> None:
        """Delete a message: ours, or a member's where the bot has 'Manage Messages'; twice is harmless.

        The deletion does not come back as a record.

        Raises:
            MessageGone: It is gone already.
            DiscordError: See the class.
        """
        self._own_removals[sent.message] = None
        if len(self._own_removals) > _MOST_OWN_REMOVALS:
            self._own_removals.popitem(last=False)
        await self._poster.delete(sent)

    def began(self) -> None:
        """Hold back what is live: a new session was granted."""
        for intake in self._intakes.values():
            intake.begin_gap()

    def complete(self, me: Self, lookup: Lookup) -> None:
        """Read what was missed: the session is up."""
        self._me, self._names.lookup = me, lookup
        self._webhooks.look_again()
        for intake in self._intakes.values():
            intake.end_gap()

    def dropped(self) -> None:
        """Do nothing: a session that is resumed tells what was missed, another begins with :meth:`began`."""

    def heard(self, kind: str, frame: FramePayload) -> None:
        """Hand an event of the gateway to its channel, or to the commands."""
        try:
            match kind:
                case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
                    self._heard_message(kind, frame.d)
                case "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK":
                    self._heard_removal(frame.d)
                case "INTERACTION_CREATE" if self._tasks is not None:
                    self._tasks.create_task(self._interactions.handle(frame.d), name="discord command")
                case _:
                    pass
        except Unreadable as exc:
            log.warning("a gateway event that cannot be read is passed over", kind=kind, problem=str(exc))

    def _heard_message(self, kind: str, raw: msgspec.Raw) -> None:
        message = read(raw, MessagePayload)
        if message.member is not None and message.webhook_id is None:
            self._names.learn(message.author.id, message.member)
        intake = self._intakes.get(ChannelId(message.channel_id))
        if intake is not None:
            intake.offer(Said(message) if kind == "MESSAGE_CREATE" else Changed(message))

    def _heard_removal(self, raw: msgspec.Raw) -> None:
        removed = read(raw, RemovedPayload)
        intake = self._intakes.get(ChannelId(removed.channel_id))
        named = removed.ids if removed.id is None else (removed.id,)
        for tell in self.removed:
            tell(frozenset(named))
        ids = tuple(id_ for id_ in named if id_ not in self._own_removals)
        if intake is not None and ids:
            intake.offer(Removed(ids))

    async def _prepare(self) -> None:
        """Register the commands and find the webhooks, as soon as the first session is up."""
        await self.ready.wait()
        for channel in self._intakes if self._settings.webhooks else ():
            try:
                await self._webhooks.find(channel)
            except DiscordError as exc:  # the first post to the channel will meet it again
                log.debug("no webhook yet", channel=channel, problem=str(exc))
        while True:
            try:
                await self._interactions.register(await self._application(), self._settings.guild)
            except DiscordError as exc:
                log.warning("the slash commands could not be registered", problem=str(exc))
                await self._sleep(_REGISTER_AGAIN_S)
            else:
                self._commands_known = True
                return

    async def _application(self) -> str:
        return (await self._identity()).application

    async def _identity(self) -> Self:
        """Return who we are, asked for if no session has told yet."""
        if self._me is None:
            application = read((await self._rest.call(_APPLICATION)).body, ApplicationPayload)
            user = read((await self._rest.call(_USER)).body, IdPayload)
            self._me = Self(user=user.id, application=application.id)
        return self._me

    def _is_ours(self, message: MessagePayload) -> bool:
        """Tell whether the bridge wrote a message; a session is or was up."""
        if message.webhook_id is not None and message.webhook_id in self._webhooks.own:
            return True
        return self._me is not None and (
            message.author.id == self._me.user or message.application_id == self._me.application
        )

    async def _is_certainly_ours(self, message: MessagePayload) -> bool:
        await self._identity()
        return self._is_ours(message)


_APPLICATION: Final = Route.of("GET", "/applications/@me")
_USER: Final = Route.of("GET", "/users/@me")
