"""What the bridge needs when nothing happens: memory, and its share of one core.

Run: ``python tests/benchmarks/idle.py [--seconds N] [--settle N] [--python PATH]``.

The bridge is a process of its own with three game servers (log, RCON and status each), Discord and the
website, everything else as it is by default. Nobody speaks. After ``--settle`` seconds it is looked at for
``--seconds``: ``resident_mb`` is what it holds at the end (VmRSS as the system tells it, in 1024 * 1024
bytes; ``resident_million_bytes`` is the same), ``cpu_percent`` what it used of one core in between (utime +
stime). The pretend servers and Discord are in this process, which is not counted.

``--python`` is the interpreter of the bridge when that is not the one of the benchmark, to measure what an
owner installs.

The exit code tells whether it was connected to everything all the while. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from support import (
    DISCORDS_LIMITS,
    Community,
    Figures,
    bridge,
    community,
    cpu_s,
    in_utc,
    resident_bytes,
    tell,
)

SERVERS: Final = 3
PLAYERS: Final = ("Alix", "Boris", "Chloe")


async def measure(folder: Path, *, settle_s: float, seconds: float, python: str) -> Figures:
    """Run the bridge, let it settle, look at it."""
    figures: Figures = {"load_before": round(os.getloadavg()[0], 2)}
    async with (
        community(folder, servers=SERVERS, channels=1, rates=DISCORDS_LIMITS, players=PLAYERS) as town,
        bridge(town, python=python) as process,
    ):
        await asyncio.sleep(settle_s)
        pings = _pings(town)
        begun_s, used_s = time.monotonic(), cpu_s(process)
        await asyncio.sleep(seconds)
        used_s, lasted_s = cpu_s(process) - used_s, time.monotonic() - begun_s
        return figures | {
            "seconds": round(lasted_s, 1),
            "resident_mb": round(resident_bytes(process) / 1024**2, 1),
            "resident_million_bytes": round(resident_bytes(process) / 1e6, 1),
            "cpu_percent": round(100 * used_s / lasted_s, 2),
            "status_pings": _pings(town) - pings,
            "connected": int(_connected(town)),
        }


def _pings(town: Community) -> int:
    return sum(game.status.pings for game in town.games)


def _connected(town: Community) -> bool:
    once = all(game.rcon.connected == len(game.rcon.connections) == 1 for game in town.games)
    return once and town.discord.gateway.identified == len(town.discord.gateway.online) == 1


def main() -> int:
    """Print the figures; the exit code tells whether all connections held."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--settle", type=float, default=30.0)
    options.add_argument("--python", default=sys.executable, help="the interpreter that runs the bridge")
    chosen = options.parse_args()
    in_utc()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(
            measure(Path(folder), settle_s=chosen.settle, seconds=chosen.seconds, python=chosen.python)
        )
    tell("idle", figures)
    return 0 if figures["connected"] else 1


if __name__ == "__main__":
    sys.exit(main())
