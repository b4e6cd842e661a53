"""Makes years of statistics: ``python tests/benchmarks/years.py FOLDER [--players N] [--sessions N] …``.

Sessions are made up one by one; days, weeks, months and everything else follow from them in SQL, by the clock
of UTC, so that all tables agree with each other. Benchmarks of pages and rankings use the same tables.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bridge.store import migrate_here
from bridge.store.engine import FILE_NAME

DAY_MS: Final = 86_400_000
LAST_DAY: Final = (date(2026, 10, 31) - date(1970, 1, 1)).days
NOW: Final = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)

_WEEK: Final = "start - (start + 3) % 7"
_MONTH: Final = "CAST(strftime('%s', start * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400"
_FILLED: Final = ("play_sessions", "player_periods", "acquaintances", "accounts", "account_names", "hours")


@dataclass(frozen=True, kw_only=True)
class Years:
    """How much there is."""

    players: int = 100_000
    sessions: int = 5_000_000
    servers: int = 5
    years: float = 3.0


def make(folder: Path, size: Years) -> Path:
    """Make a store with that much in a folder, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    migrate_here(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        for pragma in ("synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            base.execute(f"PRAGMA {pragma}")
        indexes = _take_indexes(base)
        base.execute("BEGIN")
        _add_people(base, size)
        _add_sessions(base, size)
        _add_periods(base)
        _add_days(base)
        _add_samples(base, size)
        for index in indexes:
            base.execute(index)
        base.execute("COMMIT")
        base.execute("ANALYZE")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


def _take_indexes(base: sqlite3.Connection) -> list[str]:
    """Drop the indexes of large tables, which are made faster afterwards, and return how."""
    marks = ", ".join("?" * len(_FILLED))
    found = base.execute(
        f"""
        SELECT name, sql FROM sqlite_master
        WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})
        """,  # noqa: S608 - marks
        _FILLED,
    ).fetchall()
    for name, _ in found:
        base.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def _add_people(base: sqlite3.Connection, size: Years) -> None:
    base.executemany(
        "INSERT INTO server_numbers (number, server) VALUES (?, ?)",
        [(number, f"server{number}") for number in range(1, size.servers + 1)],
    )
    people = [(n, f"{n:08x}-0000-4000-8000-{n:012x}", f"Player{n}") for n in range(1, size.players + 1)]
    base.executemany("INSERT INTO accounts (number, uuid, name, named_ms) VALUES (?, ?, ?, 0)", people)
    base.execute("INSERT INTO account_names SELECT lower(name), 0, number FROM accounts")
    first_ms = _first_day(size) * DAY_MS
    base.executemany(
        "INSERT INTO observations (server, begins_ms, ends_ms, hole) VALUES (?, ?, ?, ?)",
        [(server, first_ms, 2**53, 0) for server in range(1, size.servers + 1)]
        + [
            (1, first_ms + hole * 9 * DAY_MS, first_ms + hole * 9 * DAY_MS + 3_600_000, 1)
            for hole in range(100)
        ],
    )


def _first_day(size: Years) -> int:
    return LAST_DAY - round(size.years * 365) + 1


def _add_sessions(base: sqlite3.Connection, size: Years) -> None:
    base.executemany("INSERT OR IGNORE INTO play_sessions VALUES (?, ?, ?, ?, ?, ?)", _sessions(size))


def _sessions(size: Years) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yield sessions that end on the day they began; most players are there seldom, some nearly always."""
    dice = random.Random(7)  # the same data every time
    first, days = _first_day(size), round(size.years * 365)
    weights = [min(dice.paretovariate(0.9), 400.0) for _ in range(size.players)]
    share = (size.sessions - size.players) / sum(weights)
    uniform = dice.random
    for account, weight in enumerate(weights, 1):
        came = int(uniform() * days)
        stays = max(int((days - came) * uniform()), 1)
        home = 1 + int(uniform() ** 2 * size.servers)
        for _ in range(1 + round(weight * share)):
            day_ms = (first + came + int(uniform() * stays)) * DAY_MS
            began = int(uniform() ** 0.6 * (DAY_MS - 60_000))
            length = int((uniform() ** 3 + 0.002) * 5 * 3_600_000)
            server = home if uniform() < 0.8 else 1 + int(uniform() * size.servers)
            yield server, account, day_ms + began, day_ms + min(began + length, DAY_MS - 1), 0, 0


_COLUMNS: Final = "span, server, start, account, seconds, starts, said, deaths, advancements"
_SUMS: Final = "sum(seconds), sum(starts), sum(said), sum(deaths), sum(advancements)"


def _add_periods(base: sqlite3.Connection) -> None:
    base.execute(
        f"""
        INSERT INTO player_periods ({_COLUMNS})
        SELECT 0, server, began_ms / {DAY_MS} AS start, account,
            sum(ended_ms / 1000 - began_ms / 1000), count(*),
            abs(random()) % 30, abs(random()) % 3, abs(random()) % 10 = 0
        FROM play_sessions GROUP BY server, start, account
        """  # noqa: S608 - constants
    )
    for span, start, server, source in (
        (0, "start", "0", "span = 0 AND server > 0"),
        (1, _WEEK, "server", "span = 0"),
        (2, _MONTH, "server", "span = 0"),
        (3, "0", "server", "span = 2"),
    ):
        base.execute(
            f"""
            INSERT INTO player_periods ({_COLUMNS})
            SELECT {span}, {server} AS place, {start} AS begins, account, {_SUMS}
            FROM player_periods WHERE {source} GROUP BY place, begins, account
            """  # noqa: S608 - constants
        )
    base.execute(
        """
        INSERT INTO acquaintances (server, account, first_ms, last_ms)
        SELECT server, account, min(began_ms), max(ended_ms) FROM play_sessions GROUP BY server, account
        """
    )
    base.execute(
        """
        INSERT INTO acquaintances (server, account, first_ms, last_ms)
        SELECT 0, account, min(first_ms), max(last_ms) FROM acquaintances GROUP BY account
        """
    )


def _add_days(base: sqlite3.Connection) -> None:
    base.execute(
        """
        INSERT INTO days (server, day, seconds, starts, peak, peak_at_ms, observed_s)
        SELECT server, start, sum(seconds), sum(starts), count(*) / 3 + 1, start * 86400000 + 68400000, 86400
        FROM player_periods WHERE span = 0 GROUP BY server, start
        """
    )
    hours = {
        "server": "place",
        "begins_ms": "began_ms / 3600000 * 3600000 AS hour",
        "day": f"began_ms / {DAY_MS}",
        "seconds": "sum(ended_ms / 1000 - began_ms / 1000)",
        "peak": "count(*)",
        "players": "count(DISTINCT account)",
        "starts": "count(*)",
        "observed_s": "3600",
        "played_s": "3600",
        "staffed_s": "abs(random()) % 3600",
    }
    known = {row[1] for row in base.execute("PRAGMA table_info(hours)")}
    kept = {name: value for name, value in hours.items() if name in known}
    for place in ("server", "0"):
        values = ", ".join(kept.values()).replace("place", f"{place} AS place", 1)
        base.execute(
            f"INSERT INTO hours ({', '.join(kept)}) SELECT {values} FROM play_sessions GROUP BY place, hour"  # noqa: S608
        )
    newcomers = " UNION ALL ".join(
        f"SELECT {span} AS span, server, {start} AS start, count(*) AS newcomers FROM firsts GROUP BY 2, 3"  # noqa: S608
        for span, start in ((0, "start"), (1, _WEEK), (2, _MONTH), (3, "0"))
    )
    base.execute(
        f"""
        INSERT INTO periods (span, server, start, players, newcomers)
        WITH firsts AS (SELECT server, first_ms / {DAY_MS} AS start FROM acquaintances),
            new AS ({newcomers}),
            counted AS (SELECT span, server, start, count(*) AS players FROM player_periods GROUP BY 1, 2, 3)
        SELECT span, server, start, players, coalesce(newcomers, 0) FROM counted
        LEFT JOIN new USING (span, server, start)
        """  # noqa: S608 - constants
    )


def _add_samples(base: sqlite3.Connection, size: Years) -> None:
    first = _first_day(size)
    for span, per_day, minutes in ((0, 24, 60), (1, 1, 1440)):
        base.execute(
            """
            WITH RECURSIVE periods (period) AS (
                SELECT :first UNION ALL SELECT period + 1 FROM periods WHERE period + 1 < :last
            )
            INSERT INTO sample_sums
            SELECT :span, number, period, :minutes, 0, 0, :minutes * (abs(random()) % 40), 0, 60,
                :minutes * 300, 1900, 4500
            FROM periods CROSS JOIN server_numbers
            """,
            {"first": first * per_day, "last": (LAST_DAY + 1) * per_day, "span": span, "minutes": minutes},
        )


def sizes(options: argparse.ArgumentParser) -> None:
    """Add the options that say how much there is."""
    options.add_argument("--players", type=int, default=Years.players)
    options.add_argument("--sessions", type=int, default=Years.sessions)
    options.add_argument("--servers", type=int, default=Years.servers)
    options.add_argument("--years", type=float, default=Years.years)


def size_of(chosen: argparse.Namespace) -> Years:
    """Return how much the options say."""
    return Years(players=chosen.players, sessions=chosen.sessions, servers=chosen.servers, years=chosen.years)


def main() -> None:
    """Make a store."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    sizes(options)
    chosen = options.parse_args()
    begun = time.perf_counter()
    file = make(chosen.folder, size_of(chosen))
    print(f"{file}: {file.stat().st_size / 1e9:.2f} GB in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
