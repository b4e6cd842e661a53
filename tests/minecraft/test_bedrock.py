"""Pinging a pretend Bedrock server."""

from __future__ import annotations

import pytest

from bridge.config.settings import StatusSettings
from bridge.minecraft.status import Failure, StatusFailed, ping
from bridge.simulator.game import SimGame


def settings_for(port: int, **others: object) -> StatusSettings:
    return StatusSettings.model_validate({"kind": "bedrock", "port": port, "timeout": 2.0, **others})


@pytest.fixture
async def bedrock(game: SimGame) -> SimGame:
    await game.bedrock.listen()
    return game


def test_the_usual_port_is_that_of_the_edition() -> None:
    assert StatusSettings.model_validate({"kind": "bedrock"}).port == 19132
    assert StatusSettings.model_validate({}).port == 25565
    assert StatusSettings.model_validate({"kind": "bedrock", "port": 5}).port == 5


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_ping_tells_what_the_server_says(bedrock: SimGame, host: str) -> None:
    bedrock.join("Mira")
    bedrock.motd = "§aA pretend §lserver"
    status = await ping(settings_for(bedrock.bedrock.port, host=host))
    assert (status.online, status.maximum, status.version) == (1, 20, bedrock.version)
    assert (status.motd, status.names, status.icon) == ("A pretend server", (), None)
    assert 0 <= status.latency_ms < 2000


async def test_a_server_that_does_not_answer(bedrock: SimGame) -> None:
    bedrock.bedrock.silent = True
    with pytest.raises(StatusFailed, match=r"no answer within 0\.2 s") as caught:
        await ping(settings_for(bedrock.bedrock.port, timeout=0.2))
    assert caught.value.failure is Failure.UNREACHABLE


async def test_an_answer_that_makes_no_sense(bedrock: SimGame) -> None:
    bedrock.bedrock.garbage = True
    with pytest.raises(StatusFailed, match="makes no sense"):
        await ping(settings_for(bedrock.bedrock.port))


async def test_nothing_on_the_port(bedrock: SimGame) -> None:
    await bedrock.bedrock.close()
    with pytest.raises(StatusFailed) as caught:
        await ping(settings_for(bedrock.bedrock.port, timeout=0.2))
    assert "127.0.0.1" not in str(caught.value)
