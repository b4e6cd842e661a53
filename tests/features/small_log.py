"""A small log, worked through by hand: the evening of 3 July 2026 and the night after it, in Paris."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

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
from bridge.journal import Draft, Journal, RecordId, SourceName, Start
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
OVER: list[AnyEvent] = [*LOG, left("4 02:00:00", "Mira")]
"""The same evening, and nobody is on any more."""


async def derive(
    store: Store, journal: Journal, events: Sequence[AnyEvent], *, now: Callable[[], datetime] = lambda: NOW
) -> None:
    """Let events arrive in the journal, and everything be made of them that is kept."""
    source = SourceName("log:survival")
    drafts = [
        Draft(id=RecordId(f"{source}:{n}"), source=source, place=str(n), event=event)
        for n, event in enumerate(events)
    ]
    await journal.append(*drafts)
    reader = await journal.reader(NAME, READ, start=Start.BEGINNING)
    task = asyncio.create_task(StatisticsReader(reader, store, PARIS, relog_ms=300_000).run())
    async with asyncio.timeout(10):
        while await reader.position() < len(events):  # noqa: ASYNC110 - a turn of the store, not a wait
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await DayMaker(store, PARIS, now, staff=frozenset({"Lena"})).make_all()
