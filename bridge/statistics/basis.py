"""On how much a figure is based: how much of its period was observed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bridge.statistics.coverage import observed_ms


class Basis(NamedTuple):
    """How long servers were observed, of how long they could have been.

    A server that is down while it is observed is observed: that nobody played is then known.
    """

    observed_s: int
    elapsed_s: int
    since_ms: int | None  # from when on; None where nothing was ever observed

    @property
    def percent(self) -> int:
        """The share in whole percent, never more than there is: 100 only where nothing is missing."""
        return min(self.observed_s * 100 // self.elapsed_s, 100) if self.elapsed_s else 0


def basis_of(servers: Iterable[Sequence[tuple[int, int]]], *, begins_ms: int | None, ends_ms: int) -> Basis:
    """Return how much of a period was observed on some servers, all of them taken together.

    Args:
        servers: For each server when it was observed: intervals in order that do not overlap.
        begins_ms: The beginning of the period; None for a server's first observation.
        ends_ms: Its end, and not later than now.
    """
    seen_ms = elapsed_ms = 0
    since: list[int] = []
    for intervals in servers:
        first_ms = intervals[0][0] if intervals else None
        start_ms = first_ms if begins_ms is None else begins_ms
        if start_ms is None:
            continue
        since.append(start_ms)
        elapsed_ms += max(ends_ms - start_ms, 0)
        seen_ms += observed_ms(intervals, start_ms, ends_ms)
    return Basis(seen_ms // 1000, elapsed_ms // 1000, min(since, default=None))
