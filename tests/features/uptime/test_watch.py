"""What is told apart from outside: lives of servers, scene by scene, and whatever else can come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.features.uptime.watch import (
    Began,
    Cause,
    Change,
    Ended,
    Look,
    Outage,
    Phase,
    Stopped,
    Turned,
    Watch,
)
from bridge.minecraft import Failure

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def up(seconds: float, **seen: Any) -> Look:  # noqa: ANN401 - fields of Look
    return replace(Look(at=at(seconds), answers=True, logged=True), **seen)


def failing(seconds: float, failure: Failure = Failure.REFUSED, **seen: Any) -> Look:  # noqa: ANN401 - same
    return replace(Look(at=at(seconds), answers=False, failure=failure, lost=True, logged=True), **seen)


@pytest.fixture
def watch() -> Watch:
    """A server that has run for a while; its log last spoke at noon."""
    watch = Watch()
    assert watch.started(at(-600)) == []
    assert watch.look(up(0, spoke=at(0))) == []
    return watch


def test_a_planned_stop(watch: Watch) -> None:
    stop = Outage(Cause.STOP, at(10))
    assert watch.stopping(at(10)) == [Began(stop)]
    assert watch.look(up(15)) == []  # it still answers while it saves
    assert watch.look(failing(20, lost=False)) == [Stopped(at(20))]
    assert watch.look(failing(80)) == []
    assert watch.starting(at(3600)) == []  # an hour later is no restart
    assert watch.started(at(3630)) == [Ended(stop, at(3630))]


def test_a_restart(watch: Watch) -> None:
    watch.stopping(at(10))
    restart = Outage(Cause.RESTART, at(10))
    assert watch.starting(at(30), at(12)) == [Stopped(at(12)), Turned(restart)]
    assert watch.look(failing(35)) == []
    assert watch.started(at(50)) == [Ended(restart, at(50))]
    assert watch.phase is Phase.RUNNING


def test_a_restart_that_fails_becomes_a_crash(watch: Watch) -> None:
    watch.stopping(at(10))
    watch.starting(at(30), at(12))
    assert watch.look(failing(500, spoke=at(40))) == []
    assert watch.look(failing(700, spoke=at(40))) == [Turned(Outage(Cause.CRASH, at(10)))]


def test_a_crash_seen_by_the_port(watch: Watch) -> None:
    assert watch.look(failing(30, lost=False, spoke=at(8))) == []
    crash = Outage(Cause.CRASH, at(8), estimated=True)
    assert watch.look(failing(90, spoke=at(8))) == [Began(crash)]
    assert watch.look(failing(120, spoke=at(8))) == []
    assert watch.look(up(500)) == [Ended(crash, at(500))]


def test_a_crash_known_by_the_next_start(watch: Watch) -> None:
    crash = Outage(Cause.CRASH, at(40), estimated=True)
    assert watch.starting(at(60), at(40)) == [Began(crash)]
    assert watch.look(failing(65)) == []
    assert watch.started(at(90)) == [Ended(crash, at(90))]


def test_a_crash_that_still_saves_the_worlds(watch: Watch) -> None:
    crash = Outage(Cause.CRASH, at(10))
    assert watch.stopping(at(10), crashing=True) == [Began(crash)]
    assert watch.look(up(12)) == []
    assert watch.look(failing(20)) == []  # it did not stop in good order
    assert watch.starting(at(30)) == []
    assert watch.started(at(60)) == [Ended(crash, at(60))]


def test_a_hang_seen_by_the_console(watch: Watch) -> None:
    """The status port of the game answers from a thread of its own, whatever the game does."""
    watch.look(up(5, spoke=at(0), console=True))
    assert watch.look(up(70, spoke=at(0), console=False, unanswered=1)) == []
    hang = Outage(Cause.HANG, at(5), estimated=True)
    assert watch.look(up(130, spoke=at(0), console=False, unanswered=2)) == [Began(hang)]
    assert watch.look(up(190, spoke=at(0), console=False, unanswered=3)) == []
    assert watch.look(up(200, spoke=at(0), console=True)) == [Ended(hang, at(200))]


def test_a_log_that_speaks_is_no_hang(watch: Watch) -> None:
    assert watch.look(up(130, spoke=at(125), console=False, unanswered=9)) == []


def test_a_hang_seen_by_the_port(watch: Watch) -> None:
    hang = Outage(Cause.HANG, at(0), estimated=True)
    assert watch.look(failing(100, Failure.SILENT, spoke=at(0))) == [Began(hang)]
    assert watch.look(failing(160, Failure.REFUSED, spoke=at(0))) == []  # somebody killed it
    assert watch.starting(at(170), at(0)) == []
    assert watch.started(at(200)) == [Ended(hang, at(200))]


def test_the_games_own_watchdog_is_believed_at_once(watch: Watch) -> None:
    hang = Outage(Cause.HANG, at(0), estimated=True)
    assert watch.look(up(65, spoke=at(0), watchdog=at(60))) == [Began(hang)]


def test_a_server_that_never_ends_to_stop_hangs(watch: Watch) -> None:
    watch.stopping(at(10))
    assert watch.look(up(300, spoke=at(10))) == []
    assert watch.look(up(620, spoke=at(10))) == [Turned(Outage(Cause.HANG, at(10)))]
    assert watch.look(up(630, spoke=at(10))) == []


def test_a_machine_out_of_reach(watch: Watch) -> None:
    gone = Outage(Cause.UNREACHABLE, at(0), estimated=True)
    assert watch.look(failing(100, Failure.UNREACHABLE)) == [Began(gone)]
    assert watch.look(up(300)) == [Ended(gone, at(300))]


def test_the_bridges_own_network_blames_no_server(watch: Watch) -> None:
    for seconds in (60, 90, 3600):
        assert watch.look(failing(seconds, Failure.UNREACHABLE, network=False)) == []
    assert watch.look(up(3700)) == []
    # What is still gone when the network is back is gone since then, as far as anybody can say.
    watch.look(failing(5000, Failure.UNREACHABLE, network=False))
    gone = Outage(Cause.UNREACHABLE, at(5000), estimated=True)
    assert watch.look(failing(5060, Failure.UNREACHABLE)) == [Began(gone)]


def test_without_a_log_a_closed_port_tells_not_why(watch: Watch) -> None:
    lost = Outage(Cause.LOST, at(0), estimated=True)
    assert watch.look(failing(100, logged=False)) == [Began(lost)]
    assert watch.look(up(200, logged=False)) == [Ended(lost, at(200))]


def test_a_port_that_is_closed_while_the_game_goes_on_is_no_crash(watch: Watch) -> None:
    lost = Outage(Cause.LOST, at(95), estimated=True)
    assert watch.look(failing(100, spoke=at(95))) == [Began(lost)]
    assert watch.look(failing(160, spoke=at(95))) == [Turned(Outage(Cause.CRASH, at(95), estimated=True))]


def test_a_server_found_down_is_down_without_a_reason() -> None:
    watch = Watch()
    assert watch.look(failing(0)) == [Began(Outage(Cause.LOST, at(0), estimated=True))]


def test_a_bridge_that_was_away_goes_on_where_it_was(watch: Watch) -> None:
    again = Watch(phase=watch.phase, outage=watch.outage, alive=watch.alive)
    crash = Outage(Cause.CRASH, at(4000), estimated=True)
    assert again.look(failing(9000, spoke=at(4000))) == [Began(crash)]
    third = Watch(phase=again.phase, outage=again.outage, alive=again.alive)
    assert third.starting(at(9100), at(4000)) == []
    assert third.started(at(9200)) == [Ended(crash, at(9200))]


looks = st.builds(
    lambda answers, failure, lost, logged, quiet_s, console, unanswered, network, cried: (
        lambda now: [
            Look(
                at=now,
                answers=answers,
                failure=None if answers else failure,
                lost=bool(lost and not answers),
                logged=logged,
                spoke=None if quiet_s is None else now - timedelta(seconds=quiet_s),
                watchdog=now - timedelta(seconds=5) if cried else None,
                console=console,
                unanswered=unanswered,
                network=network,
            )
        ]
    ),
    st.sampled_from([True, False, None]),
    st.sampled_from(Failure),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(0, 2000),
    st.none() | st.booleans(),
    st.integers(0, 4),
    st.booleans(),
    st.booleans(),
)
steps = st.tuples(
    st.sampled_from(["starting", "started", "stopping", "crashing", "look", "look", "look"]),
    st.integers(1, 1200),
    looks,
    st.booleans(),
)


@given(st.lists(steps, max_size=60))
def test_whatever_happens_outages_follow_one_another(life: list[Any]) -> None:
    """One at a time, none ends before it begins, and a network that is down begins none."""
    watch, now = Watch(), NOON
    under_way: Outage | None = None
    ended = NOON - timedelta(days=1)
    for what, pause_s, look, restored in life:
        now += timedelta(seconds=pause_s)
        if restored:
            watch = Watch(phase=watch.phase, outage=watch.outage, alive=watch.alive)
        seen = look(now)[0]
        if what == "look":
            changes = watch.look(seen)
        elif what == "crashing":
            changes = watch.stopping(now, crashing=True)
        else:
            changes = getattr(watch, what)(now)
        for change in changes:
            under_way, ended = check(change, under_way, ended, now)
            if what == "look" and not seen.network:
                assert not isinstance(change, Began)
        assert watch.outage == under_way
        assert watch.alive is None or watch.alive <= now


def check(
    change: Change, under_way: Outage | None, ended: datetime, now: datetime
) -> tuple[Outage | None, datetime]:
    """Check one change and return what is under way after it, and when the last one ended."""
    match change:
        case Began(outage):
            assert under_way is None
            assert outage.began <= now
            return outage, ended
        case Turned(outage):
            assert under_way is not None
            assert outage.began == under_way.began
            return outage, ended
        case Ended(outage, when):
            assert outage == under_way
            assert outage.began <= when <= now
            return None, when
        case Stopped(when):
            assert when <= now
            return under_way, ended


@given(st.lists(st.tuples(st.integers(1, 600), looks), max_size=40))
def test_a_server_that_was_told_to_stop_never_crashes(seen: list[Any]) -> None:
    watch, now = Watch(), NOON
    watch.started(now)
    watch.stopping(now)
    for pause_s, look in seen:
        now += timedelta(seconds=pause_s)
        if look(now)[0].answers:
            continue
        for change in watch.look(look(now)[0]):
            assert isinstance(change, Stopped)
