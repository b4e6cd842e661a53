"""The website under load: ``python tests/benchmarks/website.py [--records N] [--players N] [--seconds N]``.

A journal of years is written, the bridge runs as its own process, and this process asks as many visitors do:
public pages at 200 requests a second whether they are answered or not, pages of the API one after another,
and 1,000 browsers that read a room along while 50 lines a second are said in the game. The last line is one
JSON object; the exit code says whether everything was answered and every line arrived.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiohttp
import support
import yaml

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.store import Store, migrate_here
from bridge.store.engine import FILE_NAME
from bridge.website.api.tokens import Tokens
from bridge.website.identity import Identity, IdentityKind

RATE: Final = 200.0  # requests a second
LISTENERS: Final = 1000
LINES_A_SECOND: Final = 50.0
PAGE_RECORDS: Final = 100
_KINDS: Final = (
    ("chat.said", 40),
    ("player.joined", 12),
    ("player.left", 12),
    ("player.commanded", 16),
    ("player.died", 6),
    ("player.advanced", 4),
    ("server.sampled", 10),
)
_STEP: Final = 100_000
# What readers of the whole journal have not seen yet: they have followed it for years, and what they keep of
# its end is on the pages.
_UNREAD: Final = {"archive": 500, "happenings": 5000, "metrics": 0, "statistics": 500}


def write_history(path: Path, *, records: int, players: int) -> None:
    """Fill the tables as years of a community would have."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        dice = random.Random(1)
        kinds = [kind for kind, weight in _KINDS for _ in range(weight)]
        now_ms = int(time.time() * 1000)
        first_ms = now_ms - 3 * 365 * 86_400_000
        for begin in range(1, records + 1, _STEP):
            count = min(_STEP, records + 1 - begin)
            raw.execute("BEGIN")
            raw.executemany(
                "INSERT INTO records VALUES (?, ?, ?, '', ?, ?, ?, 0, 0, ?)",
                (
                    _record(
                        position,
                        dice.choice(kinds),
                        at_ms=first_ms + (now_ms - first_ms) * position // records,
                        who=f"Player{dice.randrange(players)}",
                    )
                    for position in range(begin, begin + count)
                ),
            )
            raw.execute("COMMIT")
        raw.execute("BEGIN")
        raw.executemany(
            "INSERT INTO players (server, name, uuid, first_seen_ms, last_seen_ms, last_position)"
            " VALUES ('server0', ?, ?, ?, ?, ?)",
            (
                (f"Player{n}", f"00000000-0000-4000-8000-{n:012d}", first_ms, now_ms - n * 1000, n + 1)
                for n in range(players)
            ),
        )
        raw.executemany(
            "INSERT OR REPLACE INTO readers VALUES (?, ?)",
            [(reader, max(0, records - unread)) for reader, unread in _UNREAD.items()],
        )
        made_with = {"time-zone": "UTC", "relog-ms": "300000", "staff-players": ""}
        raw.executemany("INSERT INTO made_with VALUES (?, ?)", made_with.items())
        raw.execute("COMMIT")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _record(position: int, kind: str, *, at_ms: int, who: str) -> tuple[object, ...]:
    at = datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body: dict[str, object] = {"kind": kind, "at": at, "server": "server0", "player": who}
    match kind:
        case "chat.said":
            body = {
                "kind": kind,
                "at": at,
                "end": "server:server0",
                "speaker": {"kind": "player", "name": who},
                "text": "has anybody seen my horse? it was brown, and it answers to Caramel",
            }
        case "player.commanded":
            body["command"] = "/home"
        case "player.died":
            body["text"] = "was slain by Zombie"
        case "player.advanced":
            body |= {"title": "Stone Age", "frame": "task"}
        case "server.sampled":
            body = {"kind": kind, "at": at, "server": "server0", "online": 7, "maximum": 50}
            body |= {"version": "26.1", "latency_ms": 1.5}
    text = json.dumps(body, separators=(",", ":"))
    return position, f"log:server0:{position}", "log:server0", kind, at_ms, at_ms, text


