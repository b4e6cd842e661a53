"""The loop that keeps sessions running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import count, islice

import pytest
from structlog.testing import capture_logs

from bridge.supervise import SourceLost, SourceRefused, backoff, keep_running


class Finished(Exception):
    """The script is at its end."""


class Scripted:
    """Plays one step for each session, on a clock of its own."""

    name = "scripted"

    def __init__(self, *steps: Callable[[Scripted, Callable[[], None]], None]) -> None:
        self.steps = iter(steps)
        self.time_s = 0.0
        self.waits: list[float] = []

    async def run_session(self, up: Callable[[], None]) -> None:
        step = next(self.steps, None)
        if step is None:
            raise Finished
        step(self, up)

    def now(self) -> float:
        return self.time_s

    async def sleep(self, wait_s: float) -> None:
        self.waits.append(wait_s)
        self.time_s += wait_s

    def run(self, *, refused_wait_s: float | None = None) -> Awaitable[None]:
        return keep_running(
            self, delays=lambda: count(1.0), refused_wait_s=refused_wait_s, now=self.now, sleep=self.sleep
        )


def unreachable(_scripted: Scripted, _up: Callable[[], None]) -> None:
    raise SourceLost("cannot connect")


def refused(_scripted: Scripted, _up: Callable[[], None]) -> None:
    raise SourceRefused("wrong password")


def up_for(lasting_s: float) -> Callable[[Scripted, Callable[[], None]], None]:
    def step(scripted: Scripted, up: Callable[[], None]) -> None:
        up()
        scripted.time_s += lasting_s
        raise SourceLost("hung up")

    return step


async def test_waits_grow_until_a_session_has_lasted() -> None:
    """A server that accepts and hangs up at once does not make the waiting short again."""
    scripted = Scripted(unreachable, up_for(5), up_for(5), up_for(60), unreachable)
    with pytest.raises(Finished):
        await scripted.run()
    assert scripted.waits == [1.0, 2.0, 3.0, 1.0, 2.0]


async def test_a_refusal_ends_the_loop() -> None:
    scripted = Scripted(refused)
    with pytest.raises(SourceRefused, match="wrong password"):
        await scripted.run()


async def test_a_refusal_is_tried_again_slowly_where_asked() -> None:
    scripted = Scripted(refused, refused, up_for(1))
    with pytest.raises(Finished):
        await scripted.run(refused_wait_s=90.0)
    assert scripted.waits[:2] == [90.0, 90.0]


async def test_down_is_told_once_and_so_is_coming_back() -> None:
    """One warning when it goes down, debug lines while it stays down, one info line when it is back."""
    scripted = Scripted(unreachable, unreachable, unreachable, up_for(100))
    with capture_logs() as lines, pytest.raises(Finished):
        await scripted.run()
    assert [line["log_level"] for line in lines] == ["warning", "debug", "debug", "info", "warning"]
    assert lines[3]["event"] == "works again"


async def test_a_new_reason_is_told() -> None:
    scripted = Scripted(unreachable, unreachable, refused, refused)
    with capture_logs() as lines, pytest.raises(Finished):
        await scripted.run(refused_wait_s=1.0)
    assert [line["log_level"] for line in lines] == ["warning", "debug", "warning", "debug"]


def test_backoff_grows_to_its_limit_and_is_never_more() -> None:
    waits: Iterator[float] = backoff(first_s=1.0, most_s=8.0)
    for wait_s, most_s in zip(islice(waits, 6), (1.0, 2.0, 4.0, 8.0, 8.0, 8.0), strict=True):
        assert most_s / 2 <= wait_s <= most_s
