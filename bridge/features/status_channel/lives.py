"""Since when each server is how it is, by what it and the status port have told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bridge.events import (
    AnyEvent,
    Event,
    ServerCrashed,
    ServerId,
    ServerLost,
    ServerRecovered,
    ServerStarted,
    ServerStarting,
    ServerStopped,
    ServerStopping,
)
from bridge.journal import Journal, ReaderName, Start
from bridge.store import Store
from bridge.store.happenings import recent_happenings

READER: Final = ReaderName("status-channel")
KINDS: Final[tuple[type[Event], ...]] = (
    ServerStarting,
    ServerStarted,
    ServerStopping,
    ServerStopped,
    ServerCrashed,
    ServerLost,
    ServerRecovered,
)
_STARTS_WITHIN: Final = timedelta(minutes=15)  # who takes longer has died on the way
_REMEMBERED: Final[tuple[type[Event], ...]] = (ServerStarted, ServerStopping, ServerLost, ServerRecovered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What the last facts say of a server."""

    starting: datetime | None = None
    started: datetime | None = None  # and has not stopped since
    ended: datetime | None = None  # and has not started since
    answering: datetime | None = None  # its status port, without a break
    silent: datetime | None = None
    at: datetime | None = None  # of the newest fact

    def is_starting(self, now: datetime) -> bool:
        """Tell whether it is on its way up."""
        return self.starting is not None and now - self.starting < _STARTS_WITHIN

    def after(self, event: AnyEvent) -> Life:
        """Return what is known after another fact; one that is older than what is known changes nothing."""
        at = event.at
        if self.at is not None and at < self.at:
            return self
        changes: dict[str, datetime | None]
        match event:
            case ServerStarting():
                changes = {"starting": at, "started": None, "ended": None}
            case ServerStarted():
                changes = {"starting": None, "started": at, "ended": None}
            case ServerStopping() | ServerStopped() | ServerCrashed():
                # The end began when it was first told.
                changes = {"starting": None, "started": None, "ended": self.ended or at}
            case ServerLost():
                changes = {"answering": None, "silent": at}
            case ServerRecovered():
                changes = {"answering": at, "silent": None}
            case _:
                changes = {}
        return replace(self, at=at, **changes)


class Lives:
    """Knows the life of every server: first from what is remembered, then from the facts as they come."""

    def __init__(self, journal: Journal, store: Store) -> None:
        self._journal, self._store = journal, store
        self._known: dict[ServerId, Life] = {}

    def of(self, server: ServerId) -> Life:
        """Return what is known of a server."""
        return self._known.get(server, Life())

    async def remember(self, servers: list[ServerId]) -> None:
        """Learn what happened before this start.

        Raises:
            StoreError: The database cannot be read.
        """
        async with self._store.reading() as conn:
            for server in servers:
                found = await recent_happenings(conn, server, _REMEMBERED, most=8)
                for happening in reversed(found):
                    self.learn(happening.event)

    def learn(self, event: AnyEvent) -> None:
        """Take a fact into account."""
        server: ServerId | None = getattr(event, "server", None)
        if server is not None:
            self._known[server] = self.of(server).after(event)

    async def run(self) -> None:
        """Follow the facts until cancelled."""
        reader = await self._journal.reader(READER, KINDS, start=Start.END)
        async for batch in reader.batches():
            for record in batch.records:
                self.learn(record.event)
            async with self._store.transaction() as tx:
                await reader.advance(tx, batch.through)
