"""The same fact from two ways into a server is one record: who told it first has told it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from bridge.events import (
    Event,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerId,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)
from bridge.journal.records import Draft, Journal, SourceName

TOLD_BY_BOTH: Final = (
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerStarting,
    ServerStarted,
    ServerStopping,
)
"""The kinds that a log and the Management Protocol tell."""
WITHIN: Final = timedelta(seconds=5)
"""So far apart may the two see one thing; a log has whole seconds."""
_MOST_REMEMBERED: Final = 5000
_MOST_OF_ONE: Final = 8


class Twice:
    """What the Management Protocol and the log of one server have told lately; bounded whatever they do."""

    def __init__(self, server: ServerId) -> None:
        self.management = SourceName(f"management:{server}")
        self._told: dict[tuple[str, str], deque[tuple[datetime, SourceName]]] = {}

    async def recall(self, journal: Journal) -> list[Event]:
        """Learn from the journal what the Management Protocol has told; return that, oldest first.

        Raises:
            JournalError: It cannot be read.
        """
        records = await journal.recent(self.management, TOLD_BY_BOTH, most=_MOST_REMEMBERED)
        for record in records:
            self.note(self.management, record.event)
        return [record.event for record in records]

    def new(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Return the drafts that no other source has told, and remember them."""
        new = []
        for draft in drafts:
            if not self.told_elsewhere(draft.source, draft.event):
                self.note(draft.source, draft.event)
                new.append(draft)
        return new

    def note(self, source: SourceName, event: Event) -> None:
        """Remember that a source tells an event."""
        if not isinstance(event, TOLD_BY_BOTH):
            return
        told = self._told.pop(_key(event), None)
        if told is None:
            told = deque(maxlen=_MOST_OF_ONE)
            if len(self._told) >= _MOST_REMEMBERED:
                del self._told[next(iter(self._told))]
        self._told[_key(event)] = told  # as the newest
        told.append((event.at, source))

    def told_elsewhere(self, source: SourceName, event: Event) -> bool:
        """Tell whether another source has told the same fact."""
        if not isinstance(event, TOLD_BY_BOTH):
            return False
        told = self._told.get(_key(event), ())
        return any(other != source and abs(event.at - at) <= WITHIN for at, other in told)


def _key(event: Event) -> tuple[str, str]:
    return event.kind, str(getattr(event, "player", "")).lower()
