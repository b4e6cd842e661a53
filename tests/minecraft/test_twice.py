"""What the log and the Management Protocol of one server both tell is one record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import BridgeSettings
from bridge.events import Event, PlayerJoined, PlayerLeft, ServerId, ServerListed
from bridge.journal.records import Draft, Journal, Record, RecordId, SourceName
from bridge.minecraft import GameServer
from bridge.minecraft.log.source import LogState
from bridge.minecraft.twice import Twice
from bridge.simulator.game import SimGame
from bridge.simulator.game.management import SECRET
from bridge.simulator.game.values import offline_uuid

SERVER = ServerId("survival")
LOG, MANAGEMENT = SourceName("log:survival"), SourceName("management:survival")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]

    async def until(self, condition: Callable[[], bool]) -> None: ...


def joined(name: str, after_s: float = 0) -> PlayerJoined:
    return PlayerJoined(at=NOON + timedelta(seconds=after_s), server=SERVER, player=name)


def test_the_same_fact_within_five_seconds_is_told_by_the_first() -> None:
    twice = Twice(SERVER)
    twice.note(MANAGEMENT, joined("Mira"))
    assert twice.told_elsewhere(LOG, joined("mira", -5))
    assert not twice.told_elsewhere(LOG, joined("Mira", 5.1))
    assert not twice.told_elsewhere(LOG, joined("Noah"))
    assert not twice.told_elsewhere(MANAGEMENT, joined("Mira"))
    assert not twice.told_elsewhere(LOG, PlayerLeft(at=NOON, server=SERVER, player="Mira"))
    assert not twice.told_elsewhere(LOG, ServerListed(at=NOON, server=SERVER))


def test_it_is_bounded() -> None:
    twice = Twice(SERVER)
    for number in range(6000):
        twice.note(MANAGEMENT, joined(f"P{number}"))
    assert not twice.told_elsewhere(LOG, joined("P0"))
    assert twice.told_elsewhere(LOG, joined("P5999"))


def draft(source: SourceName, event: PlayerJoined, number: int) -> Draft:
    return Draft(id=RecordId(f"{source}:{number}"), source=source, place="", event=event)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(-4, 4), st.booleans()), max_size=8))
def test_whichever_tells_first_each_join_is_told_once(joins: list[tuple[str, int, bool]]) -> None:
    """Joins of a player that are far enough apart to be told apart."""
    twice, kept = Twice(SERVER), []
    for number, (name, slip_s, log_first) in enumerate(joins):
        told = [(LOG, joined(name, 60 * number)), (MANAGEMENT, joined(name, 60 * number + slip_s))]
        for source, event in told if log_first else reversed(told):
            kept += twice.new([draft(source, event, number)])
    assert [one.source for one in kept] == [LOG if log_first else MANAGEMENT for _, _, log_first in joins]


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A vanilla server with its Management Protocol on."""
    game = SimGame(tmp_path / "game", management_secret=SECRET, clock=lambda: datetime.now(UTC))
    await game.start()
    yield game
    await game.stop()


Running = Callable[[], AbstractAsyncContextManager[GameServer]]


@pytest.fixture
def settings(game: SimGame) -> BridgeSettings:
    """Made outside the loop, as it reads."""
    own = {
        "log": {"path": game.log.latest, "time-zone": "UTC"},
        "management": {"port": game.management.port, "secret": SECRET},
    }
    return BridgeSettings.model_validate({"servers": {SERVER: own}})


@pytest.fixture
def running(settings: BridgeSettings, journal: MemoryJournal) -> Running:
    """Return a context manager of the server with both ways in."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[GameServer]:
        server = GameServer(SERVER, settings, journal)
        assert server.log is not None
        assert server.management is not None
        task = asyncio.create_task(server.run())
        try:
            await asyncio.wait_for(server.log.caught_up.wait(), 5)
            await asyncio.wait_for(server.management.up.wait(), 5)
            yield server
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return run


def moves(journal: MemoryJournal) -> list[tuple[str, str, str]]:
    """Who came and went, and which source told it."""
    events: list[tuple[SourceName, Event]] = [(record.source, record.event) for record in journal.records]
    return [
        (source.partition(":")[0], event.kind, event.player)
        for source, event in events
        if isinstance(event, PlayerJoined | PlayerLeft)
    ]


async def test_while_the_log_is_followed_it_alone_tells(
    game: SimGame, journal: MemoryJournal, running: Running, until: Until
) -> None:
    async with running() as server:
        assert server.management is not None
        game.join("Mira")
        game.leave("Mira")
        game.join("Noah")
        await journal.until(lambda: len(moves(journal)) == 3)
        await until(lambda: server.management is not None and len(server.management.roster or ()) == 1)
    assert moves(journal) == [
        ("log", "player.joined", "Mira"),
        ("log", "player.left", "Mira"),
        ("log", "player.joined", "Noah"),
    ]
    assert {record.source for record in journal.records} == {"log:survival"}


async def test_what_the_log_has_missed_is_mended_by_the_other(
    game: SimGame, journal: MemoryJournal, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin swallowed the lines of a join; the Management Protocol lists who plays."""
    monkeypatch.setattr("bridge.minecraft.roster.AGAIN_S", 0.0)
    async with running() as server:
        assert server.roster is not None
        assert server.management is not None
        with monkeypatch.context() as plugin:
            plugin.setattr(game, "_write", lambda _: None)
            game.join("Mira")
        while not server.management.roster:  # noqa: ASYNC110 - a roster has no event
            await asyncio.sleep(0)
        await server.roster.check()
        (listed,) = [each.event for each in journal.records if isinstance(each.event, ServerListed)][1:]
        assert [(player.name, player.uuid) for player in listed.players] == [("Mira", offline_uuid("Mira"))]
        assert server.online == frozenset({"Mira"})


async def test_the_other_tells_while_the_log_is_away_and_the_log_not_again(
    game: SimGame, journal: MemoryJournal, running: Running, until: Until
) -> None:
    """The file goes for a while and comes back with everything in it, also over a restart of the bridge."""
    latest, away = game.log.latest, game.log.latest.with_name("away")
    game.join("Mira")
    async with running():
        game.chat("Mira", "hello")
        await journal.until(lambda: journal.records[-1].event.kind == "chat.said")
    latest.rename(away)  # the game goes on writing into it
    async with running() as server:
        assert server.log is not None
        assert server.log.state is LogState.WAITING
        game.join("Noah")
        game.leave("Mira")
        await journal.until(lambda: len(moves(journal)) == 2)
        away.rename(latest)
        await until(lambda: server.log is not None and server.log.state is LogState.FOLLOWING)
        game.join("Alix")
        await journal.until(lambda: len(moves(journal)) == 3)
        assert set(server.log.parser.online) == {"Noah", "Alix"}
    told = [
        ("management", "player.joined", "Noah"),
        ("management", "player.left", "Mira"),
        ("log", "player.joined", "Alix"),
    ]
    assert moves(journal) == told
    async with running() as server:
        assert moves(journal) == told
        assert server.online == frozenset({"Noah", "Alix"})
