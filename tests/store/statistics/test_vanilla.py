"""What the game has counted, kept and told again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bridge.events import ServerId
from bridge.statistics.vanilla import PLAY_TIME, DayFigures
from bridge.store import Store
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.vanilla import (
    Advancement,
    PlayTime,
    Ranked,
    advancements_of,
    figures_of,
    gained,
    play_times,
    ranked_keys,
    top_players,
    uuid_named,
)
from bridge.store.statistics.vanilla_files import (
    AdvancementsRead,
    FiguresRead,
    FileState,
    files_read,
    keep_advancements,
    keep_figures,
    name_players,
    note_reading,
)
from bridge.store.times import from_ms

SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")
MIRA: Final = "11111111-2222-3333-4444-555555555555"
THEO: Final = "22222222-2222-3333-4444-555555555555"
DEATHS: Final = "minecraft:custom/minecraft:deaths"
STONE: Final = "minecraft:mined/minecraft:stone"


async def keep(
    store: Store, server: ServerId, uuid: str, figures: Mapping[str, int], *, day: int = 100
) -> FileState:
    """Read a file of statistics on a day."""
    file = FileState(0, uuid, day * 86_400_000, 10)
    async with store.transaction() as tx:
        number = await number_of_server(tx, server)
        await keep_figures(tx, number, [FiguresRead.of(file, day, figures)])
    return file


async def test_a_players_figures_are_told_by_server(store: Store) -> None:
    await keep(store, SURVIVAL, MIRA, {PLAY_TIME: 1000, STONE: 5})
    await keep(store, CREATIVE, MIRA, {PLAY_TIME: 20}, day=101)
    async with store.reading() as conn:
        creative, survival = await figures_of(conn, MIRA)
        assert await play_times(conn, MIRA) == [
            PlayTime(server=CREATIVE, at=from_ms(101 * 86_400_000), ticks=20),
            PlayTime(server=SURVIVAL, at=from_ms(100 * 86_400_000), ticks=1000),
        ]
        assert await figures_of(conn, THEO) == []
    assert (survival.server, survival.figures) == (SURVIVAL, {PLAY_TIME: 1000, STONE: 5})
    assert creative.at == from_ms(101 * 86_400_000)


async def test_the_newest_reading_counts(store: Store) -> None:
    await keep(store, SURVIVAL, MIRA, {PLAY_TIME: 1000})
    file = await keep(store, SURVIVAL, MIRA, {PLAY_TIME: 1500}, day=102)
    async with store.reading() as conn:
        (known,) = await figures_of(conn, MIRA)
        assert await files_read(conn, 1, [MIRA, THEO]) == {file}
        (first,) = await top_players(conn, PLAY_TIME, most=3)
    assert (known.figures, first.value) == ({PLAY_TIME: 1500}, 1500)


async def test_top_lists_of_a_server_and_of_all(store: Store) -> None:
    await keep(store, SURVIVAL, MIRA, {DEATHS: 3, STONE: 10})
    await keep(store, SURVIVAL, THEO, {DEATHS: 5})
    await keep(store, CREATIVE, MIRA, {DEATHS: 4})
    async with store.transaction() as tx:
        await name_players(tx, {MIRA: "Mira", "33333333-2222-3333-4444-555555555555": "Nobody"})
    mira, theo = Ranked(uuid=MIRA, name="Mira", value=3), Ranked(uuid=THEO, name=None, value=5)
    async with store.reading() as conn:
        assert await top_players(conn, DEATHS, server=SURVIVAL, most=10) == [theo, mira]
        everywhere = await top_players(conn, DEATHS, most=1)
        assert everywhere == [Ranked(uuid=MIRA, name="Mira", value=7)]
        assert await top_players(conn, DEATHS, without=[MIRA], most=10) == [theo]
        assert await top_players(conn, "minecraft:mined", most=10) == [
            Ranked(uuid=MIRA, name="Mira", value=10)
        ]
        assert await top_players(conn, STONE, most=10) == []  # kept for the player, not compared
        assert await ranked_keys(conn) == [DEATHS, "minecraft:mined"]
        assert await ranked_keys(conn, CREATIVE) == [DEATHS]
        assert (await uuid_named(conn, "mira"), await uuid_named(conn, "Theo")) == (MIRA, None)


async def test_what_was_added_in_a_week(store: Store) -> None:
    """Days 100 to 106; 5 deaths before it, 9 at its end: 4 in the week."""
    await keep(store, SURVIVAL, MIRA, {DEATHS: 2}, day=90)
    await keep(store, SURVIVAL, MIRA, {DEATHS: 5}, day=99)
    await keep(store, SURVIVAL, MIRA, {DEATHS: 6}, day=100)
    await keep(store, SURVIVAL, MIRA, {DEATHS: 9}, day=106)
    await keep(store, SURVIVAL, MIRA, {DEATHS: 20}, day=107)
    await keep(store, SURVIVAL, THEO, {DEATHS: 7}, day=103)
    async with store.reading() as conn:
        assert await gained(conn, SURVIVAL, first_day=100, last_day=106) == {MIRA: DayFigures(deaths=4)}
        assert await gained(conn, CREATIVE, first_day=100, last_day=106) == {}
    async with store.transaction() as tx:
        await note_reading(tx, 1, 99)
        await note_reading(tx, 1, 105)
    async with store.reading() as conn:
        both = await gained(conn, SURVIVAL, first_day=100, last_day=106)
        assert both == {MIRA: DayFigures(deaths=4), THEO: DayFigures(deaths=7)}


async def test_a_world_that_begins_anew_takes_nothing_away(store: Store) -> None:
    await keep(store, SURVIVAL, MIRA, {DEATHS: 50, PLAY_TIME: 100}, day=99)
    await keep(store, SURVIVAL, MIRA, {DEATHS: 1, PLAY_TIME: 300}, day=101)
    async with store.reading() as conn:
        assert await gained(conn, SURVIVAL, first_day=100, last_day=106) == {
            MIRA: DayFigures(deaths=0, play_ticks=200)
        }


async def test_a_world_that_begins_anew_is_ranked_anew(store: Store) -> None:
    await keep(store, SURVIVAL, MIRA, {DEATHS: 50, STONE: 3})
    await keep(store, CREATIVE, MIRA, {DEATHS: 2})
    await keep(store, SURVIVAL, MIRA, {PLAY_TIME: 20}, day=101)
    async with store.reading() as conn:
        assert await ranked_keys(conn, SURVIVAL) == [PLAY_TIME]
        assert [each.value for each in await top_players(conn, DEATHS, most=5)] == [2]
        assert await ranked_keys(conn) == [DEATHS, PLAY_TIME]


async def test_a_file_that_counts_nothing(store: Store) -> None:
    await keep(store, SURVIVAL, MIRA, {DEATHS: 1})
    await keep(store, SURVIVAL, MIRA, {}, day=101)
    async with store.reading() as conn:
        (known,) = await figures_of(conn, MIRA)
        assert known.figures == {}
        assert await ranked_keys(conn) == []


async def test_advancements_with_their_times(store: Store) -> None:
    at = datetime(2026, 11, 22, 13, tzinfo=UTC)
    file = FileState(1, MIRA, 5, 5)
    async with store.transaction() as tx:
        number = await number_of_server(tx, SURVIVAL)
        await keep_advancements(tx, number, [AdvancementsRead(file, {"minecraft:a/gone": at})])
        await keep_advancements(
            tx, number, [AdvancementsRead(file, {"minecraft:a/b": at, "minecraft:a/c": None})]
        )
    async with store.reading() as conn:
        assert await advancements_of(conn, MIRA) == [
            Advancement(server=SURVIVAL, key="minecraft:a/b", at=at),
            Advancement(server=SURVIVAL, key="minecraft:a/c", at=None),
        ]
