"""Periods as people name them: today, this week, this month, and ever."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from bridge.statistics.calendar import Span, day_at, day_begins, period_of


class PeriodName(StrEnum):
    """How a period is called in addresses and options."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"
    ALL = "all"


_SPANS: Final = {
    PeriodName.DAY: Span.DAY,
    PeriodName.WEEK: Span.WEEK,
    PeriodName.MONTH: Span.MONTH,
    PeriodName.ALL: Span.ALL,
}


class Period(NamedTuple):
    """One day, week or month, or all time."""

    name: PeriodName
    span: Span
    start: int  # the number of its first day
    begins_ms: int | None  # None: there is no beginning


def period_now(name: PeriodName, *, now_ms: int, zone: ZoneInfo) -> Period:
    """Return the period of that name that a moment lies in."""
    span = _SPANS[name]
    start = period_of(span, day_at(now_ms, zone))
    return Period(name, span, start, None if span is Span.ALL else day_begins(start, zone))
