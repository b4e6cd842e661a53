"""Times of maintenance, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.watching import MaintenanceSettings
from bridge.events import ServerId
from bridge.features.uptime.maintenance import Maintenance

SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")
PARIS = ZoneInfo("Europe/Paris")


def maintenance(*windows: dict[str, object], zone: ZoneInfo = PARIS) -> Maintenance:
    settings = tuple(MaintenanceSettings.model_validate(each) for each in windows)
    return Maintenance(settings, (SURVIVAL, CREATIVE), zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_weekly_time_is_by_the_communitys_clock_summer_and_winter() -> None:
    sundays = maintenance({"every": "sunday 04:00", "for": "30m"})
    for begins in ("2026-07-05T02:00", "2026-12-06T03:00"):
        moment = utc(begins)
        assert not sundays.covers(SURVIVAL, moment - timedelta(seconds=1))
        assert sundays.covers(SURVIVAL, moment)
        assert sundays.covers(CREATIVE, moment + timedelta(minutes=29))
        assert not sundays.covers(SURVIVAL, moment + timedelta(minutes=30))


def test_a_time_that_clocks_skip_comes_just_after() -> None:
    """On the 29th of March 2026 there is no 02:30 in Paris; 03:30 is 01:30 UTC."""
    nightly = maintenance({"every": "day 02:30", "for": "10m"})
    assert nightly.covers(SURVIVAL, utc("2026-03-29T01:35"))
    assert not nightly.covers(SURVIVAL, utc("2026-03-29T00:35"))


def test_a_time_over_midnight_belongs_to_the_day_it_begins() -> None:
    late = maintenance({"every": "saturday 23:30", "for": "2h"})
    assert late.covers(SURVIVAL, utc("2026-12-06T00:00"))  # one o'clock on Sunday
    assert not late.covers(SURVIVAL, utc("2026-12-05T00:00"))


def test_a_single_time_with_its_end_or_its_length() -> None:
    once = maintenance(
        {"from": "2026-12-01 20:00", "to": "2026-12-03 08:00", "servers": ["survival"]},
        {"from": "2026-12-10 20:00", "for": "1h"},
    )
    assert once.covers(SURVIVAL, utc("2026-12-02T12:00"))
    assert not once.covers(CREATIVE, utc("2026-12-02T12:00"))
    assert once.covers(CREATIVE, utc("2026-12-10T19:59"))
    assert not once.covers(CREATIVE, utc("2026-12-10T20:00"))


def test_what_comes_next_is_in_order() -> None:
    both = maintenance({"every": "sunday 04:00"}, {"from": "2026-12-01 20:00", "for": "1h"})
    windows = both.next(utc("2026-11-30T12:00"))
    assert [window.begins for window in windows] == [utc("2026-12-01T19:00"), utc("2026-12-06T03:00")]
    assert both.next(utc("2026-12-01T19:30"))[0].begins == utc("2026-12-01T19:00")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(0, 6),
    st.integers(0, 23),
    st.integers(1, 24),
    st.sampled_from(["UTC", "Europe/Paris", "America/St_Johns", "Pacific/Apia"]),
)
def test_what_covers_a_moment_is_found_by_both(
    at: datetime, day: int, hour: int, hours: int, zone: str
) -> None:
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[day]
    weekly = maintenance({"every": f"{name} {hour:02}:00", "for": f"{hours}h"}, zone=ZoneInfo(zone))
    moment = at.replace(tzinfo=UTC)
    windows = weekly.next(moment)
    assert windows
    assert weekly.covers(SURVIVAL, moment) == (windows[0].begins <= moment)
    wall = windows[0].begins.astimezone(ZoneInfo(zone))
    assert wall.weekday() == day
    assert windows[0].ends - windows[0].begins == timedelta(hours=hours)


@pytest.mark.parametrize("empty", [(), ({"every": "sunday 04:00", "servers": ["creative"]},)])
def test_without_a_time_nothing_is_covered(empty: tuple[dict[str, object], ...]) -> None:
    assert not maintenance(*empty).covers(SURVIVAL, utc("2026-12-06T03:10"))
