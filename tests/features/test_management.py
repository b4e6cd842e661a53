"""A server's management on the staff's page, and in who is said to play."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.config.access import Bundle
from bridge.events import ServerId
from bridge.features.servers import names_online
from bridge.features.staff import Staff
from bridge.simulator.game import SimGame
from bridge.simulator.game.management import SECRET

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A vanilla server with its Management Protocol on."""
    game = SimGame(tmp_path / "game", management_secret=SECRET, clock=lambda: datetime.now(UTC))
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
async def desk(open_desk: OpenDesk, game: SimGame) -> AsyncIterator[Desk]:
    """The staff's desk in front of that server."""
    management = {"port": game.management.port, "secret": SECRET}
    async with open_desk(Staff, servers={"survival": {"management": management}}) as opened:
        yield opened


async def test_staff_see_how_it_is_and_what_to_do(desk: Desk) -> None:
    server = desk.parts.servers[ServerId("survival")]
    await desk.sign_in(Bundle.MANAGER)
    page = await desk.page("/staff/health")
    assert "Survival · management" in page
    assert "not connected yet" in page
    assert "management-server-enabled=true" in page
    running = asyncio.create_task(server.run())
    assert server.management is not None
    await asyncio.wait_for(server.management.up.wait(), 5)
    assert "management-server-enabled=true" not in await desk.page("/staff/health")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_plays_is_known_without_a_log(desk: Desk, game: SimGame) -> None:
    server = desk.parts.servers[ServerId("survival")]
    assert names_online(server, None) is None
    game.join("Mira")
    running = asyncio.create_task(server.run())
    assert server.management is not None
    await asyncio.wait_for(server.management.up.wait(), 5)
    assert names_online(server, None) == frozenset({"Mira"})
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
