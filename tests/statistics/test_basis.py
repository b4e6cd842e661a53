"""How much of a period was observed, with the arithmetic written out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.statistics.basis import Basis, basis_of

HOUR = 3_600_000


def test_a_week_with_a_hole() -> None:
    """168 hours, ten of them missing: 158 of 168 are 94.04 %."""
    week = [(-HOUR, 100 * HOUR), (110 * HOUR, 2**53)]
    found = basis_of([week], begins_ms=0, ends_ms=168 * HOUR)
    assert found == Basis(158 * 3600, 168 * 3600, 0)
    assert found.percent == 94


def test_several_servers_are_taken_together() -> None:
    """One was observed for all of ten hours, the other for the last two: 12 of 20."""
    found = basis_of([[(0, 2**53)], [(8 * HOUR, 2**53)]], begins_ms=0, ends_ms=10 * HOUR)
    assert found.percent == 60


def test_ever_begins_with_each_server_s_first_observation() -> None:
    """Ten hours, and of the other two hours the second one."""
    found = basis_of(
        [[(0, 2**53)], [(8 * HOUR, 8 * HOUR), (9 * HOUR, 2**53)]], begins_ms=None, ends_ms=10 * HOUR
    )
    assert found == Basis(11 * 3600, 12 * 3600, 0)


def test_nothing_observed_is_nothing() -> None:
    assert basis_of([[]], begins_ms=None, ends_ms=HOUR) == Basis(0, 0, None)
    assert basis_of([[]], begins_ms=0, ends_ms=HOUR).percent == 0
    assert basis_of([], begins_ms=0, ends_ms=HOUR).percent == 0


def test_nearly_all_is_not_all() -> None:
    assert basis_of([[(1000, 2**53)]], begins_ms=0, ends_ms=1000 * HOUR).percent == 99


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_as_counting_the_seconds_has_it(seconds: list[bool], begins: int, ends: int) -> None:
    intervals: list[tuple[int, int]] = []
    for second, observed in enumerate(seconds):
        if observed and intervals and intervals[-1][1] == second * 1000:
            intervals[-1] = (intervals[-1][0], second * 1000 + 1000)
        elif observed:
            intervals.append((second * 1000, second * 1000 + 1000))
    found = basis_of([intervals], begins_ms=begins * 1000, ends_ms=ends * 1000)
    assert found.observed_s == sum(seconds[begins:ends])
    assert found.elapsed_s == max(ends - begins, 0)
