"""Times as the tables keep them: whole milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def to_ms(at: datetime) -> int:
    """Return a time with a zone in whole milliseconds."""
    return round(at.timestamp() * 1000)


def from_ms(at_ms: int) -> datetime:
    """Return the time in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def to_ms_or_none(at: datetime | None) -> int | None:
    """Return a time in whole milliseconds; None for none."""
    return None if at is None else to_ms(at)


def from_ms_or_none(at_ms: int | None) -> datetime | None:
    """Return the time in UTC; None for none."""
    return None if at_ms is None else from_ms(at_ms)


def now_ms() -> int:
    """Return the time by this machine's clock."""
    return to_ms(datetime.now(UTC))
