"""Keeps the name and topic of a channel, and what the bot shows below its name, as the servers are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bridge.config.status_channel import PresenceSettings, SignSettings
from bridge.discord import DiscordError
from bridge.discord.boards import NAME_LIMIT, TOPIC_LIMIT, Boards
from bridge.discord.presence import Presence
from bridge.events import ChannelId
from bridge.features.status_channel.troubles import Standing
from bridge.store import Store
from bridge.store.status_channel import StoredSign, save_sign, stored_sign
from bridge.text import RichText, to_markdown, to_plain

LOOK_S: Final = 30.0  # from one look at the servers to the next; a change waits for its time

Fill = Callable[[str, tuple[str, ...]], Awaitable[RichText]]
"""Fills an owner's text with how the named servers are."""


class SignKeeper:
    """Gives one channel its name and topic, the newest only, in one request for both.

    One change in six minutes or more is never more than two in ten, which Discord allows.
    """

    def __init__(
        self,
        name: str,
        channel: ChannelId,
        settings: SignSettings,
        *,
        boards: Boards,
        store: Store,
        fill: Fill,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name, self.standing = name, Standing(f"sign:{name}", now)
        self._channel, self._settings, self._boards, self._store = channel, settings, boards, store
        self._fill, self._now, self._pause = fill, now, pause

    async def run(self) -> None:
        """Keep the channel current until cancelled."""
        while True:
            try:
                wait_s = await self._once()
            except DiscordError as exc:
                wait_s = self.standing.bad(exc)
            else:
                self.standing.good()
            await self._pause(wait_s)

    async def _once(self) -> float:
        """Change what is to be changed if its time has come; return how long to wait then."""
        async with self._store.reading() as conn:
            stored = await stored_sign(conn, self._channel)
        if stored is not None:
            again = stored.changed_at + timedelta(seconds=self._settings.every_s)
            if (left_s := (again - self._now()).total_seconds()) > 0:
                return min(left_s, self._settings.every_s)
        name, topic = await self._texts()
        old_name, old_topic = (stored.name, stored.topic) if stored is not None else (None, None)
        if (name, topic) == (old_name, old_topic):
            return LOOK_S
        await self._boards.sign(
            self._channel,
            name=name if name != old_name else None,
            topic=topic if topic != old_topic else None,
        )
        async with self._store.transaction() as tx:
            sign = StoredSign(channel=self._channel, name=name, topic=topic, changed_at=self._now())
            await save_sign(tx, sign)
        return LOOK_S

    async def _texts(self) -> tuple[str | None, str | None]:
        own, servers = self._settings, self._settings.servers
        name = None if own.name is None else to_plain(await self._fill(own.name, servers))[:NAME_LIMIT]
        topic = None if own.topic is None else to_markdown(await self._fill(own.topic, servers))[:TOPIC_LIMIT]
        return name, topic


class PresenceKeeper:
    """Shows one line after the other below the bot's name."""

    def __init__(
        self,
        settings: PresenceSettings,
        presence: Presence,
        fill: Fill,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings, self._presence, self._fill, self._pause = settings, presence, fill, pause

    async def run(self) -> None:
        """Go round the lines until cancelled."""
        while True:
            for line in self._settings.lines:
                self._presence.show(to_plain(await self._fill(line, self._settings.servers)))
                await self._pause(self._settings.every_s)
