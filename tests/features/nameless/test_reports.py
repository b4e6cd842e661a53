"""What the site is told about a server: only what is known, and nobody who must not be named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.config.settings import StatusSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.nameless.api import NamelessApi
from bridge.features.nameless.problems import NamelessError
from bridge.features.nameless.reports import Reporter
from bridge.features.telling import Teller
from bridge.minecraft import GameServer, ServerStatus
from bridge.simulator.game import SimGame
from bridge.simulator.nameless import FaultKind, SimNameless
from bridge.store.players import see_player
from tests.features.nameless.conftest import SERVER, START, Clock

SURVIVAL = ServerId("survival")
STEVE = "069a79f4-44e9-4726-a5be-fca90e38aaf5"


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path / "server", motd="Hello", most_players=8)
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
def server(parts: Parts, game: SimGame) -> GameServer:
    own = parts.settings.servers[SURVIVAL]
    status = StatusSettings(port=game.status.port, timeout_s=2.0)
    settings = parts.settings.model_copy(
        update={"servers": {SURVIVAL: own.model_copy(update={"status": status})}}
    )
    return GameServer(SURVIVAL, settings, parts.journal)


@pytest.fixture
def reporter(parts: Parts, server: GameServer, api: NamelessApi, clock: Clock) -> Reporter:
    return Reporter(
        api,
        server,
        parts.store,
        site_id=SERVER,
        every_s=60.0,
        groups=("vip",),
        is_hidden=Teller(parts.settings, parts.catalogue).is_hidden,
        now=clock,
    )


async def seen(parts: Parts, name: str, uuid: str | None, server: ServerId = SURVIVAL) -> None:
    async with parts.store.transaction() as tx:
        await see_player(tx, server, name, uuid=uuid, at=START, position=1)


async def look(server: GameServer) -> ServerStatus | None:
    assert server.status is not None
    return await server.status.check()


async def test_the_first_report_waits_for_the_first_look_at_the_server(
    reporter: Reporter, server: GameServer, sim_nameless: SimNameless
) -> None:
    first = asyncio.create_task(reporter.once())
    await asyncio.sleep(0)
    assert not first.done()
    await look(server)
    await first
    assert sim_nameless.servers[SERVER].reports == 1


async def test_who_plays_is_told_with_their_uuid_unless_hidden_or_unknown(
    reporter: Reporter, parts: Parts, server: GameServer, game: SimGame, sim_nameless: SimNameless
) -> None:
    for name in ("Steve", "Shade", "Stranger", "Alex"):
        game.join(name)
    await seen(parts, "Steve", STEVE)
    await seen(parts, "Shade", "00000000-0000-4000-8000-000000000001")
    await seen(parts, "Stranger", None)
    await seen(parts, "Alex", "00000000-0000-4000-8000-000000000002", server=ServerId("lobby"))
    await look(server)
    await reporter.once()
    told = sim_nameless.servers[SERVER]
    assert told.players == {
        STEVE.replace("-", ""): {"name": "Steve"},
        "00000000000040008000000000000002": {"name": "Alex"},
    }
    assert (told.most_players, told.motd, told.interval_s, told.groups) == (8, "Hello", 60, ("vip",))


async def test_a_server_that_goes_down_is_told_empty_once(
    reporter: Reporter, server: GameServer, game: SimGame, sim_nameless: SimNameless, clock: Clock
) -> None:
    status = await look(server)
    assert status is not None
    clock.at = status.at
    await game.crash()
    await look(server)
    clock.forward(seconds=1)
    await reporter.once()  # one missed ping does not make it down
    told = sim_nameless.servers[SERVER]
    assert (told.reports, told.motd) == (1, "Hello")
    clock.forward(hours=1)
    for _ in range(3):
        await reporter.once()
    assert (told.reports, told.players, told.most_players) == (2, {}, 8)
    await game.start()
    await look(server)
    await reporter.once()
    assert told.reports == 3


async def test_a_server_that_was_never_up_is_told_empty_once(
    reporter: Reporter, server: GameServer, game: SimGame, sim_nameless: SimNameless
) -> None:
    """The site may still show who was there when the bridge was stopped."""
    await game.stop()
    await look(server)
    await reporter.once()
    await reporter.once()
    told = sim_nameless.servers[SERVER]
    assert (told.reports, told.players, told.most_players, told.motd) == (1, {}, 0, "")


async def test_a_refused_empty_report_is_tried_again(
    reporter: Reporter, server: GameServer, game: SimGame, sim_nameless: SimNameless
) -> None:
    await game.stop()
    await look(server)
    sim_nameless.faults.add(FaultKind.ERROR)
    with pytest.raises(NamelessError):
        await reporter.once()
    await reporter.once()
    assert sim_nameless.servers[SERVER].reports == 1
