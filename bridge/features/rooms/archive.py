"""Derives the archive from the journal: lines as they now read, without those that were removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import (
    CHAT_LINES,
    AnnouncementMade,
    ChatEdited,
    ChatLine,
    ChatRemoved,
    Event,
    PlayerIdentified,
    PlayerJoined,
    ServerId,
    SpeakerKind,
)
from bridge.features.routes import Routes
from bridge.features.telling import NOTICES
from bridge.journal import Reader, ReaderName, Record
from bridge.store import Store
from bridge.store.announcements import add_announcement, remove_announcement
from bridge.store.deliveries import records_of_copy
from bridge.store.lines import add_line, edit_line, line_from, remove_line, remove_line_at
from bridge.store.players import see_player

log = structlog.get_logger(__name__)

READ: Final[tuple[type[Event], ...]] = (
    *CHAT_LINES,
    ChatEdited,
    ChatRemoved,
    PlayerIdentified,
    *NOTICES,
    AnnouncementMade,
)
"""The kinds that a room's page shows, and those that tell of players; notices are not kept again."""

NAME: Final = ReaderName("archive")


class Archive:
    """Reads the journal into the tables ``lines`` and ``announcements``; tells *changed* what is new."""

    def __init__(
        self, reader: Reader, store: Store, routes: Routes, changed: Callable[[Sequence[Record]], None]
    ) -> None:
        self._reader, self._store, self._routes, self._changed = reader, store, routes, changed

    async def run(self) -> None:
        """Keep the archive current until cancelled."""
        async for batch in self._reader.batches():
            if not batch.records:
                continue
            async with self._store.transaction() as tx:
                for record in batch.records:
                    await self._keep(tx, record)
                await self._reader.advance(tx, batch.through)
            self._changed(batch.records)

    async def _keep(self, tx: AsyncConnection, record: Record) -> None:
        event = record.event
        if isinstance(event, ChatLine):
            room = next((room.id for room in self._routes.holding(event.end)), None)
            await add_line(tx, line_from(record.position, record.id, event, room=room))
        elif isinstance(event, ChatEdited):
            await edit_line(tx, event)
        elif isinstance(event, ChatRemoved):
            await self._remove(tx, event)
        elif isinstance(event, AnnouncementMade):
            await add_announcement(tx, record.position, event)
        await _see_player(tx, record)

    async def _remove(self, tx: AsyncConnection, event: ChatRemoved) -> None:
        """Remove the line that was said as this message; or, if it is a copy of ours, what it shows."""
        if await remove_line(tx, event.end, event.message, at=event.at):
            return
        for position in await records_of_copy(tx, event.end, event.message):
            if not await remove_line_at(tx, position, at=event.at):
                await remove_announcement(tx, position, at=event.at)


async def _see_player(tx: AsyncConnection, record: Record) -> None:
    """Note the player that a record tells of: their name is theirs from then on."""
    event = record.event
    if isinstance(event, PlayerIdentified | PlayerJoined):
        server, name, uuid = event.server, event.player, event.uuid
    elif isinstance(event, ChatLine) and event.speaker.kind is SpeakerKind.PLAYER:
        server, name, uuid = ServerId(event.end.removeprefix("server:")), event.speaker.name, event.speaker.id
    else:
        return
    await see_player(tx, server, name, uuid=uuid, at=event.at, position=record.position)
