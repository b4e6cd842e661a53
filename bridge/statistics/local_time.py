"""Stretches of time in which a zone's clock stays equally far from UTC, for arithmetic on stored moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_WEEK_MS: Final = 7 * 86_400_000  # clocks do not change twice in it
_MINUTE_MS: Final = 60_000


class Stretch(NamedTuple):
    """From one moment, before another, local time is UTC and so much."""

    begins_ms: int
    ends_ms: int
    offset_ms: int


def stretches(begins_ms: int, ends_ms: int, zone: ZoneInfo) -> Iterator[Stretch]:
    """Yield the stretches of a span, in order; a thousand weeks take a few milliseconds."""
    at_ms = start_ms = begins_ms
    while at_ms < ends_ms:
        next_ms = min(at_ms + _WEEK_MS, ends_ms)
        offset_ms = _offset(start_ms, zone)
        if _offset(next_ms - 1, zone) != offset_ms:
            next_ms = _change(max(at_ms - 1, start_ms), next_ms - 1, zone)
            yield Stretch(start_ms, next_ms, offset_ms)
            start_ms = next_ms
        at_ms = next_ms
    if start_ms < ends_ms:
        yield Stretch(start_ms, ends_ms, _offset(start_ms, zone))


def _offset(at_ms: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)


def _change(low_ms: int, high_ms: int, zone: ZoneInfo) -> int:
    """Return where between two moments the offset of the first one ends; clocks change at whole minutes."""
    before = _offset(low_ms, zone)
    low, high = low_ms // _MINUTE_MS, high_ms // _MINUTE_MS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle * _MINUTE_MS, zone) == before else (low, middle)
    return high * _MINUTE_MS
