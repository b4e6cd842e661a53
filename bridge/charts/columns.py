"""The points of a line chart as columns for the pages' script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from bridge.charts.thin import MOST_POINTS, Points, thinned, with_gaps
from bridge.charts.value import LineChart, Series, Value

Columns: TypeAlias = dict[str, list[float] | list[list[Value]]]


def to_columns(
    times: Iterable[float], series: Iterable[Series], *, gap_s: float | None = None, most: int = MOST_POINTS
) -> Columns:
    """Return ``{"t": [seconds…], "v": [[figure or null…], …]}`` with at most *most* points.

    This is what an address given as ``data-url`` answers: the figures between ``from`` and ``to``.
    """
    points = Points(tuple(times), tuple(each.values for each in series))
    chosen = thinned(with_gaps(points, gap_s), most=most)
    return {
        "t": [_number(at) for at in chosen.times],
        "v": [[None if value is None else _number(value) for value in row] for row in chosen.columns],
    }


def columns_of(chart: LineChart, *, most: int = MOST_POINTS) -> Columns:
    """Return the columns of a chart."""
    return to_columns(chart.times, chart.series, gap_s=chart.gap_s, most=most)


def _number(value: float) -> float:
    """Return a number in as few letters as tell it."""
    return int(value) if value == int(value) else round(value, 3)
