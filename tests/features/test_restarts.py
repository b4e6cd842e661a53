"""When servers restart by plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.values import WEEKDAYS
from bridge.features.restarts import next_restart

PARIS = ZoneInfo("Europe/Paris")


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("times", "now", "then"),
    [
        (["04:00"], "2026-11-25 03:59", "2026-11-25 04:00"),
        (["04:00"], "2026-11-25 04:00", "2026-11-26 04:00"),
        (["16:00", "04:00"], "2026-11-25 12:00", "2026-11-25 16:00"),
        (["sunday 04:00"], "2026-11-25 12:00", "2026-11-29 04:00"),  # a Wednesday
        (["wednesday 11:00"], "2026-11-25 12:00", "2026-12-02 11:00"),
        (["04:00"], "2026-03-28 12:00", "2026-03-29 04:00"),  # the night that loses an hour
        (["02:30"], "2026-03-28 12:00", "2026-03-29 03:30"),  # which does not come: an hour later
        (["02:30"], "2026-10-24 12:00", "2026-10-25 02:30"),  # which comes twice: the first
    ],
)
def test_the_next_one_is_the_first_that_comes(times: list[str], now: str, then: str) -> None:
    assert next_restart(times, zone=PARIS, now=at(now)) == at(then)


def test_without_a_plan_there_is_none() -> None:
    assert next_restart([], zone=PARIS, now=at("2026-11-25 12:00")) is None


TIMES = st.builds(
    lambda day, hour, minute: f"{day}{hour:02}:{minute:02}",
    st.sampled_from(["", *(f"{day} " for day in WEEKDAYS)]),
    st.integers(0, 23),
    st.integers(0, 59),
)


@given(
    st.lists(TIMES, min_size=1, max_size=4),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - the zone comes below
    st.sampled_from(["UTC", "Europe/Paris", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_it_is_ahead_and_within_a_week(times: list[str], now: datetime, zone: str) -> None:
    moment = now.replace(tzinfo=UTC)
    found = next_restart(times, zone=ZoneInfo(zone), now=moment)
    assert found is not None
    assert moment < found <= moment + timedelta(days=7, hours=2)
