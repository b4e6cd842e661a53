"""The pretend server's log: layouts, rotation and damage."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bridge.simulator.game import SimGame

NOON = datetime(2024, 9, 5, 12, 34, 56, 789_000, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


Make = Callable[..., SimGame]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    games: list[SimGame] = []

    def build(**options: object) -> SimGame:
        games.append(SimGame(tmp_path, **options))  # type: ignore[arg-type]  # the tests pass what SimGame takes
        return games[-1]

    yield build
    for game in games:
        await game.stop()


def messages(game: SimGame) -> list[str]:
    return [line.partition("]: ")[2] for line in game.log.latest.read_text().splitlines()]


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("vanilla", "[12:34:56] [Server thread/INFO]: [Not Secure] <Mira> hi"),
        ("26.3", "[12:34:56] [Server thread/INFO]: [Not Secure] <Mira> hi"),
        ("paper", "[12:34:56] [Async Chat Thread - #0/INFO]: [Not Secure] <Mira> hi"),
        (
            "neoforge",
            (
                "[05Sep2024 12:34:56.789] [Server thread/INFO] [net.minecraft.server.MinecraftServer/]: "
                "[Not Secure] <Mira> hi"
            ),
        ),
        (
            "forge-1.12",
            "[12:34:56] [Server thread/INFO] [net.minecraft.server.MinecraftServer]: <Mira> hi",
        ),
    ],
)
async def test_chat_is_laid_out_as_the_dialect_does(make: Make, dialect: str, line: str) -> None:
    game = make(dialect=dialect, clock=Clock())
    await game.start()
    game.chat("Mira", "hi")
    assert game.log.latest.read_text().splitlines()[-1] == line


async def test_vanilla_tells_a_join_and_a_leave_in_two_lines_each(make: Make) -> None:
    game = make()
    await game.start()
    player = game.join("Mira")
    game.leave("Mira")
    told = messages(game)[-5:]
    assert told.pop(1).startswith(f"Mira[/{player.address}] logged in with entity id {player.entity_id} at (")
    assert told == [
        f"UUID of player Mira is {player.uuid}",
        "Mira joined the game",
        "Mira lost connection: Disconnected",
        "Mira left the game",
    ]


async def test_paper_tells_joined_before_logged_in_and_logs_commands(make: Make) -> None:
    game = make(dialect="paper")
    await game.start()
    game.join("Mira")
    game.issue("Mira", "/msg Lou secret")
    told = messages(game)
    assert told[-3] == "Mira joined the game"
    assert "logged in with entity id" in told[-2]
    assert "([world]" in told[-2]
    assert told[-1] == "Mira issued server command: /msg Lou secret"


async def test_26_3_marks_system_lines_and_not_chat(make: Make) -> None:
    game = make(dialect="26.3")
    await game.start()
    game.join("Mira")
    game.die("Mira", "drowned")
    game.advance("Mira", "Stone Age")
    game.chat("Mira", "hi")
    game.emote("Mira", "waves")
    game.say("Server", "hello")
    assert messages(game)[-6:] == [
        "System chat: Mira joined the game",
        "System chat: Mira drowned",
        "System chat: Mira has made the advancement [Stone Age]",
        "[Not Secure] <Mira> hi",
        "[Not Secure] * Mira waves",
        "[Not Secure] [Server] hello",
    ]


async def test_a_start_rotates_what_an_earlier_run_left(make: Make) -> None:
    game = make()
    await game.start()
    game.chat("Mira", "first run")
    await game.restart()
    await game.log.packed()
    (archive,) = game.log.folder.glob("*-1.log.gz")
    old = gzip.decompress(archive.read_bytes()).decode()
    assert "first run" in old
    assert "Stopping server" in old
    assert "first run" not in game.log.latest.read_text()


async def test_a_crash_leaves_no_stop_lines_and_frees_the_ports(make: Make) -> None:
    game = make()
    await game.start()
    ports = game.rcon.port, game.status.port
    game.join("Mira")
    await game.crash()
    assert messages(game)[-1] == "Mira joined the game"
    await game.start()
    assert (game.rcon.port, game.status.port) == ports
    assert not game.online


async def test_the_first_line_after_midnight_begins_a_new_file(make: Make) -> None:
    clock = Clock()
    game = make(clock=clock)
    await game.start()
    game.chat("Mira", "before")
    clock.now = NOON + timedelta(hours=12)
    game.chat("Mira", "after")
    await game.log.packed()
    archive = game.log.folder / "2024-09-05-1.log.gz"
    assert "before" in gzip.decompress(archive.read_bytes()).decode()
    assert messages(game) == ["[Not Secure] <Mira> after"]


async def test_numbers_count_up_per_day_and_the_eighth_pushes_out_the_first(make: Make) -> None:
    game = make()
    await game.start()
    for number in range(8):
        game.chat("Mira", f"file {number}")
        game.rotate(date(2024, 9, 5))
        await game.log.packed()
    names = sorted(path.name for path in game.log.folder.glob("2024*"))
    assert names == [f"2024-09-05-{number}.log.gz" for number in range(1, 8)]
    first = gzip.decompress((game.log.folder / names[0]).read_bytes()).decode()
    assert "file 1" in first


async def test_damage_is_written_as_told(make: Make) -> None:
    game = make()
    await game.start()
    game.log.truncate()
    game.log.raw(b"half a ")
    game.log.raw(b"line\xff\n")
    game.log.newline = "\r\n"
    game.log_line("Server thread", "WARN", "windows")
    assert game.log.latest.read_bytes().startswith(b"half a line\xff\n[")
    assert game.log.latest.read_bytes().endswith(b"/WARN]: windows\r\n")
    game.log.delete()
    assert not game.log.latest.exists()
    game.log.raw(b"x" * 1_000_000)
    assert game.log.latest.stat().st_size == 1_000_000


async def test_an_old_bukkit_has_a_dot_and_no_second_join_line(make: Make) -> None:
    game = make(dialect="spigot", version="1.8.8")
    await game.start()
    game.join("Mira")
    game.leave("Mira")
    told = messages(game)
    assert not any("joined the game" in line for line in told)
    assert told[-1] == "Mira left the game."
    assert told[-2].startswith("Mira lost connection: TextComponent{text='Disconnected'")


def test_an_unknown_dialect_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'bedrock' is not a dialect; there are vanilla"):
        SimGame(tmp_path, dialect="bedrock")
