"""Measures the minutes of servers: ``python tests/benchmarks/samples.py [--years N] [--servers N]``.

Fills a store with that many minutes, then writes more as they come and reads what pages show. Prints one
figure a line; the last line is one JSON object with all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.store import Store, migrate_here
from bridge.store.statistics.samples import (
    MINUTE_MS,
    Bucket,
    MinuteState,
    Sample,
    add_samples,
    fitting,
    latest_sample,
    series,
    uptimes,
)

ZONE = ZoneInfo("Europe/Paris")
DAY = 24 * 60
TIMES = 60

Figures = dict[str, float]


def minute(at: int, dice: random.Random) -> Sample:
    """Make up a minute."""
    if dice.random() < 0.01:
        return Sample(at, MinuteState.DOWN)
    return Sample(at, MinuteState.UP, dice.randrange(80), dice.uniform(1, 9), 20.0, dice.uniform(5, 40))


async def fill(store: Store, servers: int, first: int, last: int) -> None:
    """Write every minute of the years, a week in a transaction."""
    dice = random.Random(4)
    for week in range(first, last, 7 * DAY):
        async with store.transaction() as tx:
            for server in range(1, servers + 1):
                samples = [minute(at, dice) for at in range(week, min(week + 7 * DAY, last))]
                await add_samples(tx, server, samples, zone=ZONE)


async def timed(work: Callable[[], Awaitable[object]], times: int = TIMES) -> tuple[float, float]:
    """Return the median and the 95th percentile of some runs, in milliseconds."""
    took: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), sorted(took)[int(len(took) * 0.95)]


async def measure_nothing(store: Store) -> tuple[float, float]:
    """Open and end transactions without anything in them: what any writing costs."""

    async def write() -> None:
        async with store.transaction():
            pass

    return await timed(write, 500)


async def measure_writing(store: Store, first: int) -> tuple[float, float]:
    """Write minutes one by one, each in a transaction of its own, as they come."""
    dice, at = random.Random(5), first

    async def write() -> None:
        nonlocal at
        async with store.transaction() as tx:
            await add_samples(tx, 1, [minute(at, dice)], zone=ZONE)
        at += 1

    return await timed(write, 500)


async def measure(years: float, servers: int, folder: Path) -> Figures:
    """Return all figures."""
    figures: Figures = {}
    last = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) // 60
    first = last - int(years * 365 * DAY)
    async with await Store.open(folder, migrate=migrate_here) as store:
        begun = time.perf_counter()
        await fill(store, servers, first, last)
        figures["fill_s"] = time.perf_counter() - begun
        figures["rows"] = (last - first) * servers
        figures["empty_transaction_ms"], _ = await measure_nothing(store)
        figures["write_ms"], figures["write_p95_ms"] = await measure_writing(store, last)
        for name, days in (("day", 1), ("week", 7), ("month", 30), ("year", 365), ("all", years * 365)):
            begins_ms = (last - int(days * DAY)) * MINUTE_MS
            bucket = fitting(begins_ms, last * MINUTE_MS)

            async def read(begins_ms: int = begins_ms, bucket: Bucket = bucket) -> None:
                async with store.reading() as conn:
                    await series(conn, 1, bucket, begins_ms=begins_ms, ends_ms=last * MINUTE_MS, zone=ZONE)

            figures[f"series_{name}_ms"], figures[f"series_{name}_p95_ms"] = await timed(read)

        async def uptime() -> None:
            async with store.reading() as conn:
                for server in range(1, servers + 1):
                    await uptimes(conn, server, (1, 7, 30, 90), now_ms=last * MINUTE_MS)
                    await latest_sample(conn, server)

        figures["uptimes_of_all_ms"], figures["uptimes_of_all_p95_ms"] = await timed(uptime)
    return figures


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--years", type=float, default=3.0)
    options.add_argument("--servers", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(chosen.years, chosen.servers, Path(folder)))
    for name, value in figures.items():
        print(f"{name:24} {value:12.2f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