async def prepare(folder: Path, *, records: int, players: int) -> str:
    """Write the history and return the secret of a token that may read records."""
    async with await Store.open(folder, migrate=migrate_here) as store:
        maker = Identity(
            kind=IdentityKind.OWNER, id="owner", bundle=Bundle.ADMIN, permissions=permissions_of(Bundle.ADMIN)
        )
        token = await Tokens(store).create(
            "benchmark", [Permission.RECORDS_READ, Permission.PLAYERS_READ], maker=maker
        )
        path = store.path
    await asyncio.to_thread(write_history, path, records=records, players=players)
    return token.secret


async def at_rate(
    ask: Callable[[int], Awaitable[float]], *, rate: float, seconds: float
) -> tuple[list[float], int]:
    """Ask so many times a second, waiting for no answer; return the times taken in ms and the failures."""
    begun, tasks = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(begun + number / rate - time.perf_counter(), 0))
        tasks.append(asyncio.ensure_future(ask(number)))
    done = await asyncio.gather(*tasks, return_exceptions=True)
    taken = [took for took in done if isinstance(took, float)]
    return taken, len(done) - len(taken)


def quantiles(taken: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    cuts = statistics.quantiles(taken, n=100)
    return round(cuts[49], 1), round(cuts[94], 1)


async def measure_pages(session: aiohttp.ClientSession, seconds: float, players: int) -> support.Figures:
    """Public pages: home, a server's, a room's, players' pages, a badge, a feed."""
    dice = random.Random(2)

    async def ask(number: int) -> float:
        paths = (
            "/",
            "/servers/server0",
            "/rooms/room0",
            f"/players/Player{dice.randrange(players)}",
            "/badge/server0.svg",
            "/feeds/news.atom",
        )
        begun = time.perf_counter()
        async with session.get(paths[number % len(paths)]) as answer:
            await answer.read()
            answer.raise_for_status()
        return (time.perf_counter() - begun) * 1000

    for number in range(12):
        await ask(number)
    taken, failed = await at_rate(ask, rate=RATE, seconds=seconds)
    median, p95 = quantiles(taken)
    return {"pages_ms_median": median, "pages_ms_p95": p95, "pages_failed": failed}


async def measure_api(session: aiohttp.ClientSession, secret: str, records: int) -> support.Figures:
    """Pages of 100 records and of 100 players, from all over, one after another."""
    dice, taken, failed = random.Random(3), list[float](), 0
    headers = {"Authorization": f"Bearer {secret}"}
    for number in range(200):
        after = dice.randrange(records)
        path = (
            f"/api/v1/records?limit={PAGE_RECORDS}&after={after}",
            f"/api/v1/records?limit={PAGE_RECORDS}&after={after}&kind=player.advanced&kind=chat.said",
            f"/api/v1/players?limit={PAGE_RECORDS}",
        )[number % 3]
        begun = time.perf_counter()
        async with session.get(path, headers=headers) as answer:
            await answer.read()
            failed += answer.status != 200
        taken.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0.6)  # within the limits of one token
    median, p95 = quantiles(taken)
    return {"api_ms_median": median, "api_ms_p95": p95, "api_failed": failed}


class Reader(asyncio.BufferedProtocol):
    """A browser that reads a room along and notes when each line came.

    All share one buffer: asyncio would ask the system for 256 KiB at each piece, and this process has to keep
    up with what it measures.
    """

    _buffer = memoryview(bytearray(64 * 1024))

    def __init__(self, arrived: dict[int, list[float]]) -> None:
        self._arrived, self._rest = arrived, b""
        self.begun = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"GET /rooms/room0/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - what asyncio would like to have
        """Return where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Note the lines."""
        now, data = time.perf_counter(), bytes(self._buffer[:nbytes])
        if not self.begun.done() and b"retry:" in data:
            self.begun.set_result(None)
        data = self._rest + data
        end = 0
        for found in _MARK.finditer(data):
            self._arrived[int(found[1])].append(now)
            end = found.end()
        self._rest = data[max(end, len(data) - 16) :]


_MARK: Final = re.compile(rb"mark(\d{6})")


