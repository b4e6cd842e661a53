"""Who of the newcomers stayed, and what the hours of the week look like."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY_MS: Final = 86_400_000
WINDOW_DAYS: Final = 30
"""So long after their first day newcomers are looked at: kept is who played in both halves of that time."""


class Newcomer(NamedTuple):
    """When somebody first came, and on which days they played since, counted from that day."""

    first_day: int
    days: Collection[int]


class Kept(NamedTuple):
    """What has become of newcomers."""

    kept: int  # played in both halves of the time after their first day
    lost: int
    early: int  # of whom it cannot be said yet

    @property
    def share(self) -> float | None:
        """The share of those kept among those of whom it can be said."""
        judged = self.kept + self.lost
        return self.kept / judged if judged else None


def kept_of(newcomers: Iterable[Newcomer], *, today: int) -> Kept:
    """Return how many newcomers stayed, as Plan reckons new-player retention, with a window of 30 days."""
    half = WINDOW_DAYS // 2
    kept = lost = early = 0
    for first_day, days in newcomers:
        if today < first_day + WINDOW_DAYS:
            early += 1
        elif any(1 <= day <= half for day in days) and any(half < day <= WINDOW_DAYS for day in days):
            kept += 1
        else:
            lost += 1
    return Kept(kept, lost, early)


def by_hour_of_week(hours: Iterable[tuple[int, float]], zone: ZoneInfo) -> tuple[tuple[float, ...], ...]:
    """Return figures of single hours added up by weekday (Monday first) and hour of a zone's clock.

    Args:
        hours: When each begins, in milliseconds, and its figure.
        zone: Whose clock.
    """
    card = [[0.0] * 24 for _ in range(7)]
    for begins_ms, value in hours:
        local = datetime.fromtimestamp(begins_ms / 1000, UTC).astimezone(zone)
        card[local.weekday()][local.hour] += value
    return tuple(tuple(row) for row in card)
