"""What the pretend server writes beside its log, and the ports that answer datagrams."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mcstatus import BedrockServer, JavaServer

from bridge.simulator.game import SimGame

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def game_of(folder: Path, version: str) -> SimGame:
    """Return a server whose clock goes on by a minute each time it is looked at."""
    looks = iter(range(1000))
    game = SimGame(folder, version=version, clock=lambda: NOON + timedelta(minutes=next(looks)))
    game.log.open()
    return game


@pytest.mark.parametrize(
    ("version", "place", "play_time"),
    [
        ("1.16.5", "stats", "minecraft:play_one_minute"),
        ("1.21.11", "stats", "minecraft:play_time"),
        ("26.1", "players/stats", "minecraft:play_time"),
    ],
)
def test_statistics_are_written_at_a_leave(tmp_path: Path, version: str, place: str, play_time: str) -> None:
    game = game_of(tmp_path, version)
    player = game.join("Mira")
    path = tmp_path / "world" / place / f"{player.uuid}.json"
    assert not path.exists()
    game.die("Mira", "drowned")
    game.leave("Mira")
    custom = json.loads(path.read_text())["stats"]["minecraft:custom"]
    assert custom["minecraft:deaths"] == custom["minecraft:leave_game"] == 1
    assert custom[play_time] > 0
    assert custom[play_time] % 1200 == 0  # whole minutes, in ticks
    game.log.close()


def test_before_1_13_statistics_are_flat(tmp_path: Path) -> None:
    game = game_of(tmp_path, "1.12.2")
    player = game.join("Mira")
    game.files.count(player.uuid, "mined", "stone", 3)
    game.leave("Mira")
    flat = json.loads((tmp_path / "world" / "stats" / f"{player.uuid}.json").read_text())
    assert flat["stat.mineBlock.minecraft.stone"] == 3
    assert flat["stat.playOneMinute"] % 1200 == 0
    game.log.close()


def test_saving_writes_those_who_are_on(tmp_path: Path) -> None:
    game = game_of(tmp_path, "26.2")
    player = game.join("Mira")
    game.advance("Mira", "Stone Age")
    game.command("save-all")
    made = json.loads((tmp_path / "world" / "players" / "advancements" / f"{player.uuid}.json").read_text())
    assert made["minecraft:story/stone_age"]["done"] is True
    assert [entry["name"] for entry in json.loads((tmp_path / "usercache.json").read_text())] == ["Mira"]
    game.log.close()


def test_lists_are_written_when_they_change(tmp_path: Path) -> None:
    game = game_of(tmp_path, "26.2")
    for command in ("whitelist add Mira", "op Mira", "ban Odo"):
        game.command(command)
    names = {
        file: [entry["name"] for entry in json.loads((tmp_path / f"{file}.json").read_text())]
        for file in ("whitelist", "ops", "banned-players")
    }
    assert names == {"whitelist": ["Mira"], "ops": ["Mira"], "banned-players": ["Odo"]}
    game.log.close()


async def test_an_independent_client_reads_the_datagram_ports(tmp_path: Path) -> None:
    game = SimGame(tmp_path, clock=lambda: datetime.now(UTC))
    await game.start()
    await game.query.listen()
    await game.bedrock.listen()
    for name in ("Mira", "Theo"):
        game.join(name)
    async with asyncio.timeout(5):
        full = await JavaServer("127.0.0.1", 1, query_port=game.query.port).async_query(tries=1)
        bedrock = await BedrockServer("127.0.0.1", game.bedrock.port).async_status(tries=1)
    assert (full.players.online, list(full.players.list)) == (2, ["Mira", "Theo"])
    assert (bedrock.players.online, bedrock.players.max, bedrock.version.name) == (2, 20, game.version)
    await game.stop()


async def test_a_query_without_its_challenge_gets_no_answer(tmp_path: Path) -> None:
    game = SimGame(tmp_path, clock=lambda: datetime.now(UTC))
    wrong = b"\xfe\xfd\x00" + bytes(4) + bytes(4) + bytes(4)
    assert game.query.answer(wrong) is None
    assert game.query.answer(b"") is None
    assert game.bedrock.answer(b"\x01" * 40) is None
