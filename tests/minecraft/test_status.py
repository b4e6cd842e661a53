"""Pinging a pretend server, and what the journal hears of it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from bridge.config.settings import StatusSettings
from bridge.events import ServerId, ServerLost, ServerRecovered, ServerSampled
from bridge.journal.records import Journal, JournalError, Record
from bridge.minecraft.pace import Tempo
from bridge.minecraft.status import Failure, ServerStatus, StatusFailed, StatusSource, ping
from bridge.simulator.game import SimGame, StatusFault

SERVER = ServerId("survival")


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]
    failures: list[JournalError]


def settings_for(port: int, **others: object) -> StatusSettings:
    return StatusSettings.model_validate({"port": port, "timeout": 2.0, "down-after": 2, **others})


@pytest.fixture
def source(game: SimGame, journal: MemoryJournal) -> StatusSource:
    return StatusSource(SERVER, settings_for(game.status.port), journal)


def kinds(journal: MemoryJournal) -> list[str]:
    return [record.event.kind for record in journal.records]


async def test_a_ping_tells_what_the_server_says(game: SimGame) -> None:
    game.join("Mira")
    game.join("not a name §c")
    game.motd = "§aA pretend §lserver"
    status = await ping(settings_for(game.status.port))
    assert (status.online, status.maximum, status.version) == (2, 20, game.version)
    assert status.motd == "A pretend server"
    assert status.names == ("Mira",)
    assert 0 <= status.latency_ms < 2000


async def test_an_ampersand_is_no_code(game: SimGame) -> None:
    game.motd = "&Rock &roll, R&B |PvP |1 §l§aBold"
    status = await ping(settings_for(game.status.port))
    assert status.motd == status.welcome.plain == "&Rock &roll, R&B |PvP |1 Bold"


@pytest.mark.parametrize("fault", list(StatusFault))
async def test_a_server_that_answers_badly_has_failed(game: SimGame, fault: StatusFault) -> None:
    """Also one that drips for ever: the time limit is for the whole answer."""
    game.status.fault = fault
    with pytest.raises(StatusFailed) as caught:
        await ping(settings_for(game.status.port, timeout=0.2))
    assert "127.0.0.1" not in str(caught.value)


async def test_nothing_on_the_port_says_so(game: SimGame) -> None:
    await game.status.close()
    with pytest.raises(StatusFailed, match=f"nothing listens on port {game.status.port}"):
        await ping(settings_for(game.status.port))


@pytest.mark.parametrize("fault", list(StatusFault))
async def test_something_that_does_not_answer_is_there(game: SimGame, fault: StatusFault) -> None:
    game.status.fault = fault
    with pytest.raises(StatusFailed) as caught:
        await ping(settings_for(game.status.port, timeout=0.2))
    assert caught.value.failure is Failure.SILENT


async def test_a_closed_port_and_a_machine_that_is_not_there_are_told_apart(game: SimGame) -> None:
    await game.status.close()
    with pytest.raises(StatusFailed) as closed:
        await ping(settings_for(game.status.port))
    assert closed.value.failure is Failure.REFUSED
    with pytest.raises(StatusFailed) as absent:
        await ping(settings_for(game.status.port, host="nowhere.invalid"))
    assert absent.value.failure is Failure.UNREACHABLE


async def test_no_more_than_one_answer_a_minute_is_a_sample(
    game: SimGame, journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    tempo = Tempo(tps=19.5, mspt=12.0)
    source = StatusSource(SERVER, settings_for(game.status.port), journal, tempo=lambda: tempo)
    minutes = iter((0, 30, 59, 60, 119, 180))

    async def answer(_settings: StatusSettings) -> ServerStatus:
        at = datetime(2026, 11, 25, 12, 0, tzinfo=UTC) + timedelta(seconds=next(minutes))
        return ServerStatus(at=at, online=1, maximum=20, version="26.3", motd="", latency_ms=1.0)

    monkeypatch.setattr("bridge.minecraft.status.ping", answer)
    for _ in range(6):
        await source.check()
    sampled = [record.event for record in journal.records]
    assert [event.at.minute for event in sampled] == [0, 1, 3]
    assert all(isinstance(event, ServerSampled) and event.tps == 19.5 for event in sampled)


async def test_every_answer_is_a_sample(game: SimGame, journal: MemoryJournal, source: StatusSource) -> None:
    assert source.up is None
    game.join("Mira")
    status = await source.check()
    assert source.latest is status
    assert source.up is True
    event = journal.records[0].event
    assert isinstance(event, ServerSampled)
    assert (event.server, event.online, event.maximum, event.version) == (SERVER, 1, 20, game.version)


async def test_one_failed_ping_is_not_an_outage(
    game: SimGame, journal: MemoryJournal, source: StatusSource
) -> None:
    await source.check()
    await game.status.close()
    await source.check()
    assert source.up is False
    assert kinds(journal) == ["server.sampled"]
    await source.check()
    await source.check()
    assert kinds(journal) == ["server.sampled", "server.lost"]
    assert source.latest is not None
    await game.status.listen()
    await source.check()
    assert kinds(journal) == ["server.sampled", "server.lost", "server.recovered", "server.sampled"]
    assert source.up is True


async def test_an_outage_over_a_restart_is_told_once_and_ends(
    game: SimGame, journal: MemoryJournal, source: StatusSource
) -> None:
    await game.status.close()
    await source.check()
    await source.check()
    again = StatusSource(SERVER, settings_for(game.status.port), journal)
    await again._remember()
    await again.check()
    await again.check()
    assert kinds(journal) == ["server.lost"]
    await game.status.listen()
    await again.check()
    assert [type(record.event) for record in journal.records] == [ServerLost, ServerRecovered, ServerSampled]


async def test_a_fact_the_journal_did_not_take_is_told_with_the_next_ping(
    game: SimGame, journal: MemoryJournal, source: StatusSource
) -> None:
    await game.status.close()
    await source.check()
    journal.failures = [JournalError("locked")]
    await source.check()
    assert kinds(journal) == []
    await source.check()
    assert kinds(journal) == ["server.lost"]


async def test_running_pings_at_once(game: SimGame, source: StatusSource) -> None:
    task = asyncio.create_task(source.run())
    await asyncio.wait_for(source.checked(), 5)
    assert source.up is True
    assert game.status.pings == 1
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
