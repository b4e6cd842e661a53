"""A small log, worked through by hand: every figure that is kept of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bridge.events import (
    AnyEvent,
    ChatSaid,
    EndId,
    PlayerAdvanced,
    PlayerDied,
    PlayerJoined,
    PlayerLeft,
    ServerFollowed,
    ServerId,
    ServerListed,
    ServerStarting,
    ServerStopping,
    Speaker,
    SpeakerKind,
)
from bridge.features.sessions.facts import READ
from bridge.features.sessions.making import DayMaker
from bridge.features.sessions.reader import NAME, StatisticsReader
from bridge.journal import Draft, RecordId, SourceName, Start
from bridge.journal.sqlite import SqliteJournal
from bridge.statistics.calendar import Span, day_number
from bridge.statistics.lives import Flag
from bridge.store import Store

PARIS = ZoneInfo("Europe/Paris")
SERVER = ServerId("survival")
MIRA, NOAH, LENA = (f"{n}" * 8 + "-0000-4000-8000-000000000000" for n in "abc")
UUIDS = {"Mira": MIRA, "Noah": NOAH, "Lena": LENA}


def at(clock: str) -> datetime:
    """A moment of the evening of Friday 3 July 2026, or of the night after it, by the clock in Paris."""
    day, time = clock.split(" ")
    hours, minutes, seconds = map(int, time.split(":"))
    return datetime(2026, 7, int(day), hours, minutes, seconds, tzinfo=PARIS).astimezone(UTC)


def joined(clock: str, player: str) -> PlayerJoined:
    return PlayerJoined(at=at(clock), server=SERVER, player=player, uuid=UUIDS[player])


def left(clock: str, player: str) -> PlayerLeft:
    return PlayerLeft(at=at(clock), server=SERVER, player=player)


LOG: list[AnyEvent] = [
    ServerFollowed(at=at("3 19:00:00"), server=SERVER),
    ServerListed(at=at("3 19:00:00"), server=SERVER, players=()),
    joined("3 20:00:00", "Mira"),
    joined("3 20:30:00", "Noah"),
    ChatSaid(
        at=at("3 20:31:00"),
        end=EndId("server:survival"),
        speaker=Speaker(kind=SpeakerKind.PLAYER, name="Noah"),
        text="hi",
    ),
    left("3 21:00:00", "Mira"),  # Mira, 1st: 60 min
    joined("3 21:04:00", "Mira"),  # four minutes later: the same session goes on, without those four
    PlayerDied(at=at("3 21:05:00"), server=SERVER, player="Mira", text="drowned"),
    left("3 21:34:00", "Mira"),  # Mira, 1st goes on: 30 min, together 90
    # Noah plays on; the server dies without a word. Its last line was written at 22:15:00.
    ServerStarting(at=at("3 22:20:00"), server=SERVER, silent_since=at("3 22:15:00")),  # Noah: 105 min
    joined("3 23:30:00", "Lena"),
    PlayerAdvanced(at=at("3 23:45:00"), server=SERVER, player="Lena", title="Stone Age"),
    left("4 00:45:00", "Lena"),  # Lena: 30 min on the 3rd, 45 min on the 4th
    joined("4 01:00:00", "Noah"),
    ServerStopping(at=at("4 01:10:00"), server=SERVER),
    left("4 01:10:01", "Noah"),  # Noah, 2nd: 10 min 1 s
    joined("4 01:30:00", "Mira"),  # on until now, 02:00: 30 min
]
NOW = at("4 02:00:00")


@pytest.fixture
async def made(store: Store) -> Store:
    """The store with everything derived from the log."""
    async with SqliteJournal(store) as journal:
        source = SourceName("log:survival")
        await journal.append(
            *(
                Draft(id=RecordId(f"{source}:{n}"), source=source, place=str(n), event=event)
                for n, event in enumerate(LOG)
            )
        )
        reader = await journal.reader(NAME, READ, start=Start.BEGINNING)
        task = asyncio.create_task(StatisticsReader(reader, store, PARIS, relog_ms=300_000).run())
        async with asyncio.timeout(10):
            while await reader.position() < len(LOG):  # noqa: ASYNC110 - a turn of the store, not a wait
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    await DayMaker(store, PARIS, lambda: NOW).make_all()
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
