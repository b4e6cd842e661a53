"""What is known of a server, put together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.events import ServerId
from bridge.features.servers import ServerView, State
from bridge.features.status_channel.lives import Life
from bridge.features.status_channel.scenes import Phase, Present, Scene, Told, phase_of, scene
from bridge.store.statistics.sessions import Online
from bridge.store.times import to_ms

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(hours=1)
NOBODY: frozenset[str] = frozenset()


def view(state: State, *, unasked: bool = False, online: int | None = None) -> ServerView:
    return ServerView(
        id=ServerId("survival"),
        title="Survival",
        address=None,
        state=state,
        unasked=unasked,
        online=online,
        maximum=None if online is None else 20,
    )


@pytest.mark.parametrize(
    ("seen", "life", "maintained", "phase"),
    [
        (view(State.UP), Life(ended=EARLIER), False, Phase.UP),
        (view(State.UP), Life(starting=NOON), False, Phase.UP),
        (view(State.DOWN), Life(starting=NOON), False, Phase.STARTING),
        (view(State.DOWN), Life(starting=EARLIER), False, Phase.DOWN),
        (view(State.DOWN), Life(started=EARLIER), False, Phase.DOWN),
        (view(State.DOWN), Life(), True, Phase.MAINTENANCE),
        (view(State.UNKNOWN), Life(started=EARLIER), False, Phase.UNKNOWN),
        (view(State.UNKNOWN, unasked=True), Life(started=EARLIER), False, Phase.UP),
        (view(State.UNKNOWN, unasked=True), Life(ended=EARLIER), False, Phase.DOWN),
        (view(State.UNKNOWN, unasked=True), Life(), False, Phase.UNKNOWN),
    ],
)
def test_how_a_server_is(seen: ServerView, life: Life, maintained: bool, phase: Phase) -> None:
    assert phase_of(seen, life, maintained=maintained, now=NOON) is phase


def put(
    seen: ServerView,
    names: frozenset[str] | None,
    present: tuple[Online, ...] = (),
    hidden: frozenset[str] = NOBODY,
    life: Life | None = None,
) -> Scene:
    return scene(
        seen,
        life or Life(started=EARLIER),
        Told(present=present),
        names=names,
        hidden=lambda name: name in hidden,
        restart=None,
        now=NOON,
    )


def online(name: str, hours: int, *, guessed: bool = False) -> Online:
    return Online(name, None, to_ms(NOON - timedelta(hours=hours)), guessed)


def test_those_come_first_who_have_been_there_longest() -> None:
    made = put(
        view(State.UP, online=3),
        frozenset({"Alix", "boris", "Chloe"}),
        (online("Chloe", 5, guessed=True), online("Boris", 2)),
    )
    assert made.players == (
        Present(name="Chloe", since=NOON - timedelta(hours=5), guessed=True),
        Present(name="boris", since=NOON - timedelta(hours=2)),
        Present(name="Alix"),
    )
    assert (made.phase, made.since, made.online, made.maximum, made.unnamed) == (Phase.UP, EARLIER, 3, 20, 0)


def test_the_hidden_are_neither_named_nor_counted() -> None:
    made = put(view(State.UP, online=3), frozenset({"Alix", "Boris"}), hidden=frozenset({"Boris"}))
    assert [each.name for each in made.players or ()] == ["Alix"]
    assert (made.online, made.unnamed) == (2, 1)  # one more whom the server does not name


def test_without_names_from_the_server_sessions_tell_them() -> None:
    made = put(view(State.UP), None, (online("Alix", 1), online("Boris", 1)), frozenset({"Boris"}))
    assert [each.name for each in made.players or ()] == ["Alix"]
    assert made.online == 1


def test_nobody_is_on_a_server_that_is_down() -> None:
    life = Life(silent=NOON)
    made = put(view(State.DOWN), frozenset({"Alix"}), (online("Alix", 1),), life=life)
    assert (made.players, made.online, made.since) == (None, None, NOON)
