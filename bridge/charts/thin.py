"""Fewer points that look the same: the lowest and the highest of each stretch of time, and every gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from bridge.charts.value import Value

Column: TypeAlias = Sequence[Value]
MOST_POINTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Points:
    """Times with a column of figures for each series."""

    times: tuple[float, ...]
    columns: tuple[tuple[Value, ...], ...]


def with_gaps(points: Points, gap_s: float | None) -> Points:
    """Return the points with an unknown one between neighbours that lie further apart than *gap_s*."""
    if gap_s is None or all(later - at <= gap_s for at, later in pairwise(points.times)):
        return points
    times: list[float] = []
    rows: list[tuple[Value, ...]] = []
    nothing = (None,) * len(points.columns)
    for at, row in zip(points.times, zip(*points.columns, strict=True), strict=True):
        if times and at - times[-1] > gap_s:
            times.append((times[-1] + at) / 2)
            rows.append(nothing)
        times.append(at)
        rows.append(row)
    return Points(tuple(times), tuple(zip(*rows, strict=True)) if rows else points.columns)


def thinned(points: Points, *, most: int = MOST_POINTS) -> Points:
    """Return at most *most* of the points; none is moved, no extreme and no gap that one sees is lost."""
    times = points.times
    if len(times) <= most:
        return points
    stretches = max(1, (most - 2) // (3 * len(points.columns)))
    width = (times[-1] - times[0]) / stretches * (1 + 1e-9)  # so that the last point is in the last stretch
    kept = {0, len(times) - 1}
    for column in points.columns:
        kept.update(_extremes(times, column, width))
        kept.update(_gaps(times, column, width))
    chosen = sorted(kept)
    columns = tuple(tuple(column[index] for index in chosen) for column in points.columns)
    return Points(tuple(times[index] for index in chosen), columns)


def _extremes(times: Sequence[float], column: Column, width: float) -> Iterator[int]:
    """Yield where a column is lowest and highest within each stretch."""
    stretch, low, high = -1, -1, -1
    for index, value in enumerate(column):
        if value is None:
            continue
        if (number := int((times[index] - times[0]) / width)) != stretch:
            if stretch >= 0:
                yield low
                yield high
            stretch, low, high = number, index, index
        lowest, highest = column[low], column[high]
        if lowest is not None and value < lowest:
            low = index
        if highest is not None and value > highest:
            high = index
    if stretch >= 0:
        yield low
        yield high


def _gaps(times: Sequence[float], column: Column, width: float) -> Iterator[int]:
    """Yield one place in each gap that is at least a stretch long."""
    began: int | None = None
    last = times[0]
    for index, value in enumerate(column):
        if value is None:
            began = index if began is None else began
            continue
        if began is not None and times[index] - last >= width:
            yield began
        began, last = None, times[index]
