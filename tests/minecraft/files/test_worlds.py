"""A server's folder: its properties, its lists, and where its world keeps what it counts."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.minecraft.files import (
    BannedAddress,
    BannedPlayer,
    CachedName,
    FileKind,
    ListedOperator,
    look_around,
    player_files,
    read_banned_addresses,
    read_banned_players,
    read_operators,
    read_properties,
    read_user_cache,
    read_whitelist,
)
from bridge.minecraft.files.worlds import world_of

MIRA = "11111111-2222-3333-4444-555555555555"
THEO = "22222222-2222-3333-4444-555555555555"


def write(path: Path, content: object = None, *, at_s: int = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({} if content is None else content))
    os.utime(path, (at_s, at_s))
    return path


def test_properties_say_what_the_bridge_asks_for(tmp_path: Path) -> None:
    (tmp_path / "server.properties").write_text(
        "#Minecraft server properties\nserver-port=25570\nlevel-name=my\\ world\nenable-rcon=true\n"
        "rcon.port=25580\nenable-query=true\nonline-mode=false\nrcon.password=secret\nmotd=a\\:b\n"
    )
    found = read_properties(tmp_path)
    assert found == ("my world", 25570, 25580, 25570, True, True, False)
    assert "secret" not in repr(found)


@pytest.mark.parametrize("name", ["../../etc", "/etc", "a/../../b", "\\u0000"])
def test_a_world_is_inside_its_server(tmp_path: Path, name: str) -> None:
    (tmp_path / "server.properties").write_text(f"level-name={name}\n")
    assert world_of(tmp_path) == tmp_path / "world"


@pytest.mark.parametrize("name", ["world", "worlds/main", "Ma planète"])
def test_a_world_can_be_called_anything(tmp_path: Path, name: str) -> None:
    (tmp_path / "server.properties").write_text(f"level-name={name}\n", encoding="utf-8")
    assert world_of(tmp_path) == tmp_path / name


def test_both_layouts_are_looked_at_and_the_newest_file_counts(tmp_path: Path) -> None:
    write(tmp_path / "stats" / f"{MIRA}.json", at_s=1_700_000_000)
    new = write(tmp_path / "players" / "stats" / f"{MIRA}.json", at_s=1_700_000_500)
    old = write(tmp_path / "stats" / f"{THEO}.json", at_s=1_700_000_100)
    made = write(tmp_path / "advancements" / f"{MIRA.upper()}.json")
    write(tmp_path / "stats" / "README.json")
    found = {(file.kind, file.uuid): file for file in player_files(tmp_path)}
    assert {key: file.path for key, file in found.items()} == {
        (FileKind.STATISTICS, MIRA): new,
        (FileKind.STATISTICS, THEO): old,
        (FileKind.ADVANCEMENTS, MIRA): made,
    }
    assert found[FileKind.STATISTICS, MIRA].modified_ms == 1_700_000_500_000
    recent = player_files(tmp_path, since_ms=1_700_000_200_000)
    assert [file.path for file in recent] == [new]


def test_a_world_that_has_counted_nothing_yet(tmp_path: Path) -> None:
    assert player_files(tmp_path) == []
    assert look_around(tmp_path).problem.endswith("server.properties: there is no such file")


def test_looking_around_tells_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "server.properties").write_text("level-name=earth\n")
    write(tmp_path / "earth" / "players" / "stats" / f"{MIRA}.json")
    write(tmp_path / "usercache.json", [{"name": "Mira", "uuid": MIRA, "expiresOn": "x"}])
    found = look_around(tmp_path)
    assert (found.world, found.layout, found.statistics, found.advancements, found.names, found.problem) == (
        tmp_path / "earth", "26.1", 1, 0, 1, "",
    )  # fmt: skip


def test_the_lists_of_a_server(tmp_path: Path) -> None:
    write(tmp_path / "usercache.json", [{"name": "Mira", "uuid": MIRA.upper()}, {"name": "Theo"}, 7])
    write(tmp_path / "whitelist.json", [{"name": "Mira", "uuid": MIRA.replace("-", "")}])
    write(tmp_path / "ops.json", [{"name": "Mira", "uuid": MIRA, "level": 3}, {"name": "T", "uuid": THEO}])
    ban = {"created": "2026-11-22 14:02:31 +0100", "source": "Ines", "expires": "forever", "reason": "a\nb"}
    write(tmp_path / "banned-players.json", [{"name": "Theo", "uuid": THEO, **ban}])
    write(tmp_path / "banned-ips.json", [{"ip": "203.0.113.5", **ban}])
    at = datetime(2026, 11, 22, 13, 2, 31, tzinfo=UTC)
    assert read_user_cache(tmp_path) == [CachedName(MIRA, "Mira")]
    assert read_whitelist(tmp_path) == [(MIRA, "Mira")]
    assert read_operators(tmp_path) == [ListedOperator(MIRA, "Mira", 3), ListedOperator(THEO, "T", 4)]
    assert read_banned_players(tmp_path) == [BannedPlayer(THEO, "Theo", at, "Ines", None, "a b")]
    assert read_banned_addresses(tmp_path) == [BannedAddress("203.0.113.5", at, "Ines", None, "a b")]
