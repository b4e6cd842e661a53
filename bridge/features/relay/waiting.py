"""What waits to be told in one channel, and how far the reader's position may move. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from bridge.features.relay.bundles import Bundle, Bundler, Movement
from bridge.features.relay.lines import ChannelLines, has_waited, is_late
from bridge.features.relay.parcels import Line, late_run
from bridge.journal import Batch, is_imported

MOST_LOOKED_AT = 400
"""More lines than one message can hold: each has at least four characters and a line break."""


class Waiting:
    """The lines of one channel that have been read and not yet told."""

    def __init__(self, lines: ChannelLines, bundler: Bundler, *, late_after_s: float) -> None:
        self.lines = lines
        self._bundler, self._late_after_s = bundler, late_after_s
        self._queue: deque[Line] = deque()
        self._through = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def deadline(self) -> datetime | None:
        """When held joins and leaves are to be told."""
        return self._bundler.deadline

    @property
    def through(self) -> int:
        """The position up to which everything is told or not for this channel."""
        untold = chain(
            (line.positions[0] for line in self._queue),
            (movement.line.positions[0] for movement in self._bundler.held),
        )
        return min(untold, default=self._through + 1) - 1

    def take(self, batch: Batch, *, now: datetime, told: frozenset[int] = frozenset()) -> None:
        """Add what a batch holds for this channel, but for the positions in *told* and what was imported."""
        for record in batch.records:
            if record.position in told or is_imported(record):
                continue
            late = is_late(record, now, self._late_after_s)
            line = self.lines.of(record, late=late)
            if isinstance(line, Movement):
                self._add(self._bundler.take(line))
            elif line is not None:
                self._add(self._bundler.release(record.recorded_at))
                self._queue.append(line)
        self._through = max(self._through, batch.through)

    def release(self, now: datetime) -> None:
        """Let go the joins and leaves that were held long enough."""
        self._add(self._bundler.release(now))

    def grow_late(self, now: datetime) -> None:
        """Mark the lines that have come to wait too long, which is what an outage does to them."""
        for at, line in enumerate(self._queue):
            if not has_waited(line.recorded_at, now, self._late_after_s):
                return
            if not line.late and not line.announced:
                self._queue[at] = replace(line, late=True)

    def first(self) -> Sequence[Line]:
        """Return the lines that come next, more than one message can hold."""
        return tuple(islice(self._queue, MOST_LOOKED_AT))

    def late_run(self) -> tuple[Line, ...]:
        """Return all late lines at the front."""
        return late_run(self._queue)

    def drop(self, count: int) -> None:
        """Forget the first *count* lines: they have been told."""
        for _ in range(count):
            self._queue.popleft()

    def _add(self, released: Sequence[Movement | Bundle]) -> None:
        for one in released:
            self._queue.append(self.lines.bundle(one) if isinstance(one, Bundle) else one.line)