async def measure_listeners(town: support.Community, pid: int, seconds: float) -> support.Figures:
    """How long a line takes from the log to the last of all listeners, and what they cost in memory."""
    before_mb = resident_mb(pid)
    lines = int(seconds * LINES_A_SECOND)
    arrived: dict[int, list[float]] = {number: [] for number in range(lines)}
    loop = asyncio.get_running_loop()
    readers: list[Reader] = []
    transports: list[asyncio.BaseTransport] = []
    for _ in range(LISTENERS):
        transport, reader = await loop.create_connection(
            lambda: Reader(arrived), "127.0.0.1", town.website_port
        )
        transports.append(transport)
        readers.append(reader)
    async with asyncio.timeout(60):
        await asyncio.gather(*(reader.begun for reader in readers))
    game, said = town.games[0], list[float]()
    begun = time.perf_counter()
    for number in range(lines):
        await asyncio.sleep(max(begun + number / LINES_A_SECOND - time.perf_counter(), 0))
        said.append(time.perf_counter())
        game.chat("Mira", f"mark{number:06}")
    most_mb = resident_mb(pid)
    async with asyncio.timeout(60):
        while sum(map(len, arrived.values())) < lines * LISTENERS:  # noqa: ASYNC110 - counted, not told
            await asyncio.sleep(0.05)
    last = [(max(arrived[number]) - said[number]) * 1000 for number in range(lines)]
    for each in transports:
        each.close()
    median, p95 = quantiles(last)
    return {
        "listeners": LISTENERS,
        "last_listener_ms_median": median,
        "last_listener_ms_p95": p95,
        "last_listener_ms_most": round(max(last), 1),
        "listeners_mb": round(most_mb - before_mb, 1),
    }


def resident_mb(pid: int) -> float:
    """What a process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # Linux always has it


async def all_read(path: Path, *, records: int) -> None:
    """Wait until the bridge has read what was written behind its back."""
    with closing(sqlite3.connect(path)) as raw:
        names = "('archive', 'happenings', 'metrics', 'statistics')"
        query = f"SELECT min(position) FROM readers WHERE name IN {names}"  # noqa: S608 - our own names
        async with asyncio.timeout(120):
            while raw.execute(query).fetchone()[0] < records:  # noqa: ASYNC110 - another process reads
                await asyncio.sleep(0.1)


async def measure(folder: Path, options: argparse.Namespace) -> support.Figures:
    """Return all figures."""
    figures: support.Figures = {"records": options.records, "players": options.players}
    town_of = support.community(
        folder, servers=1, channels=1, rates=support.DISCORDS_LIMITS, players=("Mira", "Noah", "Lena")
    )
    async with town_of as town:
        settings = yaml.safe_load(town.config.read_text())
        settings["website"] |= {"player-fields": ["online", "servers", "first-seen", "last-seen"]}
        del settings["rooms"]["room0"]["channels"]  # Discord's limits would hold the lines up there
        town.config.write_text(yaml.safe_dump(settings))
        begun = time.perf_counter()
        secret = await prepare(folder / "data", records=options.records, players=options.players)
        print(f"wrote the history in {time.perf_counter() - begun:.0f} s")
        async with support.bridge(town) as pid:
            await all_read(folder / "data" / FILE_NAME, records=options.records)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(
                f"http://127.0.0.1:{town.website_port}", connector=connector
            ) as session:
                for found in (
                    await measure_pages(session, options.seconds, options.players),
                    await measure_api(session, secret, options.records),
                    await measure_listeners(town, pid, options.seconds),
                ):
                    for name, value in found.items():
                        print(f"{name:28} {value}")
                    figures |= found
    return figures


def main() -> int:
    """Read the arguments and print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=5_000_000)
    options.add_argument("--players", type=int, default=100_000)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument(
        "--folder", type=Path, help="where to put the database; a temporary folder if not given"
    )
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        figures = asyncio.run(measure(Path(folder), chosen))
    print(json.dumps({"benchmark": "website", **figures}))
    return 1 if figures["pages_failed"] or figures["api_failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
