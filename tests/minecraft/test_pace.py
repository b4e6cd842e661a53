"""What a console says of the server's pace, and asking it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import RconSettings
from bridge.events import ServerId
from bridge.minecraft.pace import UNTOLD, Pace, Tempo, read_mspt, read_tick_query, read_tps
from bridge.minecraft.rcon import RconLink
from bridge.simulator.game import SimGame

Until = Callable[[Callable[[], bool]], Awaitable[None]]
SERVER = ServerId("survival")
QUERY = (
    "The game is running normallyTarget tick rate: {rate} per second.\n"
    "Average time per tick: {mspt}ms (Target: 50.0ms)Percentiles: P50: 1.0ms P95: 2.0ms P99: 3.0ms. Sample: 9"
)


@pytest.mark.parametrize(
    ("reply", "tps"),
    [
        ("§6TPS from last 1m, 5m, 15m: §a19.5, §a20.0, §a20.0\n", 19.5),
        ("§6TPS from last 5s, 1m, 5m, 15m: §c7.31, §a20.0, §a20.0, §a20.0", 7.31),
        ("§6TPS from last 1m, 5m, 15m: §a*20.0, §a*20.0, §a*20.0\n", 20.0),
        ("TPS from last 1m, 5m, 15m: 20.07, 20.0, 20.0", 20.0),
        ("TPS from last 1m, 5m, 15m: 19,98, 20,0, 20,0", 19.98),
        ("§x§f§f§0§0§0§0TPS from last 1m, 5m, 15m: §x§0§0§f§f§0§018.0, 1, 1", 18.0),
        ("Unknown command. Try /help for a list of commands", None),
        ("", None),
    ],
)
def test_tps_in_every_wording(reply: str, tps: float | None) -> None:
    assert read_tps(reply) == tps


def test_mspt_is_the_average_over_a_minute() -> None:
    reply = (
        "§6Server tick times §e(§7avg§e/§7min§e/§7max§e)§6 from last 5s§7,§6 10s§7,§6 1m§e:\n"
        "§6◴ §a8.2§7/§a5.1§7/§a21.7§e, §a8.4§7/§a5.0§7/§a23.9§e, §a9.6§7/§a4.8§7/§e61.3"
    )
    assert read_mspt(reply) == 9.6
    assert read_mspt("Unknown command 1/2/3") is None


@pytest.mark.parametrize(
    ("rate", "mspt", "tempo"),
    [
        ("20.0", "12.5", Tempo(tps=20.0, mspt=12.5)),
        ("20.0", "80.0", Tempo(tps=12.5, mspt=80.0)),
        ("100.0", "5.0", Tempo(tps=100.0, mspt=5.0)),
        ("20.0", "0.0", Tempo(tps=20.0, mspt=0.0)),
        ("0", "5.0", UNTOLD),
    ],
)
def test_ticks_a_second_follow_from_how_long_one_takes(rate: str, mspt: str, tempo: Tempo) -> None:
    assert read_tick_query(QUERY.format(rate=rate, mspt=mspt)) == tempo


@given(
    st.text(
        alphabet=st.sampled_from("TPS from last:1m,5.0/§a* Server tick times Average per tick: ms\n9٣"),
        max_size=200,
    )
)
def test_any_answer_is_read_or_passed_over(reply: str) -> None:
    for value in (read_tps(reply), read_mspt(reply), read_tick_query(reply).tps):
        assert value is None or 0 <= value < 1_000_000


@asynccontextmanager
async def console(folder: Path, **values: object) -> AsyncIterator[tuple[SimGame, RconLink]]:
    game = SimGame(folder, **values)  # type: ignore[arg-type]
    await game.start()
    settings = RconSettings.model_validate(
        {"port": game.rcon.port, "password": game.rcon.password, "timeout": 0.2}
    )
    link = RconLink(SERVER, settings)
    running = asyncio.create_task(link.run())
    try:
        await asyncio.wait_for(link.up.wait(), 5)
        yield game, link
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await game.stop()


def asked(game: SimGame) -> list[str]:
    return [each.text for each in game.commands]


async def test_paper_tells_both(tmp_path: Path) -> None:
    async with console(tmp_path, dialect="paper", version="1.21.8") as (game, link):
        pace = Pace(SERVER, link)
        assert await pace.ask() == Tempo(tps=20.0, mspt=9.6)
        assert await pace.ask() == Tempo(tps=20.0, mspt=9.6)
        assert asked(game) == ["tps", "mspt", "tps", "mspt"]
        assert pace.answers is True


async def test_the_game_itself_is_asked_for_its_ticks_once_its_way_is_known(tmp_path: Path) -> None:
    async with console(tmp_path, version="1.21.8") as (game, link):
        pace = Pace(SERVER, link)
        assert await pace.ask() == Tempo(tps=20.0, mspt=12.4)
        await pace.ask()
        assert asked(game) == ["tps", "tick query", "tick query"]


async def test_an_old_server_is_asked_for_what_it_can_answer(tmp_path: Path) -> None:
    async with console(tmp_path, version="1.12.2") as (game, link):
        pace = Pace(SERVER, link)
        assert await pace.ask() == UNTOLD
        assert await pace.ask() == UNTOLD
        assert asked(game) == ["tps", "tick query", "list", "list"]
        assert pace.answers is True


async def test_a_console_that_does_not_answer_is_counted(tmp_path: Path) -> None:
    async with console(tmp_path, version="1.21.8") as (game, link):
        pace = Pace(SERVER, link)
        game.rcon.faults.hang_commands = 2
        for times in (1, 2):
            await asyncio.wait_for(link.up.wait(), 5)
            assert await pace.ask() == UNTOLD
            assert (pace.unanswered, pace.answers) == (times, False)
        await asyncio.wait_for(link.up.wait(), 5)
        assert (await pace.ask()).tps == 20.0
        assert (pace.unanswered, pace.answers) == (0, True)


async def test_without_a_console_nothing_is_known_and_nothing_sent(tmp_path: Path, until: Until) -> None:
    async with console(tmp_path, version="1.21.8") as (game, link):
        pace = Pace(SERVER, link)
        await game.rcon.close()
        await until(lambda: not link.up.is_set())
        assert await pace.ask() == UNTOLD
        assert pace.answers is None
        assert asked(game) == []


async def test_it_asks_as_often_as_it_is_let(tmp_path: Path) -> None:
    async with console(tmp_path, version="1.21.8") as (game, link):
        pauses: list[float] = []
        thrice = asyncio.Event()

        async def sleep(wait_s: float) -> None:
            pauses.append(wait_s)
            if len(pauses) == 4:
                thrice.set()
                await asyncio.Event().wait()

        pace = Pace(SERVER, link, sleep=sleep)
        running = asyncio.create_task(pace.run())
        await asyncio.wait_for(thrice.wait(), 5)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        assert pauses == [20.0] + [60.0] * 3
        assert pace.latest == Tempo(tps=20.0, mspt=12.4)
        assert asked(game).count("tick query") == 3
