"""Single joins pass at once; storms are told in one line and lose nobody."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.events import ServerId
from bridge.features.relay.bundles import Bundle, Bundler, Movement
from bridge.features.relay.parcels import Line

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
WINDOW = timedelta(seconds=10)


def movement(player: str, came: bool, second: float, server: str = "survival") -> Movement:
    at = START + timedelta(seconds=second)
    text = f"{player} {'joined' if came else 'left'}"
    line = Line(positions=(int(second),), at=at, recorded_at=at, body=text, inline=text)
    return Movement(server=ServerId(server), player=player, came=came, at=at, line=line)


def test_three_joins_in_ten_seconds_pass_one_by_one() -> None:
    bundler = Bundler(after=4, window=WINDOW)
    for i in range(3):
        assert bundler.take(one := movement(f"P{i}", True, i)) == [one]
    assert bundler.deadline is None


def test_a_storm_is_held_and_told_once_when_its_window_has_passed() -> None:
    bundler = Bundler(after=2, window=WINDOW)
    bundler.take(movement("Mira", True, 0))
    assert bundler.take(movement("Odo", True, 1)) == []
    assert bundler.take(movement("Kai", True, 2)) == []
    assert bundler.take(movement("Kai", False, 3)) == []
    assert bundler.take(movement("Mira", False, 4)) == []
    assert bundler.deadline == START + timedelta(seconds=11)
    assert bundler.release(START + timedelta(seconds=10)) == []
    (told,) = bundler.release(START + timedelta(seconds=11))
    assert isinstance(told, Bundle)
    assert (told.came, told.went, told.passed) == (("Odo",), ("Mira",), ("Kai",))


def test_servers_do_not_share_a_storm() -> None:
    bundler = Bundler(after=2, window=WINDOW)
    bundler.take(movement("Mira", True, 0))
    other = movement("Odo", True, 1, server="creative")
    assert bundler.take(other) == [other]


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.booleans(), st.floats(0, 15)), max_size=60))
def test_every_movement_is_told_once(steps: list[tuple[str, bool, float]]) -> None:
    bundler, told, second = Bundler(after=3, window=WINDOW), [], 0.0
    taken = []
    for player, came, pause in steps:
        second += pause
        taken.append(movement(player, came, second))
        told += bundler.take(taken[-1])
    told += bundler.release(START + timedelta(days=1))
    flat = [m for item in told for m in (item.movements if isinstance(item, Bundle) else (item,))]
    assert flat == taken
    assert bundler.held == ()
