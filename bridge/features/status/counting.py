"""Counts the facts in the journal by server and kind, each once, over restarts too."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, get_args

from bridge.events import AnyEvent, Event
from bridge.features.telling import place_of
from bridge.journal import Journal, ReaderName, Start
from bridge.store import Store
from bridge.store.counters import bump

ALL: Final[tuple[type[Event], ...]] = get_args(AnyEvent)
EVENTS: Final = "bridge_events"
"""The counters' name; in the store each is ``bridge_events/SERVER/KIND``."""
PAUSE_S: Final = 5.0  # nobody looks more often, and each look costs a commit
_MOST: Final = 500  # facts at once: while there are as many it does not pause, and blocks nobody for long


class EventCounter:
    """Reads the journal and adds up what it holds."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._journal, self._store, self._pause = journal, store, pause

    async def run(self) -> None:
        """Keep the counters current until cancelled."""
        reader = await self._journal.reader(ReaderName("metrics"), ALL, start=Start.BEGINNING)
        async for batch in reader.batches(most=_MOST):
            counts = Counter(_name(record.event) for record in batch.records)
            async with self._store.transaction() as tx:
                for name, count in counts.items():
                    await bump(tx, name, count)
                await reader.advance(tx, batch.through)
            if len(batch.records) < _MOST:
                await self._pause(PAUSE_S)


def told_apart(name: str) -> tuple[str, str] | None:
    """Return the server and the kind that a counter is about; None for a counter of something else."""
    head, _, rest = name.partition("/")
    server, _, kind = rest.partition("/")
    return (server, kind) if head == EVENTS else None


def _name(event: AnyEvent) -> str:
    place = place_of(event) or ""
    server = place.removeprefix("server:") if place.startswith("server:") else ""
    return f"{EVENTS}/{server}/{event.kind}"
