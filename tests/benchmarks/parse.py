"""Measures the parser: ``python tests/benchmarks/parse.py [--lines N]``; one third of the lines are events.

Prints one figure a line; the last line is one JSON object with all of them.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import loglines

from bridge.events import ServerId
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.parser import LogParser


def resident_mb() -> float:
    """Memory of this process now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Parse, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=5_000_000)
    wanted: int = options.parse_args().lines
    lines = loglines.day()
    parser = LogParser(ServerId("bench"))
    rates: list[float] = []
    before_mb = resident_mb()
    while parser.counts.lines < wanted:
        clock = LineClock(date(2024, 9, 5), ZoneInfo("Europe/Paris"))
        started = time.perf_counter()
        for line in lines:
            parser.parse(line, clock)
        rates.append(len(lines) / (time.perf_counter() - started))
    figures = {
        "lines": parser.counts.lines,
        "events_share": round(parser.counts.events / parser.counts.lines, 3),
        "lines_per_s_median": round(statistics.median(rates)),
        "lines_per_s_best": round(max(rates)),
        "resident_mb": round(resident_mb(), 1),
        "growth_mb": round(resident_mb() - before_mb, 1),
    }
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps({"benchmark": "parse", **figures}))


if __name__ == "__main__":
    main()
