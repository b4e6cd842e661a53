from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from bridge.charts import AnyChart, BarChart, HeatMap, LineChart, PunchCard, Series, Sparkline
from bridge.locales import Catalogue

PARIS = ZoneInfo("Europe/Paris")
MIDNIGHT = 1_795_474_800  # 24 November 2026, 0:00 in Paris

CHARTS: Mapping[str, AnyChart] = {
    "lines": LineChart(
        title="Players on <both> servers",
        times=tuple(MIDNIGHT + 3600 * hour for hour in range(24)),
        series=(
            Series(name="Survival & more", values=tuple(float(hour) for hour in range(24))),
            Series(name="Creative", values=(None,) * 12 + (3.0,) * 12),
        ),
        label="Players",
        zone=PARIS,
        note="94 % of the day observed",
    ),
    "bars": BarChart(
        title="New and returning players",
        labels=("W46", "W47", "W48"),
        series=(
            Series(name="New", values=(12, 0, None)),
            Series(name="Returning", values=(40, 38, 41)),
        ),
        label="Players",
        label_of_bars="Week",
        stacked=True,
    ),
    "differences": BarChart(
        title="Against the week before",
        labels=("Mon", "Tue"),
        series=(Series(name="Players", values=(-4.5, 12.25)),),
        label="Difference",
        label_of_bars="Day",
    ),
    "punches": PunchCard(
        title="When people play",
        values=tuple(tuple(None if day == 2 else day * hour for hour in range(24)) for day in range(7)),
        label="Players at a time",
        zone=PARIS,
    ),
    "heat": HeatMap(
        title="Who came back",
        rows=("W46 (12)", "W47 (20)"),
        columns=("0", "1"),
        values=((100, 41.5), (100, None)),
        label="Came back",
        unit="%",
        label_of_rows="First week",
        label_of_columns="Weeks after",
        top=100,
    ),
    "spark": Sparkline(title="Peak per day", values=(3, None, 7, 7)),
}


@pytest.fixture(params=list(CHARTS))
def chart(request: pytest.FixtureRequest) -> AnyChart:
    """One chart of each kind."""
    return CHARTS[request.param]


@pytest.fixture(scope="session", params=["en", "fr"])
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    """The sentences of each language."""
    return Catalogue.load(request.param)
