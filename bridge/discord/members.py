"""Who somebody is in the guild right now: asked with the bot's token, and believed for a few seconds."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from bridge.discord.avatars import avatar_url
from bridge.discord.errors import DiscordRefused
from bridge.discord.limits import Route
from bridge.discord.permissions import Permission
from bridge.discord.rest import Rejected, Rest
from bridge.discord.wire import GuildPayload, MemberPayload, read

_T = TypeVar("_T")

BELIEVED_S: Final = 10.0  # with half a minute between two looks: who loses a role is out within one
_MOST_REMEMBERED: Final = 1000  # members
_UNKNOWN_MEMBER, _UNKNOWN_USER = 10007, 10013


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildMember:
    """A member of the guild.

    Attributes:
        id: The account's.
        name: As the guild sees it.
        avatar_url: Their picture there.
        roles: The ids of their roles.
        administrator: Whether they own the guild or have a role with the permission 'Administrator'.
    """

    id: str
    name: str
    avatar_url: str | None = None
    roles: frozenset[str] = frozenset()
    administrator: bool = False


@dataclass(slots=True)
class _Answer(Generic[_T]):
    """What was last answered to one question; the lock is held while it is asked again."""

    value: _T | None = None
    until: float = -math.inf
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Members:
    """Asks Discord for members of the guild, one request at a time for each of them."""

    def __init__(self, rest: Rest, guild: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._rest, self._guild, self._now = rest, guild, now
        self._members: dict[str, _Answer[GuildMember]] = {}  # the one asked for last is the last
        self._about: _Answer[GuildPayload] = _Answer()

    async def find(self, member: str) -> GuildMember | None:
        """Return a member as they are, or were a few seconds ago; None for somebody who is not in the guild.

        Raises:
            DiscordUnavailable: It cannot be said now.
            DiscordError: Somebody has to change something first; the message says what.
        """
        if not (member.isascii() and member.isdecimal()):
            return None
        answer = self._remembered(member)
        async with answer.lock:
            if self._now() >= answer.until:
                asked = self._now()
                answer.value = await self._ask(member)
                answer.until = asked + BELIEVED_S
            return answer.value

    async def is_administrator(self, member: str, roles: Collection[str]) -> bool:
        """Tell whether somebody with these roles may do everything in the guild.

        Raises:
            DiscordError: As for :meth:`find`.
        """
        guild = await self._guild_now()
        held = {guild.id, *roles}  # the role @everyone has the guild's id
        return member == guild.owner_id or any(
            role.id in held and int(role.permissions) & Permission.ADMINISTRATOR for role in guild.roles
        )

    async def _ask(self, member: str) -> GuildMember | None:
        route = Route.of("GET", "/guilds/{guild}/members/{user}", guild=self._guild, user=member)
        try:
            found = read((await self._rest.call(route)).body, MemberPayload)
        except Rejected as exc:
            if exc.code in {_UNKNOWN_MEMBER, _UNKNOWN_USER}:
                return None
            raise _no_guild(exc) from exc
        administrator = await self.is_administrator(member, found.roles)
        return guild_member(found, member, self._guild, administrator=administrator)

    async def _guild_now(self) -> GuildPayload:
        about = self._about
        async with about.lock:
            if about.value is None or self._now() >= about.until:
                asked = self._now()
                route = Route.of("GET", "/guilds/{guild}", guild=self._guild)
                try:
                    about.value = read((await self._rest.call(route)).body, GuildPayload)
                except Rejected as exc:
                    raise _no_guild(exc) from exc
                about.until = asked + BELIEVED_S
            return about.value

    def _remembered(self, member: str) -> _Answer[GuildMember]:
        answer = self._members.pop(member, None) or _Answer()
        if len(self._members) >= _MOST_REMEMBERED:
            # One that is being asked for may go as well: whoever waits for the answer holds it.
            del self._members[next(iter(self._members))]
        self._members[member] = answer
        return answer


def guild_member(payload: MemberPayload, id_: str, guild: str, *, administrator: bool) -> GuildMember:
    """Return what Discord tells about a member as a value."""
    user = payload.user
    name = (user.global_name or user.username) if user is not None else ""
    return GuildMember(
        id=id_,
        name=payload.nick or name or id_,
        avatar_url=avatar_url(user, payload, guild) if user is not None else None,
        roles=frozenset(payload.roles),
        administrator=administrator,
    )


def _no_guild(exc: Rejected) -> DiscordRefused:
    return DiscordRefused(
        f"{exc}; is the bot in the guild that discord.guild names? Invite it, or correct the setting",
        code=exc.code,
        reason=exc.reason,
    )
