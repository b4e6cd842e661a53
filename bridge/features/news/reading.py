"""Keeps the newest notable facts of each server where pages and feeds find them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bridge.events import (
    AnnouncementMade,
    Event,
    PlayerAdvanced,
    PlayerDied,
    PlayerJoined,
    ServerLost,
    ServerRecovered,
    ServerStarted,
    ServerStopping,
)
from bridge.features.announcing import ALERTS
from bridge.journal import Journal, ReaderName, Record, Start, is_imported
from bridge.store import Store
from bridge.store.happenings import EVERYWHERE, Happening, add_happenings

READ: Final[tuple[type[Event], ...]] = (
    PlayerJoined,
    PlayerDied,
    PlayerAdvanced,
    ServerStarted,
    ServerStopping,
    ServerLost,
    ServerRecovered,
    AnnouncementMade,
)

NAME: Final = ReaderName("happenings")


async def keep_happenings(journal: Journal, store: Store) -> None:
    """Keep the table current until cancelled."""
    reader = await journal.reader(NAME, READ, start=Start.BEGINNING)
    async for batch in reader.batches():
        found = [each for record in batch.records for each in happenings_of(record)]
        async with store.transaction() as tx:
            await add_happenings(tx, found)
            await reader.advance(tx, batch.through)


def happenings_of(record: Record) -> Iterator[Happening]:
    """Yield what a record is news of: a server, or each that an announcement is for and everywhere.

    What was imported is news of nobody, and alerts are for those who are told of them.
    """
    event = record.event
    if is_imported(record) or (isinstance(event, AnnouncementMade) and event.origin == ALERTS):
        return
    if isinstance(event, AnnouncementMade):
        servers = (EVERYWHERE, *dict.fromkeys(event.servers))
    else:
        server = getattr(event, "server", None)
        servers = () if server is None else (server,)
    for server in servers:
        yield Happening(server=server, position=record.position, event=event)
