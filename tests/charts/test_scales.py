"""Axes of figures: round numbers that hold every figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.charts.scales import scale


@given(values=st.lists(st.floats(-1e9, 1e9), max_size=20), from_zero=st.booleans(), most=st.integers(3, 8))
def test_every_figure_is_on_the_axis(values: list[float], from_zero: bool, most: int) -> None:
    axis = scale(values, from_zero=from_zero, most=most)
    assert axis.low < axis.high
    assert len(axis.ticks) <= most + 2
    slack = (axis.high - axis.low) * 1e-6
    for value in values:
        assert axis.low - slack <= value <= axis.high + slack
    if from_zero:
        assert axis.low <= 0 <= axis.high


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0, 11), (0, 5, 10, 15)),
        ((), (0, 1)),
        ((0, 0), (0, 1)),
        ((None, 2), (0, 1, 2)),
        ((0.25, 1.5), (0, 0.5, 1, 1.5)),
        ((-4, 12), (-5, 0, 5, 10, 15)),
    ],
)
def test_ticks_are_round(values: tuple[float | None, ...], ticks: tuple[float, ...]) -> None:
    assert scale(values, most=5).ticks == ticks


def test_the_axis_reaches_to_the_top_that_is_wanted() -> None:
    assert scale((1, 3), top=20).high == 20
