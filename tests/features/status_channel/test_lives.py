"""Since when a server is how it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.events import (
    AnyEvent,
    ServerCrashed,
    ServerId,
    ServerLost,
    ServerRecovered,
    ServerStarted,
    ServerStarting,
    ServerStopped,
    ServerStopping,
)
from bridge.features.status_channel.lives import Life

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KINDS = (
    ServerStarting,
    ServerStarted,
    ServerStopping,
    ServerStopped,
    ServerCrashed,
    ServerLost,
    ServerRecovered,
)
SERVER = ServerId("survival")


def life(*events: tuple[type[AnyEvent], int]) -> Life:
    """What is known after events, each so many minutes after noon."""
    known = Life()
    for kind, minutes in events:
        known = known.after(kind(at=NOON + timedelta(minutes=minutes), server=SERVER))  # type: ignore[call-arg] # of servers
    return known


def minutes(at: datetime | None) -> float | None:
    return None if at is None else (at - NOON).total_seconds() / 60


def test_a_planned_stop_begins_when_it_is_first_told() -> None:
    known = life((ServerStarted, 0), (ServerStopping, 10), (ServerStopped, 11), (ServerLost, 12))
    assert (minutes(known.ended), minutes(known.started), minutes(known.silent)) == (10, None, 12)


def test_a_start_is_one_until_it_is_done_or_takes_too_long() -> None:
    known = life((ServerCrashed, 0), (ServerStarting, 1))
    assert known.is_starting(NOON + timedelta(minutes=15))
    assert not known.is_starting(NOON + timedelta(minutes=16))
    assert not life((ServerStarting, 1), (ServerStarted, 2)).is_starting(NOON + timedelta(minutes=2))


def test_a_break_of_the_network_is_no_stop() -> None:
    known = life((ServerStarted, 0), (ServerLost, 10), (ServerRecovered, 12))
    assert (minutes(known.started), minutes(known.answering), known.silent) == (0, 12, None)


def test_what_is_read_late_changes_nothing() -> None:
    now = life((ServerStarted, 0))
    assert now.after(ServerCrashed(at=NOON - timedelta(days=400), server=SERVER)) == now


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 1000))))
def test_no_server_runs_and_is_at_its_end(events: list[tuple[type[AnyEvent], int]]) -> None:
    known = life(*events)
    assert sum(at is not None for at in (known.starting, known.started, known.ended)) <= 1
    assert known.answering is None or known.silent is None
    assert known.at is None or minutes(known.at) == max(at for _, at in events)
