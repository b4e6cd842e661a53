"""Ticks of a time axis: at round local times, as many as there is room for, also when the clocks change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.charts.clock import Form, ticks

PARIS = ZoneInfo("Europe/Paris")
ZONES = tuple(
    map(ZoneInfo, ("Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"))
)


def at(text: str) -> float:
    """Return a local time of Paris; ``+`` at its end means the second time that a clock shows it."""
    local = datetime.fromisoformat(text.rstrip("+")).replace(tzinfo=PARIS, fold=int(text.endswith("+")))
    return local.timestamp()


def shown(begins: str, ends: str, most: int) -> list[str]:
    return [f"{tick.local:%m-%d %H:%M}" for tick in ticks(at(begins), at(ends), PARIS, most=most)]


def test_an_hour_has_minutes() -> None:
    assert shown("2026-11-24T14:03", "2026-11-24T15:00", 6) == [
        f"11-24 {time}" for time in ("14:10", "14:20", "14:30", "14:40", "14:50", "15:00")
    ]


def test_the_hour_that_comes_twice_is_there_twice() -> None:
    hours = shown("2026-10-25T00:00", "2026-10-25T05:00", 8)
    assert [hour[-5:] for hour in hours] == ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00"]


def test_the_hour_that_is_left_out_is_not_there() -> None:
    hours = shown("2026-03-29T00:00", "2026-03-29T05:00", 5)
    assert [hour[-5:] for hour in hours] == ["00:00", "01:00", "03:00", "04:00", "05:00"]


def test_days_begin_at_midnight_on_both_sides_of_a_change() -> None:
    assert shown("2026-10-23T12:00", "2026-10-27T12:00", 5) == [f"10-{day} 00:00" for day in (24, 25, 26, 27)]


def test_weeks_begin_on_monday() -> None:
    found = ticks(at("2026-10-01T00:00"), at("2026-11-20T00:00"), PARIS, most=8)
    assert {tick.local.weekday() for tick in found} == {0}
    assert len(found) == 7


def test_months_and_years() -> None:
    found = ticks(at("2025-11-10T00:00"), at("2026-04-01T00:00"), PARIS, most=6)
    assert [(f"{tick.local:%Y-%m}", tick.form) for tick in found] == [
        ("2025-12", Form.MONTH),
        ("2026-01", Form.YEAR),
        ("2026-02", Form.MONTH),
        ("2026-03", Form.MONTH),
        ("2026-04", Form.MONTH),
    ]
    decades = ticks(at("2000-06-01T00:00"), at("2026-06-01T00:00"), PARIS, most=6)
    assert [tick.local.year for tick in decades] == [2005, 2010, 2015, 2020, 2025]


@given(
    begins=st.integers(1_300_000_000, 1_900_000_000),
    length=st.floats(60, 20 * 365 * 86_400),
    zone=st.sampled_from(ZONES),
    most=st.integers(2, 20),
)
def test_ticks_ascend_within_the_axis_and_keep_their_distance(
    begins: float, length: float, zone: ZoneInfo, most: int
) -> None:
    found = ticks(begins, begins + length, zone, most=most)
    places = [tick.at for tick in found]
    assert places == sorted(set(places))
    assert all(begins <= place <= begins + length for place in places)
    # An hour more on the day that the clocks change; months are not equally long.
    assert len(places) <= most * 1.4 + 2
    for tick in found:
        assert tick.local.timestamp() == tick.at
        assert tick.local.second == 0
        if tick.form is not Form.TIME:
            assert (tick.local.hour, tick.local.minute) == (0, 0)
