"""How much of a time was observed: every figure says what it is based on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def observed_ms(intervals: Iterable[tuple[int, int]], begins_ms: int, ends_ms: int) -> int:
    """Return for how long, within a span, intervals that do not overlap last."""
    pieces = ((max(begins, begins_ms), min(ends, ends_ms)) for begins, ends in intervals)
    return sum(ends - begins for begins, ends in pieces if ends > begins)


def coverage(servers: Sequence[Sequence[tuple[int, int]]], begins_ms: int, ends_ms: int) -> float | None:
    """Return the share of a span that was observed, over all servers; None for a span without length."""
    length_ms = (ends_ms - begins_ms) * len(servers)
    if length_ms <= 0:
        return None
    return sum(observed_ms(intervals, begins_ms, ends_ms) for intervals in servers) / length_ms
