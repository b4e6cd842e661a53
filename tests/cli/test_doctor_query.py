"""The doctor asks the query port, too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.cli.doctor import _server
from bridge.config.settings import BridgeSettings
from bridge.discord.diagnose import Finding, Level
from bridge.events import ServerId
from bridge.simulator.game import SimGame

SERVER = ServerId("survival")


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path / "server", clock=lambda: datetime.now(UTC))
    await game.start()
    await game.query.listen()
    yield game
    await game.stop()


async def asked(game: SimGame, *, timeout: str) -> Finding:  # noqa: ASYNC109 - a setting
    """Return what the doctor says of a server with a query port only."""
    servers = {SERVER: {"query": {"port": game.query.port, "timeout": timeout}}}
    settings = BridgeSettings.model_validate({"servers": servers})
    (finding,) = await _server(settings, SERVER, settings.servers[SERVER])
    return finding


async def test_the_query_port_is_asked(game: SimGame) -> None:
    game.join("Mira")
    good = await asked(game, timeout="10s")
    game.query.silent = True
    silent = await asked(game, timeout="200ms")
    assert (good.level, good.key, good.values["online"]) == (Level.OK, "vanilla.doctor.query-good", 1)
    assert (silent.level, silent.key) == (Level.WARN, "vanilla.doctor.query-silent")
    assert silent.values["reason"] == "no answer within 0.2 s"
