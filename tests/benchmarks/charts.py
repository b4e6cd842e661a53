"""Measures charts: ``python tests/benchmarks/charts.py [--rounds N]``; drawings, pictures, and thinning.

Prints one figure a line; the last line is one JSON object with all of them. Times are milliseconds: the
middle and the slowest of the rounds, and how long the processor worked in the middle one.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from parse import resident_mb

from bridge.charts import AnyChart, BarChart, HeatMap, LineChart, PunchCard, Series, to_columns, to_png
from bridge.locales import Catalogue
from bridge.website.charts import figure

PARIS: Final = ZoneInfo("Europe/Paris")
BEGINS: Final = 1_792_792_800
MINUTES_A_WEEK: Final = 7 * 24 * 60


def main() -> None:
    """Draw, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    rounds: int = options.parse_args().rounds
    catalogue = Catalogue.load("fr")
    before_mb = resident_mb()
    figures: dict[str, float] = {}
    for name, chart in charts().items():
        figures |= timed(f"{name}_png", rounds, partial(to_png, chart, catalogue))
        figures |= timed(f"{name}_page", rounds, partial(figure, chart, catalogue))
    times, series = minutes(12 * MINUTES_A_WEEK)
    figures |= timed("thin_quarter_of_minutes", max(1, rounds // 5), lambda: to_columns(times, series))
    figures["pictures_mb"] = round(resident_mb() - before_mb, 1)
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps({"benchmark": "charts", **figures}))


def timed(name: str, rounds: int, work: Callable[[], object]) -> dict[str, float]:
    """Return how long a piece of work takes, after a first time that does not count."""
    work()
    taken: list[float] = []
    worked: list[float] = []
    for _ in range(rounds):
        started, at_work = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - started) * 1e3)
        worked.append((time.process_time() - at_work) * 1e3)
    return {
        f"{name}_ms": round(statistics.median(taken), 1),
        f"{name}_ms_worst": round(max(taken), 1),
        f"{name}_cpu_ms": round(statistics.median(worked), 1),
    }


def minutes(count: int) -> tuple[tuple[int, ...], tuple[Series, ...]]:
    """Return so many minutes of two servers."""
    dice = random.Random(4)
    times = tuple(BEGINS + 60 * number for number in range(count))
    curve = [10 + 8 * math.cos(number / 1440 * math.tau) for number in range(count)]
    return times, tuple(
        Series(name=name, values=tuple(float(round(each * much + dice.random() * 3)) for each in curve))
        for name, much in (("Survival", 2), ("Creative", 1))
    )


def charts() -> Mapping[str, AnyChart]:
    """Return a chart of each kind, as full as they get."""
    dice = random.Random(5)
    times, series = minutes(MINUTES_A_WEEK)
    return {
        "lines": LineChart(
            title="A week of minutes",
            times=times,
            series=series,
            label="Players",
            zone=PARIS,
            gap_s=180,
            filled=True,
            note="99 % of the week observed",
        ),
        "bars": BarChart(
            title="Players per day",
            labels=tuple(str(day) for day in range(1, 32)),
            series=tuple(
                Series(name=name, values=tuple(dice.randrange(90) for _ in range(31)))
                for name in ("New", "Returning")
            ),
            label="Players",
            label_of_bars="Day",
            stacked=True,
        ),
        "punches": PunchCard(
            title="When people play",
            values=tuple(tuple(dice.random() * 30 for _ in range(24)) for _ in range(7)),
            label="Players at a time",
            zone=PARIS,
        ),
        "cohorts": HeatMap(
            title="Who came back",
            rows=tuple(f"W{week}" for week in range(36, 48)),
            columns=tuple(map(str, range(12))),
            values=tuple(
                tuple(dice.randrange(100) if column < 12 - row else None for column in range(12))
                for row in range(12)
            ),
            label="Came back",
            unit="%",
            label_of_rows="First week",
            label_of_columns="Weeks after the first",
            top=100,
        ),
    }


if __name__ == "__main__":
    main()
