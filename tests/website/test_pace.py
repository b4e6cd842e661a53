from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.website.pace import Limiter


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
    assert refused.reset_s == 20
    assert limiter.take("b").allowed, "another one is not held up"
    clock.now += 20
    assert limiter.take("a").allowed
    assert not limiter.take("a").allowed
    limiter.forgive("a")
    assert limiter.take("a").allowed


def test_a_look_costs_nothing() -> None:
    limiter = Limiter(1, 60, now=Clock())
    assert limiter.would_allow("a")
    assert limiter.would_allow("a")
    assert limiter.take("a").allowed
    assert not limiter.would_allow("a")


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_bucket_and_what_flows_in(waits: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(5, 60, now=clock)
    allowed = 0
    for wait in waits:
        clock.now += wait
        allowed += limiter.take("a").allowed
        assert allowed <= 5 + clock.now / 12 + 1e-6
