"""Times in which servers may be down without anybody being told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bridge.config.settings import BridgeSettings
from bridge.config.watching import MaintenanceSettings, moment, weekly
from bridge.events import ServerId

_SOON_DAYS = 8  # every weekly time comes once in these


class Window(NamedTuple):
    """One time of maintenance, in UTC."""

    begins: datetime
    ends: datetime
    servers: tuple[ServerId, ...]


@dataclass(frozen=True, slots=True)
class Maintenance:
    """When the settings let servers be down."""

    settings: tuple[MaintenanceSettings, ...]
    servers: tuple[ServerId, ...]  # all of them
    zone: ZoneInfo

    @classmethod
    def of(cls, settings: BridgeSettings) -> Maintenance:
        """Return what the settings say."""
        zone = ZoneInfo(settings.community.time_zone)
        return cls(settings.maintenance, tuple(map(ServerId, settings.servers)), zone)

    def covers(self, server: ServerId, at: datetime) -> bool:
        """Tell whether a server may be down at a moment."""
        return any(
            window.begins <= at < window.ends
            for window in self._about(at, days=1)
            if server in window.servers
        )

    def next(self, now: datetime, *, most: int = 10) -> list[Window]:
        """Return what is under way and what comes next, in order."""
        found = [window for window in self._about(now, days=_SOON_DAYS) if window.ends > now]
        return sorted(found)[:most]

    def _about(self, at: datetime, *, days: int) -> Iterator[Window]:
        """Yield the windows that lie about a moment, and those that begin within so many days after it."""
        for each in self.settings:
            servers = tuple(map(ServerId, each.servers)) or self.servers
            if each.every is not None:
                for begins in self._weekly(each.every, at, days):
                    yield Window(begins, begins + timedelta(seconds=each.for_s), servers)
            elif each.begins is not None:
                begins = self._utc(moment(each.begins))
                lasts = timedelta(seconds=each.for_s)
                ends = begins + lasts if each.ends is None else self._utc(moment(each.ends))
                yield Window(begins, ends, servers)

    def _weekly(self, every: str, at: datetime, days: int) -> Iterator[datetime]:
        day, hour, minute = weekly(every)
        today = at.astimezone(self.zone).date()
        for offset in range(-1, days + 1):  # none is longer than a day
            date = today + timedelta(days=offset)
            if day is None or date.weekday() == day:
                yield self._utc(datetime.combine(date, time(hour, minute)))

    def _utc(self, wall: datetime) -> datetime:
        """Return the moment at which the community's clocks show that; where they skip it, just after."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)
