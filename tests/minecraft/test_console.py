"""A pretend container's console as the source of what happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from bridge.config.settings import BridgeSettings, ConsoleSettings
from bridge.events import ServerId, ServerMissed
from bridge.journal.records import Journal, JournalError, Record
from bridge.minecraft import GameServer
from bridge.minecraft.commands import CommandRefused, Raw
from bridge.minecraft.console import ConsoleSource, ConsoleUnavailable
from bridge.minecraft.log.source import LogState
from bridge.simulator.game import SimGame

SERVER = ServerId("survival")
PASSWORD = "correct-horse"
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]
    failures: list[JournalError]

    @property
    def said(self) -> list[str]: ...
    async def until(self, condition: Callable[[], bool]) -> None: ...


@pytest.fixture(params=["vanilla", "paper"])
async def game(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SimGame]:
    """A server in a container, whose log nobody can read."""
    game = SimGame(
        tmp_path / "game",
        dialect=request.param,
        console_password=PASSWORD,
        clock=lambda: datetime.now(UTC),
    )
    await game.start()
    yield game
    await game.stop()


Running = Callable[..., AbstractAsyncContextManager[ConsoleSource]]


@pytest.fixture
def running(game: SimGame, journal: MemoryJournal) -> Running:
    """Return a context manager of a source that reads the console, with short waits."""

    @contextlib.asynccontextmanager
    async def run(
        *, password: str = PASSWORD, origin: str | None = None, wait: bool = True
    ) -> AsyncIterator[ConsoleSource]:
        own = {"url": game.console.url, "password": password} | ({"origin": origin} if origin else {})
        settings = ConsoleSettings.model_validate(own)
        source = ConsoleSource(
            SERVER, settings, journal, zone=ZoneInfo("UTC"), refused_wait_s=0.02, most_wait_s=0.02
        )
        task = asyncio.create_task(source.run())
        try:
            if wait:
                await asyncio.wait_for(source.caught_up.wait(), 5)
            yield source
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return run


def kinds(journal: MemoryJournal) -> list[str]:
    return [record.event.kind for record in journal.records]


async def test_a_first_connection_floods_nobody_and_knows_who_is_on(
    game: SimGame, journal: MemoryJournal, running: Running
) -> None:
    game.join("Mira")
    game.chat("Mira", "before")
    async with running() as source:
        assert source.state is LogState.FOLLOWING
        assert source.parser.online == ("Mira",)
        game.chat("Mira", "after")
        game.leave("Mira")
        await journal.until(lambda: kinds(journal)[-1:] == ["player.left"])
    assert kinds(journal) == ["server.followed", "server.listed", "chat.said", "player.left"]
    assert journal.said == ["after"]
    assert {record.source for record in journal.records} == {"log:survival"}


async def test_it_goes_on_where_it_stopped(game: SimGame, journal: MemoryJournal, running: Running) -> None:
    """Over restarts of the bridge, and over connections that break."""
    texts: list[str] = []
    for number in range(3):
        async with running() as source:
            assert journal.said == texts
            texts += [f"live {number}"]
            game.chat("Mira", texts[-1])
            await journal.until(lambda: journal.said == texts)  # noqa: B023 - awaited at once
            await game.console.sent()
            game.console.drop_all()
            texts += [f"gap {number}"]
            game.chat("Mira", texts[-1])
            await journal.until(lambda: journal.said == texts)  # noqa: B023 - awaited at once
            assert source.parser.unknown == 0
        texts += [f"down {number}", f"down {number}"]
        game.chat("Mira", texts[-1])
        game.chat("Mira", texts[-1])
    async with running():
        assert journal.said == texts
    assert "server.missed" not in kinds(journal)


async def test_more_than_the_server_keeps_is_a_hole(
    game: SimGame, journal: MemoryJournal, running: Running
) -> None:
    async with running():
        game.chat("Mira", "live")
        await journal.until(lambda: journal.said == ["live"])
    for number in range(60):
        game.chat("Mira", f"n{number}")
    for _ in range(2):
        async with running():
            assert journal.said == ["live", *(f"n{number}" for number in range(10, 60))]
    (missed,) = [each.event for each in journal.records if isinstance(each.event, ServerMissed)]
    assert kinds(journal)[3] == "server.missed"
    assert missed.since <= missed.at


async def test_a_restart_of_the_container_is_no_hole(
    game: SimGame, journal: MemoryJournal, running: Running, until: Until
) -> None:
    async with running() as source:
        game.join("Mira")
        await journal.until(lambda: "player.joined" in kinds(journal))
        await game.restart()
        game.join("Noah")
        await until(lambda: source.parser.online == ("Noah",))
        await journal.until(lambda: kinds(journal)[-1:] == ["player.joined"])
    lived = [kind for kind in kinds(journal) if kind.startswith("server.")]
    assert lived[2:] == ["server.stopping", "server.starting", "server.started"]


async def test_a_wrong_password_is_told_once_and_in_words(
    game: SimGame, running: Running, until: Until
) -> None:
    with capture_logs() as lines:
        async with running(password="wrong-horse", wait=False) as source:
            await until(lambda: game.console.refused >= 3)
            assert "WEBSOCKET_PASSWORD" in source.problem
            assert not source.tells
    assert len([line for line in lines if line["log_level"] == "warning"]) == 1
    assert "wrong-horse" not in str(lines)


async def test_a_server_that_looks_at_where_we_come_from(
    game: SimGame, running: Running, until: Until
) -> None:
    game.console.origins = frozenset({"https://mc.example.org"})
    async with running(wait=False) as source:
        await until(lambda: "WEBSOCKET_ALLOWED_ORIGINS" in source.problem)
    async with running(origin="https://mc.example.org") as source:
        assert source.problem == ""


@pytest.mark.parametrize("password", ["with space", "with,comma", "wïth"])
async def test_a_password_that_cannot_be_sent_is_told(running: Running, until: Until, password: str) -> None:
    async with running(password=password, wait=False) as source:
        await until(lambda: "letters, digits and hyphens" in source.problem)


async def test_pieces_of_lines_and_garbage(game: SimGame, journal: MemoryJournal, running: Running) -> None:
    async with running():
        for text in ("no JSON", "[]", '{"type": "authFailure"}', '{"type": "stdout"}'):
            game.console.send_raw(text)
        for piece in (
            "[12:00:00 INFO]: <Mi",
            "ra> hel",
            "lo\n[12:00:01 INFO]: <Mira> you\n[12",
            ":00:02 INFO]: x\n",
        ):
            game.console.write(piece)
        await journal.until(lambda: journal.said == ["hello", "you"])


async def test_a_journal_that_takes_nothing_is_waited_for(
    game: SimGame, journal: MemoryJournal, running: Running
) -> None:
    async with running() as source:
        journal.failures = [JournalError("locked")]
        game.chat("Mira", "one")
        game.chat("Mira", "two")
        await journal.until(lambda: journal.said == ["one", "two"])
        assert source.state in (LogState.BLOCKED, LogState.FOLLOWING)


async def test_it_can_be_typed_into(game: SimGame, running: Running, until: Until) -> None:
    async with running() as source:
        await source.type(Raw("say hello"))
        await until(lambda: game.console.typed == ["say hello"])
        with pytest.raises(CommandRefused):
            await source.type(Raw("say one\nstop"))
    with pytest.raises(ConsoleUnavailable):
        await source.type(Raw("say hello"))


@pytest.fixture
def settings(game: SimGame) -> BridgeSettings:
    """Made outside the loop, as it reads."""
    own = {"console": {"url": game.console.url, "password": PASSWORD, "time-zone": "UTC"}}
    return BridgeSettings.model_validate({"servers": {SERVER: own}})


async def test_it_stands_for_the_log_of_a_server(
    game: SimGame, settings: BridgeSettings, journal: MemoryJournal
) -> None:
    server = GameServer(SERVER, settings, journal)
    assert isinstance(server.log, ConsoleSource)
    task = asyncio.create_task(server.run())
    await asyncio.wait_for(server.log.caught_up.wait(), 5)
    game.join("Mira")
    await journal.until(lambda: "player.joined" in kinds(journal))
    assert server.online == frozenset({"Mira"})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
