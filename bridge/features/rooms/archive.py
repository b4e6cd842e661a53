"""Derives the archive from the journal: lines as they now read, without those that were removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeAlias

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
from bridge.journal import Reader, ReaderName, Record, is_imported
from bridge.store import Store
from bridge.store.announcements import add_announcement, remove_announcement
from bridge.store.deliveries import records_of_copy
from bridge.store.lines import (
    Line,
    add_line,
    add_lines,
    edit_line,
    imported_position,
    line_from,
    remove_line,
    remove_line_at,
)
from bridge.store.players import Player, see_player, see_players

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

Changed: TypeAlias = Callable[[Sequence[Record]], Awaitable[None]]
"""Is told what is new, and may keep the archive waiting."""


class Archive:
    """Reads the journal into the tables ``lines`` and ``announcements``; tells *changed* what is new."""

    def __init__(self, reader: Reader, store: Store, routes: Routes, changed: Changed) -> None:
        self._reader, self._store, self._routes, self._changed = reader, store, routes, changed

    async def run(self) -> None:
        """Keep the archive current until cancelled."""
        async for batch in self._reader.batches():
            if not batch.records:
                continue
            live = [record for record in batch.records if not is_imported(record)]
            async with self._store.transaction() as tx:
                await self._keep_old(tx, [record for record in batch.records if is_imported(record)])
                for record in live:
                    await self._keep(tx, record)
                await self._reader.advance(tx, batch.through)
            if live:
                await self._changed(live)

    async def _keep_old(self, tx: AsyncConnection, records: Sequence[Record]) -> None:
        """Keep what was imported, all at once: there may be millions, and what is said now waits for them."""
        said = (record for record in records if isinstance(record.event, ChatLine) and record.event.text)
        await add_lines(tx, [line for record in said if (line := self._line(record)) is not None])
        await see_players(tx, _players_seen(records))

    def _line(self, record: Record) -> Line | None:
        event = record.event
        if not isinstance(event, ChatLine):
            return None
        room = next((room.id for room in self._routes.holding(event.end)), None)
        position = imported_position(record.position, event.at) if is_imported(record) else record.position
        return line_from(position, record.id, event, room=room)

    async def _keep(self, tx: AsyncConnection, record: Record) -> None:
        event = record.event
        if (line := self._line(record)) is not None:
            await add_line(tx, line)
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
    if (seen := _player_seen(record)) is not None:
        server, name, uuid = seen
        await see_player(tx, server, name, uuid=uuid, at=record.event.at, position=record.position)


def _player_seen(record: Record) -> tuple[ServerId, str, str | None] | None:
    """Return the server, the name and the UUID of the player that a record tells of."""
    event = record.event
    if isinstance(event, PlayerIdentified | PlayerJoined):
        return event.server, event.player, event.uuid
    if isinstance(event, ChatLine) and event.speaker.kind is SpeakerKind.PLAYER:
        return ServerId(event.end.removeprefix("server:")), event.speaker.name, event.speaker.id
    return None


def _players_seen(records: Iterable[Record]) -> list[Player]:
    """Return each player whom some records tell of, once."""
    found: dict[tuple[ServerId, str], Player] = {}
    for record in records:
        if (seen := _player_seen(record)) is None:
            continue
        server, name, uuid = seen
        at, before = record.event.at, found.get((server, name))
        found[server, name] = Player(
            server=server,
            name=name,
            uuid=uuid or (before.uuid if before else None),
            first_seen=min(at, before.first_seen) if before else at,
            last_seen=max(at, before.last_seen) if before else at,
            last_position=max(record.position, before.last_position) if before else record.position,
        )
    return list(found.values())
