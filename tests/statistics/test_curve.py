"""The curve of players against counting them one by one."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bridge.statistics.curve import steps
from bridge.statistics.lives import Session


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    began = draw(st.integers(0, 50))
    ended = draw(st.none() | st.integers(0, 20).map(lambda length: began + length))
    return Session(draw(st.integers(1, 3)), began, ended)


@given(st.lists(sessions(), max_size=12), st.integers(0, 60), st.integers(1, 30))
def test_the_curve_counts_who_is_there(found: list[Session], begins: int, length: int) -> None:
    ends = begins + length
    curve = steps(found, begins, ends)
    assert curve[0].at_ms == begins
    assert all(one.at_ms < two.at_ms < ends for one, two in itertools.pairwise(curve))
    for moment in range(begins, ends):
        there = sum(
            each.began_ms <= moment and (each.ended_ms is None or moment < each.ended_ms) for each in found
        )
        assert [step.players for step in curve if step.at_ms <= moment][-1] == there
