"""The pretend status port, asked by mcstatus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mcstatus import JavaServer
from mcstatus.responses import JavaStatusResponse

from bridge.simulator.game import SimGame, StatusFault


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path, motd="§aWelcome", secure_chat=True)
    await game.start()
    yield game
    await game.stop()


async def ask(game: SimGame) -> JavaStatusResponse:
    async with asyncio.timeout(5):
        return await JavaServer("127.0.0.1", game.status.port, timeout=0.2).async_status(tries=1)


async def test_a_ping_tells_version_players_and_message(game: SimGame) -> None:
    for number in range(14):
        game.join(f"Player{number}")
    status = await ask(game)
    assert (status.version.name, status.version.protocol) == ("1.21.11", 774)
    assert (status.players.online, status.players.max) == (14, 20)
    assert status.players.sample is not None
    assert len(status.players.sample) == 12
    assert status.motd.to_plain() == "Welcome"
    assert status.enforces_secure_chat is True
    assert status.icon is not None
    assert status.icon.startswith("data:image/png;base64,")


async def test_a_ping_measures_latency(game: SimGame) -> None:
    assert await JavaServer("127.0.0.1", game.status.port).async_ping(tries=1) >= 0


@pytest.mark.parametrize("fault", list(StatusFault))
async def test_a_faulty_port_gives_no_status(game: SimGame, fault: StatusFault) -> None:
    game.status.fault = fault
    with pytest.raises((OSError, ValueError, TimeoutError)):
        async with asyncio.timeout(0.3):
            await ask(game)


async def test_a_refusing_port_comes_back(game: SimGame) -> None:
    await game.status.refuse()
    with pytest.raises(OSError, match=str(game.status.port)):
        await ask(game)
    await game.status.listen()
    assert (await ask(game)).players.online == 0


async def test_nonsense_is_sent_away(game: SimGame) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", game.status.port)
    writer.write(b"\xff\xff\xff\xff\xff\xff")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
