"""How long a feed is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.features.feeds.pace import (
    LONGEST_WAIT_S,
    max_age_s,
    wait_after_failing,
    wait_after_reading,
    with_jitter,
)

EVERY = st.floats(min_value=300, max_value=30 * 86400)
SECONDS = st.floats(min_value=0, max_value=1e12)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=600", 600.0),
        ("public,Max-Age = 600, must-revalidate", 600.0),
        ('max-age="600"', 600.0),
        ("s-maxage=600", 0.0),
        ("no-cache", 0.0),
        ("max-age=-1", 0.0),
        ("max-age=soon", 0.0),
        ("", 0.0),
    ],
)
def test_how_long_an_answer_is_fresh(value: str, seconds: float) -> None:
    assert max_age_s({"Cache-Control": value}) == seconds
    assert max_age_s({}) == 0.0


@given(st.text(max_size=60))
def test_any_header_is_taken(value: str) -> None:
    assert max_age_s({"Cache-Control": value}) >= 0


@given(EVERY, SECONDS, SECONDS)
def test_a_good_feed_waits_as_long_as_anybody_wants_and_a_day_at_most(
    every_s: float, fresh_s: float, ttl_s: float
) -> None:
    wait_s = wait_after_reading(every_s, max_age_s=fresh_s, ttl_s=ttl_s)
    assert every_s <= wait_s <= max(every_s, LONGEST_WAIT_S)
    assert wait_s >= min(max(fresh_s, ttl_s), LONGEST_WAIT_S)


@given(EVERY, st.integers(min_value=1, max_value=10**6), SECONDS)
def test_a_bad_feed_waits_longer_each_time_and_a_day_at_most(
    every_s: float, failures: int, asked_s: float
) -> None:
    wait_s = wait_after_failing(every_s, failures, retry_after_s=asked_s)
    assert every_s <= wait_s <= max(every_s, LONGEST_WAIT_S)
    assert wait_s <= wait_after_failing(every_s, failures + 1, retry_after_s=asked_s)
    assert wait_s >= min(asked_s, LONGEST_WAIT_S)


@given(SECONDS, st.floats(min_value=0, max_value=1))
def test_chance_never_makes_it_sooner(wait_s: float, roll: float) -> None:
    assert wait_s <= with_jitter(wait_s, roll) <= wait_s * 1.1 + 1e-6
