"""Periods as pages and reports name them: ``2026-07-04``, ``2026-W45``, ``2026-11``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Self
from zoneinfo import ZoneInfo

from bridge.statistics.calendar import (
    Span,
    day_at,
    day_begins,
    day_number,
    day_of_number,
    period_after,
    period_before,
    period_of,
)

_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week or a month of a time zone."""

    span: Span
    start: int  # the number of its first day
    zone: ZoneInfo

    @classmethod
    def at(cls, span: Span, at_ms: int, zone: ZoneInfo) -> Self:
        """Return the period of that length in which a moment lies."""
        return cls(span, period_of(span, day_at(at_ms, zone)), zone)

    @classmethod
    def named(cls, name: str, zone: ZoneInfo) -> Self:
        """Return the period of a name.

        Raises:
            ValueError: There is no such period.
        """
        if found := _DAY.fullmatch(name):
            return cls(Span.DAY, day_number(date(*map(int, found.groups()))), zone)
        if found := _WEEK.fullmatch(name):
            year, week = map(int, found.groups())
            return cls(Span.WEEK, day_number(date.fromisocalendar(year, week, 1)), zone)
        if found := _MONTH.fullmatch(name):
            year, month = map(int, found.groups())
            return cls(Span.MONTH, day_number(date(year, month, 1)), zone)
        raise ValueError(f"{name!r} is no period such as 2026-07-04, 2026-W45 or 2026-11")

    @property
    def name(self) -> str:
        """How addresses and commands call it."""
        first = day_of_number(self.start)
        if self.span is Span.WEEK:
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02}"
        return first.isoformat() if self.span is Span.DAY else f"{first.year}-{first.month:02}"

    @property
    def days(self) -> range:
        """The numbers of its days."""
        return range(self.start, period_after(self.span, self.start))

    @property
    def begins_ms(self) -> int:
        """Its first moment."""
        return day_begins(self.start, self.zone)

    @property
    def ends_ms(self) -> int:
        """The first moment after it."""
        return day_begins(period_after(self.span, self.start), self.zone)

    @property
    def before(self) -> Period:
        """The period before."""
        return Period(self.span, period_before(self.span, self.start), self.zone)

    @property
    def after(self) -> Period:
        """The period after."""
        return Period(self.span, period_after(self.span, self.start), self.zone)
