"""Days in a row, counted another way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.statistics.streaks import Streaks, streaks


@pytest.mark.parametrize(
    ("days", "today", "expected"),
    [
        ([], 10, Streaks(0, 0)),
        ([10], 10, Streaks(1, 1)),
        ([9], 10, Streaks(1, 1)),  # today can still come
        ([8], 10, Streaks(0, 1)),
        ([1, 2, 3, 5, 9, 10], 10, Streaks(2, 3)),
        ([7, 8, 9], 10, Streaks(3, 3)),
    ],
)
def test_by_hand(days: list[int], today: int, expected: Streaks) -> None:
    assert streaks(days, today) == expected


@given(st.sets(st.integers(0, 40)), st.integers(0, 3))
def test_as_walking_from_day_to_day_counts_them(played: set[int], rest: int) -> None:
    today = max(played, default=0) + rest
    runs = [0]
    for day in range(today + 1):
        runs.append(runs[-1] + 1 if day in played else 0)
    now = runs[today + 1] if today in played else runs[today]
    assert streaks(sorted(played), today) == Streaks(now, max(runs))
