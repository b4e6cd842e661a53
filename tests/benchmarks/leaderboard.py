"""Measures players' figures: ``python tests/benchmarks/leaderboard.py [--folder PATH] [--sessions N] …``.

Reads leaderboards and players' figures from years of statistics, made by ``years.py`` first unless the folder
has them. Prints one figure a line; the last line is one JSON object with all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from support import Figures, tell
from years import NOW, Years, make, size_of, sizes

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.player_figures import find_player, player_figures
from bridge.features.playtime.boards import read_board
from bridge.journal import SqliteJournal
from bridge.locales import Catalogue
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.store import Store, migrate_here
from bridge.store.engine import FILE_NAME

ROUNDS: Final = 40
PLACES: Final = 100  # as many as the page shows


async def timed(work: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> list[float]:
    """Return how long each of some runs took, in milliseconds."""
    took: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await work()
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)


def p95(took: list[float]) -> float:
    """Return the 95th percentile."""
    return round(sorted(took)[int(len(took) * 0.95)], 2)


async def measure_boards(parts: Parts, figures: Figures) -> None:
    """Read every leaderboard, of one server and of all."""
    every: list[float] = []
    for by in By:
        for period in PeriodName:
            took: list[float] = []
            for server in (None, ServerId("server1")):

                async def read(
                    by: By = by, period: PeriodName = period, server: ServerId | None = server
                ) -> None:
                    await read_board(parts, parts.settings, by, period, server, most=PLACES)

                took += await timed(read)
            figures[f"{by}_{period}_p95_ms"] = p95(took)
            every += took
    figures["leaderboards_median_ms"] = round(statistics.median(every), 2)
    figures["leaderboards_p95_ms"] = p95(every)


async def measure_players(parts: Parts, size: Years, figures: Figures) -> None:
    """Read everything about players, some of them those with most sessions."""
    dice = random.Random(5)
    board = await read_board(parts, parts.settings, By.SECONDS, PeriodName.ALL, None, most=20)
    names = [place.name for place in board.places]
    names += [f"Player{dice.randrange(size.players) + 1}" for _ in range(60)]
    turn = iter(names)

    async def read() -> None:
        async with parts.store.reading() as conn:
            account = await find_player(conn, parts.settings, next(turn))
        if account is None:
            raise LookupError("a player of the benchmark is missing")
        await player_figures(parts, parts.settings, account)

    took = await timed(read, len(names))
    figures["player_median_ms"] = round(statistics.median(took), 2)
    figures["player_p95_ms"] = p95(took)


async def measure(folder: Path, size: Years) -> Figures:
    """Return all figures."""
    figures: Figures = {"players": size.players, "sessions": size.sessions}
    if not (folder / FILE_NAME).exists():
        begun = time.perf_counter()
        make(folder, size)
        figures["make_s"] = round(time.perf_counter() - begun, 1)
    servers = {f"server{number}": {"title": f"Server {number}"} for number in range(1, size.servers + 1)}
    settings = BridgeSettings.model_validate(
        {"servers": servers, "data": folder, "privacy": {"hidden-players": ["Player7", "Player8"]}}
    )
    async with await Store.open(folder, migrate=migrate_here) as store, SqliteJournal(store) as journal:
        parts = Parts(
            settings=settings, catalogue=Catalogue.load("en"), journal=journal, store=store, now=lambda: NOW
        )
        await measure_boards(parts, figures)
        await measure_players(parts, size, figures)
    return figures


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, help="where the store is, or is made and kept")
    sizes(options)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = asyncio.run(measure(chosen.folder or Path(scratch), size_of(chosen)))
    tell("leaderboard", figures)


if __name__ == "__main__":
    main()
