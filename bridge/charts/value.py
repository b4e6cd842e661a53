"""The charts there are, as values: what is shown, in which unit, at which clock's times."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Value: TypeAlias = float | None
"""A figure, or None where nothing is known; zero is a figure."""

MOST_SERIES: Final = 6
"""More lines than this nobody tells apart."""

DAYS: Final = 7
HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of figures with its name."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What every chart says about itself, in the reader's language."""

    title: str  # what is seen
    unit: str = ""  # of the figures, such as "ms" or "%"
    alt: str = ""  # for those who do not see it; else made from the figures
    note: str = ""  # what the figures are based on, such as "94 % of the week observed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart(Chart):
    """Figures over time; raises ValueError where the columns do not fit together."""

    times: tuple[float, ...]  # seconds since 1970, ascending
    series: tuple[Series, ...]
    label: str  # what the figures are, such as "Players"
    zone: ZoneInfo
    gap_s: float | None = None  # neighbours further apart than this are not joined
    begins: float | None = None  # of the axis, if not with the first and last figure
    ends: float | None = None
    top: float | None = None  # the axis reaches at least so high, such as the number of slots
    from_zero: bool = True
    filled: bool = False
    stepped: bool = False  # each figure holds until the next; the last before a gap as long as others do

    def __post_init__(self) -> None:
        _check(self.series, len(self.times))
        if any(later <= earlier for earlier, later in pairwise(self.times)):
            raise ValueError(f"{self.title}: the times must ascend")

    @property
    def span(self) -> tuple[float, float]:
        """Where the time axis begins and ends; at least a minute long."""
        begins = self.begins if self.begins is not None else (self.times[0] if self.times else 0.0)
        last = self.times[-1] + self.hold_s if self.times else begins
        return begins, max(self.ends if self.ends is not None else last, begins + 60)

    @property
    def hold_s(self) -> float:
        """How long a figure holds: the shortest distance of two, where lines are stepped."""
        return min((later - at for at, later in pairwise(self.times)), default=0.0) if self.stepped else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Chart):
    """Figures by kind; raises ValueError where there are not as many as labels."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    label: str  # what the figures are
    label_of_bars: str  # what the labels are, such as "Week"
    stacked: bool = False

    def __post_init__(self) -> None:
        _check(self.series, len(self.labels))


@dataclass(frozen=True, slots=True, kw_only=True)
class PunchCard(Chart):
    """Figures by day of the week (Monday first) and hour; raises ValueError unless they are 7 by 24."""

    values: tuple[tuple[Value, ...], ...]
    label: str  # what the figures are, such as "Players at a time"
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if [len(row) for row in self.values] != [HOURS] * DAYS:
            raise ValueError(f"{self.title}: a punch card has {DAYS} rows of {HOURS} figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap(Chart):
    """Figures in rows and columns, such as cohorts; raises ValueError where labels and figures differ."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    label: str  # what the figures are
    label_of_rows: str
    label_of_columns: str
    top: float | None = None  # what the strongest shade means; else the largest figure

    def __post_init__(self) -> None:
        if len(self.values) != len(self.rows) or any(len(row) != len(self.columns) for row in self.values):
            raise ValueError(
                f"{self.title}: {len(self.rows)} rows of {len(self.columns)} figures are expected"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline(Chart):
    """A line as high as a word, to stand beside a figure."""

    values: tuple[Value, ...] = field(default=())


AnyChart: TypeAlias = LineChart | BarChart | PunchCard | HeatMap | Sparkline


def _check(series: tuple[Series, ...], length: int) -> None:
    if not 1 <= len(series) <= MOST_SERIES:
        raise ValueError(f"{len(series)} series; a chart shows 1 to {MOST_SERIES}")
    for each in series:
        if len(each.values) != length:
            raise ValueError(f"series {each.name!r} has {len(each.values)} figures instead of {length}")
