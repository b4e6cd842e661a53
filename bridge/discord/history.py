"""Reads a channel's past messages, oldest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog

from bridge.discord.limits import Route
from bridge.discord.meaning import meaning
from bridge.discord.names import Names
from bridge.discord.rest import Rejected, Rest
from bridge.discord.wire import IdPayload, MemberPayload, MessagePayload, Unreadable, read
from bridge.events import ChannelId

log = structlog.get_logger(__name__)

_PAGE: Final = 100  # Discord's most
_MOST_NICKNAMES: Final = 100  # members asked for in one run; the others go by their account's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some messages of a channel, oldest first."""

    messages: tuple[MessagePayload, ...]
    ids: frozenset[str]  # also of messages that could not be read
    first: int  # from here to the last, ``ids`` is complete; 0 when it reaches the channel's beginning
    last: int  # 0 if there is none


class History:
    """Asks Discord for messages; a message that cannot be read is passed over, not the page."""

    def __init__(self, rest: Rest, guild: str, names: Names) -> None:
        self._rest, self._guild, self._names = rest, guild, names
        self._asked: set[str] = set()  # members whose nickname was asked for

    async def newest(self, channel: ChannelId) -> str | None:
        """Return the id of the channel's newest message; None for an empty channel.

        Raises:
            DiscordError: As for every request.
        """
        page = await self._page(channel, most=1)
        return str(page.last) if page.last else None

    async def after(self, channel: ChannelId, message: str) -> AsyncIterator[Page]:
        """Yield the messages after one in pages, oldest first.

        Raises:
            DiscordError: As for every request; what was yielded before stays good.
        """
        while True:
            page = await self._page(channel, most=_PAGE, after=message)
            if not page.ids:
                return
            yield page
            message = str(page.last)
            if len(page.ids) < _PAGE:
                return

    async def up_to(self, channel: ChannelId, message: str, *, most: int) -> Page:
        """Return the newest messages up to and with one.

        Raises:
            DiscordError: As for every request.
        """
        return await self._page(channel, most=most, before=str(int(message) + 1))

    async def newest_page(self, channel: ChannelId) -> Page:
        """Return the channel's newest messages.

        Raises:
            DiscordError: As for every request.
        """
        return await self._page(channel, most=_PAGE)

    async def learn_names(self, page: Page) -> None:
        """Ask for the nicknames of authors that the session has not told yet; each once.

        Raises:
            DiscordError: As for every request.
        """
        for message in page.messages:
            user = message.author
            known = user.bot or user.id in self._asked or self._names.member(user.id) is not None
            if known or message.webhook_id is not None or len(self._asked) >= _MOST_NICKNAMES:
                continue
            route = Route.of("GET", "/guilds/{guild}/members/{user}", guild=self._guild, user=user.id)
            try:
                member = read((await self._rest.call(route)).body, MemberPayload)
            except Rejected:  # left the guild: the account's own name will do
                self._asked.add(user.id)
                continue
            self._asked.add(user.id)
            self._names.learn(user.id, member)

    async def _page(self, channel: ChannelId, *, most: int, **query: str) -> Page:
        route = Route.of("GET", "/channels/{channel}/messages", channel=channel)
        try:
            reply = await self._rest.call(route, query={"limit": str(most), **query})
        except Rejected as exc:
            raise meaning(exc, channel, permission="Read Message History") from exc
        raw = read(reply.body, list[msgspec.Raw])
        ids = sorted(int(id_) for id_ in map(_id_of, raw) if id_ is not None)
        found = sorted((m for m in map(_readable, raw) if m is not None), key=lambda m: int(m.id))
        return Page(
            messages=tuple(found),
            ids=frozenset(map(str, ids)),
            first=ids[0] if ids and len(raw) >= most else 0,
            last=ids[-1] if ids else 0,
        )


def _id_of(raw: msgspec.Raw) -> str | None:
    try:
        id_ = read(raw, IdPayload).id
    except Unreadable:
        return None
    return id_ if id_.isdecimal() else None


def _readable(raw: msgspec.Raw) -> MessagePayload | None:
    if _id_of(raw) is None:
        return None
    try:
        return read(raw, MessagePayload)
    except Unreadable as exc:
        log.warning("a message that cannot be read is passed over", problem=str(exc))
        return None
