"""Measures the journal on disk: ``python tests/benchmarks/journal.py [--lines N] [--folder PATH]``.

Prints one figure a line; the last line is one JSON object with all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from zoneinfo import ZoneInfo

import loglines
from sqlalchemy import text

from bridge.config.settings import LogSettings
from bridge.events import CHAT_LINES, PlayerAdvanced, PlayerDied, PlayerJoined, PlayerLeft, ServerId
from bridge.journal import Draft, ReaderName, RecordId, SourceName, SqliteJournal, Start
from bridge.minecraft.log.drafts import Drafter
from bridge.minecraft.log.follow import Lines
from bridge.minecraft.log.lines import LineCutter
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.source import LogSource
from bridge.store import Store

CHUNK_BYTES = 256 * 1024
KINDS = (*CHAT_LINES, PlayerJoined, PlayerLeft, PlayerDied, PlayerAdvanced)

Figures = dict[str, float]


def pieces(count: int) -> Iterator[Lines]:
    """The lines as the follower hands them out."""
    cutter = LineCutter()
    waiting: list[str] = []
    size = 0
    for line in islice(cycle(loglines.day()), count):
        waiting.append(line)
        size += len(line) + 1
        if size >= CHUNK_BYTES:
            yield from _cut(cutter, waiting)
            waiting, size = [], 0
    yield from _cut(cutter, waiting)


def _cut(cutter: LineCutter, lines: list[str]) -> Iterator[Lines]:
    data = "".join(f"{line}\n" for line in lines).encode()
    return (Lines(piece, date(2026, 7, 1)) for piece in cutter.feed(data))


def resident_mb() -> float:
    """What this process holds in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def new_drafter(source: str) -> Drafter:
    """What a log source uses to turn lines into drafts; the same lines of another source are other facts."""
    parser = LogParser(ServerId("survival"))
    return Drafter(SourceName(source), parser, zone=ZoneInfo("UTC"), encoding="cp1252", late_after_s=1e9)


async def measure_append(journal: SqliteJournal, lines: int) -> Figures:
    """Events a second when nothing but the journal works."""
    drafter = new_drafter("log:append")
    now = datetime.now(UTC)
    chunks = [drafter.drafts(each, b"head" * 1024, now=now) for each in pieces(lines)]
    events = sum(map(len, chunks))
    cpu_s, begun = time.process_time(), time.perf_counter()
    for chunk in chunks:
        await journal.append(*chunk)
    took_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu_s
    return {"append_events_per_s": events / took_s, "append_cpu_us_per_event": cpu_s / events * 1e6}


async def measure_log(journal: SqliteJournal, folder: Path, lines: int) -> Figures:
    """Lines a second from a log file into the journal, as the bridge reads it after a long absence."""
    path = folder / "latest.log"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(0, lines, loglines.DAY_LINES):
            file.writelines(f"{line}\n" for line in loglines.day())
    settings = LogSettings.model_validate({"path": str(path)})
    source = LogSource(
        ServerId("file"), settings, journal, zone=ZoneInfo("UTC"), late_after_s=1e9, start=Start.BEGINNING
    )
    before = await journal.head()
    cpu_begun, begun = time.process_time(), time.perf_counter()
    reading = asyncio.create_task(source.run())
    memory = [resident_mb()]
    while not source.caught_up.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(source.caught_up.wait(), 0.5)
        memory.append(resident_mb())
    took_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu_begun
    seen = source.parser.counts.lines
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return {
        "lines_per_s": seen / took_s,
        "lines_per_cpu_s": seen / cpu_s,
        "events_per_line": (await journal.head() - before) / seen,
        "resident_mb_at_a_quarter": memory[len(memory) // 4],
        "resident_mb_at_the_end": memory[-1],
        "resident_mb_most": max(memory),
    }


async def measure_reading(journal: SqliteJournal, store: Store) -> Figures:
    """Records a second for a reader of seven kinds that stores its position after every batch."""
    reader = await journal.reader(ReaderName("bench"), KINDS, start=Start.BEGINNING)
    batches = reader.batches()
    async with store.reading() as conn:
        there = (await conn.execute(text("SELECT count(*) FROM records"))).scalar_one()
    records, begun = 0, time.perf_counter()
    async with asyncio.timeout(60):
        while records < min(there, 50_000):
            batch = await anext(batches)
            records += len(batch.records)
            async with store.transaction() as tx:
                await reader.advance(tx, batch.through)
    return {"read_records_per_s": records / (time.perf_counter() - begun)}


async def measure_latency(journal: SqliteJournal, store: Store) -> Figures:
    """Single facts: until they are on disk, and until a waiting reader has them."""
    reader = await journal.reader(ReaderName("waiting"), (PlayerJoined,), start=Start.END)
    batches = reader.batches()
    appended_ms, read_ms, stored_ms = [], [], []
    for number in range(300):
        event = PlayerJoined(at=datetime.now(UTC), server=ServerId("survival"), player="Steve")
        draft = Draft(id=RecordId(f"one:{number}"), source=SourceName("one"), place="", event=event)
        woken = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0)
        begun = time.perf_counter()
        await journal.append(draft)
        appended_ms.append((time.perf_counter() - begun) * 1e3)
        batch = await woken
        read_ms.append((time.perf_counter() - begun) * 1e3)
        begun = time.perf_counter()
        async with store.transaction() as tx:
            await reader.advance(tx, batch.through)
        stored_ms.append((time.perf_counter() - begun) * 1e3)
    figures: Figures = {}
    for name, values in (("append", appended_ms), ("wake", read_ms), ("advance", stored_ms)):
        cuts = statistics.quantiles(values, n=100)
        figures |= {f"{name}_ms_median": cuts[49], f"{name}_ms_p99": cuts[98]}
    return figures


async def measure(folder: Path, lines: int) -> Figures:
    """All figures, on a database in *folder*."""
    async with await Store.open(folder) as store, SqliteJournal(store) as journal:
        figures: Figures = {"resident_mb_idle": resident_mb()}
        for found in (
            await measure_append(journal, min(lines, 150_000)),
            await measure_log(journal, folder, lines),
            await measure_reading(journal, store),
            await measure_latency(journal, store),
        ):
            for name, value in found.items():
                print(f"{name:28} {value:14,.2f}")
            figures |= found
        figures["bytes_per_event"] = store.path.stat().st_size / max(await journal.head(), 1)
    return figures


def main() -> None:
    """Read the arguments and print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=300_000, help="log lines to parse and to journal")
    options.add_argument(
        "--folder", type=Path, help="where to put the database; a temporary folder if not given"
    )
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        figures = asyncio.run(measure(Path(folder), chosen.lines))
    figures["lines"] = chosen.lines
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
