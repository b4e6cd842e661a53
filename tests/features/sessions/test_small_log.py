"""A small log, worked through by hand: every figure that is kept of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bridge.features.sessions.making import DayMaker
from bridge.journal.sqlite import SqliteJournal
from bridge.statistics.calendar import Span, day_number
from bridge.statistics.lives import Flag
from bridge.store import Store
from tests.features.small_log import LOG, NOW, PARIS, at, derive


@pytest.fixture
async def made(store: Store) -> Store:
    """The store with everything derived from the log."""
    async with SqliteJournal(store) as journal:
        await derive(store, journal, LOG)
    return store


async def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    async with store.reading() as conn:
        return [tuple(row) for row in await conn.execute(text(query))]


async def test_sessions(made: Store) -> None:
    found = await rows(
        made,
        """SELECT accounts.name, began_ms, ended_ms, flags, relog FROM play_sessions
        JOIN accounts ON accounts.number = account ORDER BY began_ms""",
    )
    crashed = int(Flag.BY_CRASH | Flag.ENDED_GUESSED)

    def ms(clock: str) -> int:
        return round(at(clock).timestamp() * 1000)

    assert found == [
        ("Mira", ms("3 20:00:00"), ms("3 21:00:00"), 0, 0),
        ("Noah", ms("3 20:30:00"), ms("3 22:15:00"), crashed, 0),
        ("Mira", ms("3 21:04:00"), ms("3 21:34:00"), 0, 1),
        ("Lena", ms("3 23:30:00"), ms("4 00:45:00"), 0, 0),
        ("Noah", ms("4 01:00:00"), ms("4 01:10:01"), 0, 0),
        ("Mira", ms("4 01:30:00"), None, 0, 0),
    ]


async def test_days(made: Store) -> None:
    """The 3rd: Mira 60 + 30, Noah 105, Lena 30 minutes. The 4th: Lena 45, Noah 10:01, Mira 30 minutes."""
    third, fourth = day_number(at("3 12:00:00").date()), day_number(at("4 12:00:00").date())
    found = await rows(made, "SELECT day, seconds, starts, peak, peak_at_ms FROM days WHERE server = 1")
    assert found == [
        (third, (90 + 105 + 30) * 60, 3, 2, round(at("3 20:30:00").timestamp() * 1000)),
        (fourth, 45 * 60 + 601 + 30 * 60, 2, 1, round(at("4 00:00:00").timestamp() * 1000)),
    ]
    # Observed from 19:00 to midnight, and from there to now.
    observed = await rows(made, "SELECT day, observed_s FROM days WHERE server = 1 ORDER BY day")
    assert observed == [(third, 5 * 3600), (fourth, 2 * 3600)]


async def test_hours(made: Store) -> None:
    """In UTC: 20:00 in Paris is 18:00."""
    found = await rows(
        made, "SELECT begins_ms, seconds, peak, players, starts FROM hours WHERE server = 1 AND seconds > 0"
    )

    def hour(clock: str, *figures: int) -> tuple[int, ...]:
        return (round(at(clock).timestamp() * 1000), *figures)

    assert found == [
        hour("3 20:00:00", 60 * 60 + 30 * 60, 2, 2, 2),  # Mira all of it, Noah half of it
        hour("3 21:00:00", 30 * 60 + 60 * 60, 2, 2, 0),  # Mira half of it, Noah all of it
        hour("3 22:00:00", 15 * 60, 1, 1, 0),
        hour("3 23:00:00", 30 * 60, 1, 1, 1),
        hour("4 00:00:00", 45 * 60, 1, 1, 0),
        hour("4 01:00:00", 601 + 30 * 60, 1, 2, 2),
    ]


async def test_players_periods(made: Store) -> None:
    found = await rows(
        made,
        """SELECT span, name, seconds, starts, said, deaths, advancements FROM player_periods
        JOIN accounts ON accounts.number = account WHERE server = 1 AND span IN (1, 3) ORDER BY span, name""",
    )
    week = [
        ("Lena", (30 + 45) * 60, 1, 0, 0, 1),
        ("Mira", (60 + 30 + 30) * 60, 2, 0, 1, 0),  # her relog is no third session
        ("Noah", 105 * 60 + 601, 2, 1, 0, 0),
    ]
    assert found == [(int(span), *row) for span in (Span.WEEK, Span.ALL) for row in week]
    everywhere = await rows(
        made, "SELECT count(*), sum(seconds) FROM player_periods WHERE server = 0 AND span = 1"
    )
    assert everywhere == [(3, 75 * 60 + 120 * 60 + 105 * 60 + 601)]


async def test_newcomers(made: Store) -> None:
    found = await rows(made, "SELECT start, players, newcomers FROM periods WHERE server = 1 AND span = 0")
    third = day_number(at("3 12:00:00").date())
    assert found == [(third, 3, 3), (third + 1, 3, 0)]
    assert await rows(made, "SELECT players, newcomers FROM periods WHERE server = 0 AND span = 2") == [
        (3, 3)
    ]


async def test_a_day_made_again_changes_nothing(made: Store) -> None:
    before = await rows(made, "SELECT * FROM player_periods ORDER BY span, server, start, account")
    await DayMaker(made, PARIS, lambda: NOW).make_all()
    assert await rows(made, "SELECT * FROM player_periods ORDER BY span, server, start, account") == before


async def test_who_is_on_plays_on(made: Store) -> None:
    """Ten minutes later Mira has ten minutes more, and nothing else has changed."""
    await DayMaker(made, PARIS, lambda: NOW + timedelta(minutes=10)).make_all()
    found = await rows(
        made,
        """SELECT name, seconds FROM player_periods JOIN accounts ON accounts.number = account
        WHERE server = 1 AND span = 3 ORDER BY name""",
    )
    assert found == [("Lena", 4500), ("Mira", 7200 + 600), ("Noah", 6901)]
