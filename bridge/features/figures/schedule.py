"""When which report comes by itself, by the community's clock. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bridge.config.reports import ReportsSettings, monthly
from bridge.config.watching import weekly
from bridge.features.figures.periods import Period
from bridge.statistics.calendar import Span, day_of_number
from bridge.store.times import to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Each period's report comes so many days after its end, at a time of that day's clock."""

    span: Span
    after_days: int
    at: time
    zone: ZoneInfo

    def due(self, period: Period) -> datetime:
        """Return when the report of a period comes; one that the clock leaves out, an hour later."""
        day = day_of_number(period.days.stop + self.after_days)
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)

    def latest(self, now: datetime) -> Period:
        """Return the last period whose report has been due."""
        period = Period.at(self.span, to_ms(now), self.zone).before
        while self.due(period) > now:
            period = period.before
        return period

    def next_due(self, now: datetime) -> datetime:
        """Return when the next report comes."""
        return self.due(self.latest(now).after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A report that comes by itself, and to whom."""

    name: str  # weekly, monthly
    schedule: Schedule
    channel: str | None  # by its name in the settings
    mail: tuple[str, ...]


def orders(settings: ReportsSettings, zone: ZoneInfo) -> Iterator[Order]:
    """Yield what the settings ask for."""
    if (own := settings.weekly) is not None:
        day, hour, minute = weekly(own.at)
        schedule = Schedule(span=Span.WEEK, after_days=day or 0, at=time(hour, minute), zone=zone)
        yield Order(name="weekly", schedule=schedule, channel=own.channel, mail=own.mail)
    if (each := settings.monthly) is not None:
        day_of_month, hour, minute = monthly(each.at)
        schedule = Schedule(span=Span.MONTH, after_days=day_of_month - 1, at=time(hour, minute), zone=zone)
        yield Order(name="monthly", schedule=schedule, channel=each.channel, mail=each.mail)
