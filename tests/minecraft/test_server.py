"""One configured game server as the rest of the bridge sees it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.journal.records import Journal, Record
from bridge.minecraft import GameServer, LinkState
from bridge.minecraft.commands import EVERYONE, ListPlayers, Tellraw, encode
from bridge.simulator.game import SimGame

SERVER = ServerId("survival")
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]

    @property
    def said(self) -> list[str]: ...
    async def until(self, condition: Callable[[], bool]) -> None: ...


@pytest.fixture
def settings(game: SimGame, request: pytest.FixtureRequest) -> BridgeSettings:
    """The pretend server's settings, changed by a test's parameter; made outside the loop, as it reads."""
    own = {
        "log": {"path": game.log.latest, "time-zone": "UTC"},
        "rcon": {"port": game.rcon.port, "password": "simulated"},
        "status": {"port": game.status.port},
        **getattr(request, "param", {}),
    }
    return BridgeSettings.model_validate({"servers": {SERVER: own}})


@pytest.fixture
def server(settings: BridgeSettings, journal: MemoryJournal) -> GameServer:
    return GameServer(SERVER, settings, journal)


@pytest.mark.parametrize("settings", [{"title": "Survival"}], indirect=True)
async def test_all_ways_in_run_together(
    game: SimGame, server: GameServer, journal: MemoryJournal, until: Until
) -> None:
    assert server.title == "Survival"
    assert server.log is not None
    assert server.rcon is not None
    assert server.status is not None
    task = asyncio.create_task(server.run())
    await asyncio.wait_for(server.log.caught_up.wait(), 5)
    await asyncio.wait_for(server.rcon.up.wait(), 5)
    await asyncio.wait_for(server.status.checked(), 5)
    game.join("Mira")
    game.chat("Mira", "hello")
    await journal.until(lambda: journal.said == ["hello"])
    assert server.online == frozenset({"Mira"})
    await server.rcon.command(Tellraw(EVERYONE, "hi"))
    assert (await game.received_where(lambda line: line.plain == "hi")).players == ("Mira",)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await until(lambda: not game.rcon.connections)
    assert server.rcon.state is LinkState.DOWN


@pytest.mark.parametrize("settings", [{"log": None, "rcon": None, "status": None}], indirect=True)
async def test_what_the_settings_leave_out_is_not_there(server: GameServer) -> None:
    assert (server.log, server.rcon, server.status, server.online) == (None, None, None, None)
    assert server.title == "survival"
    await server.run()  # nothing to do


async def test_what_a_ping_says_names_the_commands(game: SimGame, server: GameServer) -> None:
    """Plugins of Bukkit's family replace ``list`` and ``kick``; vanilla knows no ``minecraft:list``."""
    assert server.rcon is not None
    assert server.status is not None
    await server.status.check()
    assert encode(ListPlayers(), server.rcon.syntax) == b"list"
    game.version = "Paper 1.21.8"
    await server.status.check()
    assert encode(ListPlayers(), server.rcon.syntax) == b"minecraft:list"


@pytest.mark.parametrize("settings", [{"log": {"path": "x.log", "dialect": "bukkit"}}], indirect=True)
async def test_a_dialect_that_is_set_names_the_commands(server: GameServer) -> None:
    assert server.rcon is not None
    assert encode(ListPlayers(), server.rcon.syntax) == b"minecraft:list"
