"""Times as the tables keep them: whole milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def to_ms(at: datetime) -> int:
    """Return a time with a zone in whole milliseconds."""
    return round(at.timestamp() * 1000)


def from_ms(at_ms: int) -> datetime:
    """Return the time in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def now_ms() -> int:
    """Return the time by this machine's clock."""
    return to_ms(datetime.now(UTC))
