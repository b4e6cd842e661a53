"""Tries what the bridge needs of Discord and says what is missing and how to put it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from bridge.config.settings import DiscordSettings
from bridge.discord.errors import DiscordUnavailable, TokenRefused
from bridge.discord.limits import Route
from bridge.discord.permissions import NEEDED, Permission, permissions_in
from bridge.discord.rest import Rejected, Rest
from bridge.discord.webhooks import THREADS
from bridge.discord.wire import (
    ApplicationPayload,
    ChannelPayload,
    GuildPayload,
    MemberPayload,
    UserPayload,
    read,
)

_T = TypeVar("_T")

_MESSAGE_CONTENT: Final = 1 << 18 | 1 << 19  # granted to verified bots, or switched on for small ones
_CLOCK_TOLERANCE_S: Final = 5.0
_TIMEOUT_S: Final = 10.0


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"  # works, but less well
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: a sentence's key, and the values for its placeholders."""

    level: Level
    key: str  # under ``doctor.discord``
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What channels are for, by their names in the settings; one that is in none is for conversation."""

    boards: frozenset[str] = frozenset()  # a message there is changed in place
    signs: frozenset[str] = frozenset()  # their name or topic tells something
    rooms: frozenset[str] = frozenset()  # for conversation, too


async def diagnose(
    settings: DiscordSettings, uses: Uses | None = None, *, timeout_s: float = _TIMEOUT_S
) -> list[Finding]:
    """Return what was found, in the order in which it has to be put right; never raises for what it finds."""
    rest = Rest(settings.api_url, settings.token, timeout_s=timeout_s)
    examination = _Examination(rest, settings, uses or Uses())
    try:
        await examination.run()
    except TokenRefused:
        examination.note(Level.FAIL, "token-refused")
    except DiscordUnavailable as exc:
        examination.note(Level.FAIL, "unreachable", url=settings.api_url, why=str(exc))
    finally:
        await rest.close()
    return examination.findings


class _Examination:
    def __init__(self, rest: Rest, settings: DiscordSettings, uses: Uses) -> None:
        self._rest, self._settings, self._uses = rest, settings, uses
        self.findings: list[Finding] = []

    def note(self, level: Level, key: str, **values: str | int) -> None:
        self.findings.append(Finding(level, f"doctor.discord.{key}", values))

    async def run(self) -> None:
        """Go from the token to the channels.

        Raises:
            TokenRefused: Nothing more can be tried.
            DiscordUnavailable: Discord does not answer.
        """
        reply = await self._rest.call(Route.of("GET", "/users/@me"))
        me = read(reply.body, UserPayload)
        self.note(Level.OK, "token", bot=me.username)
        self._clock(reply.ahead_s)
        application = await self._get(Route.of("GET", "/applications/@me"), ApplicationPayload)
        self._intent(application)
        try:
            guild = await self._get(
                Route.of("GET", "/guilds/{guild}", guild=self._settings.guild), GuildPayload
            )
            member = await self._get(
                Route.of("GET", "/guilds/{guild}/members/{user}", guild=guild.id, user=me.id), MemberPayload
            )
        except Rejected:
            self.note(Level.FAIL, "no-guild", guild=self._settings.guild, url=invitation(application.id))
            return
        self.note(Level.OK, "guild", guild=guild.name)
        for name, channel in self._settings.channels.items():
            await self._channel(name, channel, guild, member, me.id)

    def _clock(self, ahead_s: float | None) -> None:
        if ahead_s is None:
            return
        off_s = round(abs(ahead_s))
        if off_s > _CLOCK_TOLERANCE_S:
            self.note(Level.WARN, "clock-ahead" if ahead_s > 0 else "clock-behind", seconds=off_s)
        else:
            self.note(Level.OK, "clock")

    def _intent(self, application: ApplicationPayload) -> None:
        if application.flags & _MESSAGE_CONTENT:
            self.note(Level.OK, "intent")
        else:
            url = f"https://discord.com/developers/applications/{application.id}/bot"
            self.note(Level.FAIL, "no-intent", url=url)

    async def _channel(
        self, name: str, channel: str, guild: GuildPayload, member: MemberPayload, user: str
    ) -> None:
        try:
            found = await self._get(Route.of("GET", "/channels/{channel}", channel=channel), ChannelPayload)
            home = found
            if found.type in THREADS and found.parent_id is not None:
                route = Route.of("GET", "/channels/{channel}", channel=found.parent_id)
                home = await self._get(route, ChannelPayload)
        except Rejected as exc:
            key = "no-view-channel" if exc.status == 403 else "no-channel"
            self.note(Level.FAIL, key, channel=name, id=channel)
            return
        if found.guild_id != guild.id:
            self.note(Level.FAIL, "channel-elsewhere", channel=name, id=channel, guild=guild.name)
            return
        missing = self._missing(name, found, permissions_in(home, guild, member, user))
        for key, level in missing:
            self.note(level, key, channel=name, id=channel)
        if not missing:
            self.note(Level.OK, "channel", channel=name)

    def _missing(self, name: str, channel: ChannelPayload, granted: int) -> list[tuple[str, Level]]:
        uses, thread = self._uses, channel.type in THREADS
        sending = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
        needed = [(Permission.VIEW_CHANNEL, "no-view-channel", Level.FAIL)]
        board, sign = name in uses.boards, name in uses.signs
        talk = name in uses.rooms or not (board or sign)
        if talk or board:
            needed.append((sending, "no-send-messages", Level.FAIL))
        if talk:
            needed.append((Permission.READ_MESSAGE_HISTORY, "no-history", Level.WARN))
        if board:
            needed.append((Permission.READ_MESSAGE_HISTORY, "no-history-board", Level.FAIL))
            needed.append((Permission.EMBED_LINKS, "no-embeds", Level.FAIL))
            needed.append((Permission.ATTACH_FILES, "no-files", Level.FAIL))
        if sign:
            needed.append((Permission.MANAGE_CHANNELS, "no-manage-channels", Level.FAIL))
        if talk and self._settings.webhooks:
            needed.append((Permission.MANAGE_WEBHOOKS, "no-webhooks", Level.WARN))
        return [(key, level) for permission, key, level in needed if not granted & permission]

    async def _get(self, route: Route, wanted: type[_T]) -> _T:
        return read((await self._rest.call(route)).body, wanted)


def invitation(application: str) -> str:
    """Return the address under which an administrator lets the bot into a guild."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={int(NEEDED)}"
    )
