"""A pretend server's own files, read into the tables of what the game counts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.events import PlayerJoined, PlayerLeft, ServerId
from bridge.features.vanilla.leaves import watch_leaves
from bridge.features.vanilla.scanner import Scanner
from bridge.journal import Draft, RecordId, SourceName, SqliteJournal
from bridge.simulator.game import SimGame
from bridge.statistics.vanilla import PLAY_TIME
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.store.statistics.vanilla import advancements_of, figures_of, gained, top_players, uuid_named

SURVIVAL = ServerId("survival")
ZONE = ZoneInfo("UTC")
DEATHS = "minecraft:custom/minecraft:deaths"


@pytest.fixture
async def store(tmp_path: Path, migrate: Migrate) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "data", migrate=migrate) as opened:
        yield opened


@pytest.fixture
def game(tmp_path: Path) -> SimGame:
    """A server that is not running: its files are there all the same."""
    return SimGame(tmp_path / "game", version="26.2", clock=lambda: datetime.now(UTC))


def scanner_of(game: SimGame, store: Store) -> Scanner:
    return Scanner(SURVIVAL, game.folder, store, ZONE, now=lambda: datetime.now(UTC))


async def test_what_a_player_did_is_known_after_the_leave(game: SimGame, store: Store) -> None:
    game.log.open()
    game.write_properties()
    player = game.join("Mira")
    game.die("Mira", "fell from a high place")
    game.advance("Mira", "Stone Age")
    game.files.count(player.uuid, "mined", "stone", 12)
    game.leave("Mira")
    scanner = scanner_of(game, store)
    await scanner.look()
    assert (scanner.problem, scanner.read) == ("", 2)
    async with store.reading() as conn:
        (known,) = await figures_of(conn, player.uuid)
        (made,) = await advancements_of(conn, player.uuid)
        assert await uuid_named(conn, "Mira") == player.uuid
    assert known.figures[DEATHS] == 1
    assert known.figures["minecraft:mined/minecraft:stone"] == 12
    assert (made.key, made.server) == ("minecraft:story/stone_age", SURVIVAL)
    game.log.close()


@pytest.mark.parametrize("version", ["1.12.2", "1.16.5", "1.21.11", "26.1"])
async def test_every_layout_is_found(tmp_path: Path, store: Store, version: str) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    hours = iter(range(20))
    game = SimGame(tmp_path / "game", version=version, clock=lambda: now.replace(hour=next(hours)))
    game.log.open()
    player = game.join("Mira")
    game.leave("Mira")
    await scanner_of(game, store).look()
    async with store.reading() as conn:
        (known,) = await figures_of(conn, player.uuid)
    assert known.figures[PLAY_TIME] % (3600 * 20) == 0
    assert known.figures[PLAY_TIME] > 0
    game.log.close()


async def test_only_what_has_changed_is_read_again(game: SimGame, store: Store) -> None:
    game.log.open()
    for name in ("Mira", "Theo"):
        game.join(name)
        game.leave(name)
    scanner = scanner_of(game, store)
    await scanner.look()
    await scanner.look()
    assert scanner.read == 4
    theo = game.join("Theo")
    game.die("Theo", "drowned")
    game.leave("Theo")
    later = datetime.now(UTC).timestamp() + 1  # whatever the file system rounds to
    os.utime(game.files.statistics / f"{theo.uuid}.json", (later, later))
    await scanner.look()
    assert scanner.read in (5, 6)
    again = scanner_of(game, store)  # as after a restart of the bridge
    await again.look()
    assert again.read == 0
    async with store.reading() as conn:
        assert [(each.name, each.value) for each in await top_players(conn, DEATHS, most=5)] == [("Theo", 1)]
    game.log.close()


async def test_half_a_file_is_told_and_read_when_it_is_whole(game: SimGame, store: Store) -> None:
    game.log.open()
    player = game.join("Mira")
    game.leave("Mira")
    path = game.files.statistics / f"{player.uuid}.json"
    whole = path.read_text()
    path.write_text(whole[:20])
    scanner = scanner_of(game, store)
    await scanner.look()
    assert f"{player.uuid}.json" in scanner.problem
    await scanner.look()
    assert f"{player.uuid}.json" in scanner.problem  # it is not read again, and not forgotten
    path.write_text(whole)
    await scanner.look()
    assert scanner.problem == ""
    async with store.reading() as conn:
        assert len(await figures_of(conn, player.uuid)) == 1
    game.log.close()


async def test_a_file_from_the_future_stands_for_today(game: SimGame, store: Store) -> None:
    game.log.open()
    player = game.join("Mira")
    game.leave("Mira")
    os.utime(game.files.statistics / f"{player.uuid}.json", (32_503_680_000, 32_503_680_000))
    scanner = scanner_of(game, store)
    await scanner.look()
    today = datetime.now(UTC).date().toordinal() - datetime(1970, 1, 1, tzinfo=UTC).date().toordinal()
    async with store.reading() as conn:
        assert scanner.problem == ""
        assert await gained(conn, SURVIVAL, first_day=today + 1, last_day=10**6) == {}
    game.log.close()


async def test_a_folder_without_a_world_is_no_trouble(tmp_path: Path, store: Store) -> None:
    scanner = Scanner(SURVIVAL, tmp_path / "nowhere", store, ZONE, now=lambda: datetime.now(UTC))
    await scanner.look()
    assert (scanner.problem, scanner.read) == ("", 0)


async def test_a_leave_asks_for_a_look_at_its_server(store: Store) -> None:
    asked: list[ServerId] = []
    told = asyncio.Event()

    def left(server: ServerId) -> None:
        asked.append(server)
        told.set()

    async def no_pause(_wait_s: float) -> None:
        await asyncio.sleep(0)

    async with SqliteJournal(store) as journal:
        watching = asyncio.create_task(watch_leaves(journal, left, pause=no_pause))
        await asyncio.sleep(0)
        at = datetime.now(UTC)
        number = 0
        while not told.is_set():
            number += 1
            for event in (
                PlayerJoined(at=at, server=SURVIVAL, player="Mira"),
                PlayerLeft(at=at, server=SURVIVAL, player="Mira"),
            ):
                id_ = RecordId(f"{event.kind}:{number}")
                await journal.append(Draft(id=id_, source=SourceName("log:survival"), place="", event=event))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert set(asked) == {SURVIVAL}
