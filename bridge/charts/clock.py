"""Ticks of a time axis at times that people know: local ones, also when the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from math import ceil, gcd
from typing import Final
from zoneinfo import ZoneInfo

_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_DAYS: Final = (1, 2, 7, 14)
_MONTHS: Final = (1, 3, 6, 12, 24, 60, 120, 240)
_DAY_S: Final = 86_400
_MONTH_S: Final = 30.44 * _DAY_S
_QUARTER: Final = 15  # every zone's clock differs from UTC by a multiple of so many minutes


class Form(Enum):
    """What a tick is labelled with."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on a time axis."""

    at: float  # seconds since 1970
    local: datetime
    form: Form


def ticks(begins: float, ends: float, zone: ZoneInfo, *, most: int) -> list[Tick]:
    """Return the ticks between two times, both included, as close as *most* of them allow."""
    least_s = (ends - begins) / max(1, most)
    for minutes in _MINUTES:
        if minutes * 60 >= least_s:
            return list(_within_days(begins, ends, zone, minutes))
    for days in _DAYS:
        if days * _DAY_S >= least_s:
            return list(_days(begins, ends, zone, days))
    months = next((each for each in _MONTHS if each * _MONTH_S >= least_s), _MONTHS[-1])
    return list(_months(begins, ends, zone, months))


def _within_days(begins: float, ends: float, zone: ZoneInfo, minutes: int) -> Iterator[Tick]:
    """Yield when local clocks show round numbers: an hour that comes twice, twice; one left out, never."""
    pace_s = gcd(minutes, _QUARTER) * 60
    last = -float("inf")
    for number in range(ceil(begins / pace_s), int(ends // pace_s) + 1):
        at = number * pace_s
        local = datetime.fromtimestamp(at, zone)
        shown = local.hour * 60 + local.minute
        if shown % minutes or at - last < minutes * 60 * 0.75:
            continue
        last = at
        yield Tick(at, local, Form.TIME if shown else Form.DAY)


def _days(begins: float, ends: float, zone: ZoneInfo, days: int) -> Iterator[Tick]:
    day = datetime.fromtimestamp(begins, zone).date()
    while (tick := _midnight(day, zone, Form.DAY)).at <= ends:
        # The first day of the calendar was a Monday.
        if tick.at >= begins and (day.toordinal() - 1) % days == 0:
            yield tick
        day += timedelta(days=1)


def _months(begins: float, ends: float, zone: ZoneInfo, months: int) -> Iterator[Tick]:
    first = datetime.fromtimestamp(begins, zone)
    number = (first.year * 12 + first.month - 1) // months * months
    while True:
        year, month = divmod(number, 12)
        tick = _midnight(date(year, month + 1, 1), zone, Form.MONTH if month else Form.YEAR)
        if tick.at > ends:
            return
        if tick.at >= begins:
            yield tick
        number += months


def _midnight(day: date, zone: ZoneInfo, form: Form) -> Tick:
    local = datetime(day.year, day.month, day.day, tzinfo=zone)
    return Tick(local.timestamp(), local, form)
