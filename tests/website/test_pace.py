from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.website import pace
from bridge.website.pace import Allowance, Limiter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_again_as_time_passes() -> None:
    clock = Clock()
    limiter = Limiter(3, 60, now=clock)
    assert [limiter.take("a").remaining for _ in range(3)] == [2, 1, 0]
    refused = limiter.take("a")
    assert not refused.allowed
    assert refused.reset_s == 60
    assert limiter.take("b").allowed, "another one is not held up"
    clock.now += 59
    assert limiter.take("a").reset_s == 1
    clock.now += 1
    assert limiter.take("a") == Allowance(allowed=True, limit=3, remaining=2, reset_s=60)
    assert [limiter.take("a").allowed for _ in range(3)] == [True, True, False]


def test_a_look_costs_nothing() -> None:
    limiter = Limiter(1, 60, now=Clock())
    assert limiter.would_allow("a")
    assert limiter.would_allow("a")
    assert limiter.take("a").allowed
    assert not limiter.would_allow("a")


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_in_any_window_and_never_fewer_than_may_be(waits: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(5, 60, now=clock)
    allowed: list[float] = []
    for wait in waits:
        clock.now += wait
        in_window = sum(clock.now - at < 60 for at in allowed)
        assert limiter.would_allow("a") == (in_window < 5)
        if limiter.take("a").allowed:
            allowed.append(clock.now)
            in_window += 1
        assert in_window <= 5


def test_nobody_is_remembered_whose_tries_count_no_more() -> None:
    clock = Clock()
    limiter = Limiter(5, 60, now=clock)
    for number in range(100):
        limiter.take(str(number))
    clock.now += 60
    limiter.take("a")
    assert list(limiter._tries) == ["a"]


def test_of_too_many_the_one_seen_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_MOST_REMEMBERED", 3)
    limiter = Limiter(1, 60, now=Clock())
    for key in ("a", "b", "c", "a", "d"):
        limiter.take(key)
    assert [limiter.would_allow(key) for key in ("a", "b", "c", "d")] == [False, True, False, False]
