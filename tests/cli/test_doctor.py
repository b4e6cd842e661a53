"""The doctor against pretend servers: what works, and in words what does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.cli.out import ExitCode
from bridge.simulator.discord import Channel, Permission, SimDiscord
from bridge.simulator.game import SimGame
from bridge.simulator.game.management import SECRET
from bridge.simulator.nameless import SimNameless
from tests.warm import WarmPython

Config = dict[str, Any]
Doctor = Callable[[Config], Awaitable[tuple[int, str]]]


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path / "server")
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
async def discord() -> AsyncIterator[SimDiscord]:
    async with SimDiscord() as discord:
        yield discord


@pytest.fixture
def channel(discord: SimDiscord) -> Channel:
    return discord.add_channel("minecraft")


@pytest.fixture
def config(game: SimGame, discord: SimDiscord, channel: Channel) -> Config:
    return {
        "servers": {
            "survival": {
                "log": {"path": str(game.log.latest)},
                "rcon": {"port": game.rcon.port, "password": game.rcon.password},
                "status": {"port": game.status.port},
            }
        },
        "discord": {
            "token": discord.token,
            "guild": str(discord.guild_id),
            "channels": {"main": str(channel.id)},
            "api-url": discord.api_url,
            "gateway-url": discord.gateway_url,
        },
    }


@pytest.fixture
def doctor(warm: WarmPython, tmp_path: Path) -> Doctor:
    """Return a function that asks the doctor about settings and returns the exit code and what was said."""

    async def asked(config: Config) -> tuple[int, str]:
        path = tmp_path / "bridge.yml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        path.chmod(0o600)
        environment = {"LC_ALL": "C", "TZ": "UTC"}
        done = await asyncio.to_thread(warm.run, "-m", "bridge", "doctor", str(path), environment=environment)
        return done.returncode, done.stdout

    return asked


async def test_all_is_well(config: Config, doctor: Doctor) -> None:
    code, said = await doctor(config)
    assert code == ExitCode.OK, said
    assert "✗" not in said
    for expected in ("GiB free", "can be read", "RCON answers", "status port", "Discord knows the bot"):
        assert expected in said


async def test_every_way_that_fails_is_told_with_its_fix(
    config: Config, doctor: Doctor, game: SimGame, discord: SimDiscord, channel: Channel
) -> None:
    server = config["servers"]["survival"]
    server["log"]["path"] = str(game.folder / "nowhere" / "latest.log")
    server["rcon"]["password"] = "not the password"
    await game.status.refuse()
    discord.deny(channel, Permission.SEND_MESSAGES)
    code, said = await doctor(config)
    assert code == ExitCode.FAILED
    assert "The folder" in said
    assert "does not exist" in said
    assert "refuses the password" in said
    assert "server.properties" in said
    assert "enable-status=true" in said
    assert "Send Messages" in said
    assert "not the password" not in said


async def test_the_management_protocol_is_tried(config: Config, doctor: Doctor, tmp_path: Path) -> None:
    managed = SimGame(tmp_path / "managed", management_secret=SECRET)
    await managed.start()
    own = {"port": managed.management.port, "secret": SECRET}
    config["servers"] = {"survival": {"management": own}}
    managed.join("Mira")
    _, said = await doctor(config)
    assert (
        f"The Management Protocol (version 2.0.0) answers on port {managed.management.port}; 1 playing"
        in said
    )
    own["secret"] = "not the secret".replace(" ", "-")
    code, said = await doctor(config)
    assert code == ExitCode.FAILED
    assert "copy management-server-secret" in said
    assert "not-the-secret" not in said
    managed.management.faults.hang = True
    own |= {"secret": SECRET, "timeout": "200ms"}
    code, said = await doctor(config)
    assert code == ExitCode.FAILED
    assert "no answer" in said
    await managed.stop()


async def test_a_console_is_tried(config: Config, doctor: Doctor, tmp_path: Path) -> None:
    contained = SimGame(tmp_path / "contained", console_password="correct-horse")
    await contained.start()
    own = {"url": contained.console.url, "password": "correct-horse"}
    config["servers"] = {"survival": {"console": own}}
    _, said = await doctor(config)
    assert f"The console answers on port {contained.console.port}" in said
    own["password"] = "wrong-horse"
    code, said = await doctor(config)
    assert code == ExitCode.FAILED
    assert "does not accept the password" in said
    assert "wrong-horse" not in said
    await contained.stop()


async def test_a_log_in_another_time_zone_is_told(config: Config, doctor: Doctor) -> None:
    config["servers"]["survival"]["log"]["time-zone"] = "Asia/Tokyo"
    _, said = await doctor(config)
    assert "9 hours off" in said


async def test_a_dead_token_is_told(config: Config, doctor: Doctor, discord: SimDiscord) -> None:
    discord.revoke_token()
    code, said = await doctor(config)
    assert code == ExitCode.FAILED
    assert "does not accept the bot token" in said
    assert discord.token not in said


async def test_a_nameless_site_is_asked(config: Config, doctor: Doctor) -> None:
    async with SimNameless() as site:
        config["nameless"] = {"url": site.url, "api-key": site.key, "allow-private": True}
        code, said = await doctor(config)
        assert code == ExitCode.OK, said
        assert f"NamelessMC site answers; its version is {site.version}" in said
        config["nameless"]["api-key"] = "not-the-key"
        code, said = await doctor(config)
    assert code == ExitCode.FAILED
    assert "does not accept the API key. Copy the key from StaffCP" in said
    assert "not-the-key" not in said
