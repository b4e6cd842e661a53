"""Days, weeks and months of a time zone, as numbers of days since 1970, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_FIRST: Final = date(1970, 1, 1)
HOUR_MS: Final = 3_600_000


class Span(IntEnum):
    """How long a period is; the numbers are stored."""

    DAY = 0
    WEEK = 1  # from Monday
    MONTH = 2
    ALL = 3  # one period, which begins at 0


def day_number(day: date) -> int:
    """Return the number of a day."""
    return (day - _FIRST).days


def day_of_number(number: int) -> date:
    """Return the day of a number."""
    return _FIRST + timedelta(days=number)


def day_at(at_ms: int, zone: ZoneInfo) -> int:
    """Return the number of the day that a moment belongs to."""
    return _day_at_hour(at_ms // (HOUR_MS // 4), zone)


@lru_cache(maxsize=4096)
def _day_at_hour(quarter: int, zone: ZoneInfo) -> int:
    # Zones differ from UTC by whole quarters of an hour, so that days begin with one.
    return day_number(datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).date())


@lru_cache(maxsize=4096)
def day_begins(number: int, zone: ZoneInfo) -> int:
    """Return the moment at which a day begins; where clocks skip midnight, the first after it."""
    midnight = datetime.combine(day_of_number(number), time(), zone)
    return round(midnight.timestamp() * 1000)


def period_of(span: Span, day: int) -> int:
    """Return the number of the first day of the period that a day lies in."""
    if span is Span.DAY:
        return day
    if span is Span.WEEK:
        return day - (day + 3) % 7  # day 0 was a Thursday
    if span is Span.MONTH:
        return day - (day_of_number(day).day - 1)
    return 0


def period_after(span: Span, start: int) -> int:
    """Return the number of the day with which the next period begins."""
    if span is Span.DAY:
        return start + 1
    if span is Span.WEEK:
        return start + 7
    first = day_of_number(start)
    return day_number(date(first.year + first.month // 12, first.month % 12 + 1, 1))


def period_before(span: Span, start: int) -> int:
    """Return the number of the day with which the period before begins."""
    return period_of(span, start - 1)
