"""When servers restart by plan. Shared by features. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from bridge.config.values import parse_week_time

_DAYS = 9  # from yesterday: a week and the days at its edges, whatever the zone


def next_restart(times: Iterable[str], *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the next of the planned restarts, in UTC; None where none is planned.

    A time that the clock leaves out in spring is as much later as the clock is put forward; one that comes
    twice in autumn is the first of both.
    """
    return min((at for each in times for at in _coming(each, zone, now) if at > now), default=None)


def _coming(time: str, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    weekday, hour, minute = parse_week_time(time)
    first = now.astimezone(zone).date() - timedelta(days=1)
    for number in range(_DAYS):
        day = first + timedelta(days=number)
        if weekday is None or day.weekday() == weekday:
            yield datetime.combine(day, clock_time(hour, minute), zone).astimezone(UTC)
