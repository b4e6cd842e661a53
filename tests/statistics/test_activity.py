"""The activity index, against its formula and its published properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.statistics.activity import Band, activity_index, band_of, bounds

WEEK_S = 7 * 86_400
weeks = st.lists(st.integers(0, WEEK_S), min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("minutes", "index", "band"),
    [
        ((0, 0, 0), 0.0, Band.INACTIVE),
        ((30, 0, 0), 5 - 5 * (1 / (math.pi / 2 + 1) + 1 + 1) / 3, Band.IRREGULAR),
        ((30, 30, 0), 5 - 5 * (2 / (math.pi / 2 + 1) + 1) / 3, Band.REGULAR),
        ((30, 30, 30), 5 - 5 / (math.pi / 2 + 1), Band.ACTIVE),
        ((60, 60, 60), 5 - 5 / (math.pi + 1), Band.VERY_ACTIVE),
        ((6000, 0, 0), 5 - 5 * (1 / (100 * math.pi + 1) + 2) / 3, Band.IRREGULAR),  # one week of bingeing
    ],
)
def test_the_formula(minutes: tuple[int, ...], index: float, band: Band) -> None:
    found = activity_index([each * 60 for each in minutes])
    assert found == pytest.approx(index)
    assert band_of(found) is band


@given(weeks)
def test_it_lies_from_0_to_below_5_and_the_order_of_weeks_does_not_matter(seconds: list[int]) -> None:
    index = activity_index(seconds)
    assert 0 <= index < 5
    assert (index == 0) == (sum(seconds) == 0)
    assert activity_index(seconds[::-1]) == pytest.approx(index)


@given(weeks, st.integers(0, 2), st.integers(1, WEEK_S))
def test_more_play_never_makes_it_less(seconds: list[int], week: int, more: int) -> None:
    richer = [each + more * (place == week) for place, each in enumerate(seconds)]
    assert activity_index(richer) >= activity_index(seconds)


@given(st.floats(0, 5))
def test_every_index_lies_in_the_bounds_of_its_band_alone(index: float) -> None:
    inside = [
        band for band in Band for low, high in [bounds(band)] if low <= index and not (high and index >= high)
    ]
    assert inside == [band_of(index)]
