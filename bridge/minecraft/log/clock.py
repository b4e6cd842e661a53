"""From a log line's time of day to an instant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

_ISO_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_NAMED_DAY: Final = re.compile(r"(\d{1,2})(\d{0,2}\D+\d{0,2}?)(\d{4})")
_NUMBER: Final = re.compile(r"\d+")
_FILE_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)-\d+\.log")
_HOURS: Final = {f"{number:02}": number for number in range(24)}
_SIXTIETHS: Final = {f"{number:02}": number for number in range(60)}
_SECONDS: Final = {f":{number:02}": timedelta(seconds=number) for number in range(60)}
_MOST_DAYS: Final = 64
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


class Clock(Protocol):
    """Knows the date and the zone that a log file leaves out."""

    def utc(self, time_of_day: str, day_in_line: str | None = None) -> datetime | None:
        """Return the instant of ``HH:MM:SS``, or None where that is not a time."""


class LineClock:
    """The clock of one log file: the day it was written on, in the server's zone.

    An hour that a change of clocks repeats is taken the first time; order in the file is what counts.
    """

    def __init__(self, day: date, zone: ZoneInfo) -> None:
        self._day = day
        self._zone = zone
        self._days: dict[str | None, _Day] = {}
        self._last_time = ""
        self._last_day: str | None = None
        self._last: datetime | None = None

    @property
    def day(self) -> date:
        """The day that lines without a date belong to."""
        return self._day

    def utc(self, time_of_day: str, day_in_line: str | None = None) -> datetime | None:
        """Return the instant of ``HH:MM:SS`` in UTC, or None where that is not a time."""
        if time_of_day == self._last_time and day_in_line == self._last_day:
            return self._last
        known = self._days.get(day_in_line)
        if known is None:
            known = self._learn(day_in_line)
        self._last_time, self._last_day = time_of_day, day_in_line
        self._last = known.utc(time_of_day)
        return self._last

    def _learn(self, day_in_line: str | None) -> _Day:
        if len(self._days) >= _MOST_DAYS:
            self._days.clear()
        day = self._day if day_in_line is None else day_of_text(day_in_line, near=self._day)
        known = self._days[day_in_line] = _Day(day, self._zone)
        return known


class _Day:
    """One day in a zone: its midnight in UTC, and whether the clocks change on it."""

    def __init__(self, day: date, zone: ZoneInfo) -> None:
        self._start = datetime(day.year, day.month, day.day, tzinfo=zone)
        end = self._start.replace(hour=23, minute=59, second=59)
        self._steady = self._start.utcoffset() == end.utcoffset()
        self._midnight = self._start.astimezone(UTC) if day.year > 1 else self._start.replace(tzinfo=UTC)
        self._minute = ""  # ``HH:MM`` of the line before: most lines share their minute
        self._minute_utc: datetime | None = None

    def utc(self, time_of_day: str) -> datetime | None:
        """Return the instant in UTC, or None where that is not a time."""
        minute = time_of_day[:5]
        if minute != self._minute:
            self._minute, self._minute_utc = minute, self._reckon(minute)
        second = _SECONDS.get(time_of_day[5:])
        if second is None or self._minute_utc is None:
            return None
        return self._minute_utc + second

    def _reckon(self, minute_of_day: str) -> datetime | None:
        hour, minute = _HOURS.get(minute_of_day[:2]), _SIXTIETHS.get(minute_of_day[3:])
        if hour is None or minute is None or minute_of_day[2] != ":":
            return None
        if self._steady:
            return self._midnight + timedelta(hours=hour, minutes=minute)
        return self._start.replace(hour=hour, minute=minute).astimezone(UTC)


class Today:
    """Tells which day an instant is on by the clocks of a zone; most follow each other on one day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._day = ""
        self._begins = self._ends = datetime.max.replace(tzinfo=UTC)

    def of(self, at: datetime) -> str:
        """Return the day of an instant as ``YYYY-MM-DD``."""
        if not self._begins <= at < self._ends:
            self._turn_to(at.astimezone(self._zone).date())
        return self._day

    def _turn_to(self, day: date) -> None:
        self._day = day.isoformat()
        try:
            self._begins, self._ends = self._midnight(day), self._midnight(day + timedelta(days=1))
        except OverflowError:  # the first or last day of all: it is reckoned anew each time
            self._begins = self._ends = datetime.max.replace(tzinfo=UTC)

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self._zone).astimezone(UTC)


def day_of_text(text: str, *, near: date) -> date:
    """Return the day a line states, such as ``2013-05-06``, ``2024/01/02`` or ``05Sep2024``.

    In some languages a month's name is a number: ``285월2026``. Any other name in another language cannot be
    read: then the month that brings the day closest to *near* is meant. A text that is no day gives *near*.
    """
    try:
        if found := _ISO_DAY.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NAMED_DAY.fullmatch(text):
            return _named_day(int(found[1]), found[2], int(found[3]), near)
    except ValueError:  # the 31st of February
        return near
    return near


def _named_day(day: int, month: str, year: int, near: date) -> date:
    number = _MONTHS.get(month.rstrip(".").lower())
    if number is None and (found := _NUMBER.search(month)) is not None:
        number = int(found[0])
    if number is not None:
        return date(year, number, day)
    possible = []
    for shift in (0, -1, 1):
        number = (near.month - 1 + shift) % 12 + 1
        try:
            possible.append(date(year, number, day))
        except ValueError:
            continue  # this month has no such day
    return min(possible, key=lambda candidate: abs(candidate - near), default=near)


def day_of_file(name: str) -> date | None:
    """Return the day in a rotated file's name (``2024-09-05-1.log.gz``), or None."""
    found = _FILE_DAY.search(name)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def today_in(zone: ZoneInfo, *, now: datetime | None = None, back: timedelta = timedelta(0)) -> date:
    """Return today's date on the server's clock, *back* earlier."""
    return ((now or datetime.now(UTC)) - back).astimezone(zone).date()
