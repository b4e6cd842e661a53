"""The points of a line chart as columns for the pages' script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
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


def lightened(chart: LineChart) -> LineChart:
    """Return a chart that looks the same with at most 1,000 points, gaps included."""
    points = with_gaps(Points(chart.times, tuple(series.values for series in chart.series)), chart.gap_s)
    fewer = thinned(points)
    series = tuple(
        Series(name=each.name, values=column)
        for each, column in zip(chart.series, fewer.columns, strict=True)
    )
    begins, ends = chart.span
    return replace(chart, times=fewer.times, series=series, gap_s=None, begins=begins, ends=ends)


def _number(value: float) -> float:
    """Return a number in as few letters as tell it."""
    return int(value) if value == int(value) else round(value, 3)
