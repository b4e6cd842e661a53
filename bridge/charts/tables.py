"""The figures of a chart as a table."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridge.charts.clock import ticks
from bridge.charts.value import HOURS, AnyChart, BarChart, HeatMap, LineChart, PunchCard, Series, Value
from bridge.charts.words import Words, zone_name
from bridge.locales import Catalogue

MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts; the first of each row is its heading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""  # how the figures are to be read, where it is not plain


def to_table(chart: AnyChart, catalogue: Catalogue) -> Table:
    """Return the figures of a chart; a long line in stretches, each with its lowest and highest."""
    words = Words(catalogue)
    match chart:
        case LineChart():
            return _over_time(chart, words)
        case BarChart():
            return _table(chart.label_of_bars, chart.series, chart.labels, chart.unit, words)
        case PunchCard():
            hours = tuple(f"{hour:02}" for hour in range(HOURS))
            return _grid(words.say("weekday"), hours, words.weekdays, chart.values, words)
        case HeatMap():
            return _grid(chart.label_of_rows, chart.columns, chart.rows, chart.values, words)
        case _:
            series = Series(name=chart.title, values=chart.values)
            numbers = tuple(str(number) for number in range(1, len(chart.values) + 1))
            return _table(words.say("number"), (series,), numbers, chart.unit, words)


def _over_time(chart: LineChart, words: Words) -> Table:
    heading = words.say("time-heading", zone=zone_name(chart.zone))
    if len(chart.times) <= MOST_ROWS:
        labels = [words.moment(datetime.fromtimestamp(at, chart.zone)) for at in chart.times]
        return _table(heading, chart.series, labels, chart.unit, words)
    begins, ends = chart.span
    starts = [begins, *(tick.at for tick in ticks(begins + 1, ends, chart.zone, most=MOST_ROWS // 2))]
    cuts = [bisect_left(chart.times, start) for start in starts] + [len(chart.times)]
    rows = tuple(
        (
            words.moment(datetime.fromtimestamp(start, chart.zone)),
            *(_between(series.values[first:last], words) for series in chart.series),
        )
        for start, first, last in zip(starts, cuts, cuts[1:], strict=False)
    )
    return Table(_headings(heading, chart.series, chart.unit, words), rows, words.say("stretches"))


def _between(values: Sequence[Value], words: Words) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return words.number(None)
    least, most = words.number(min(known)), words.number(max(known))
    return least if least == most else words.say("from-to", least=least, most=most)


def _table(heading: str, series: tuple[Series, ...], labels: Sequence[str], unit: str, words: Words) -> Table:
    rows = tuple(
        (label, *(words.number(each.values[index]) for each in series)) for index, label in enumerate(labels)
    )
    return Table(_headings(heading, series, unit, words), rows)


def _headings(heading: str, series: tuple[Series, ...], unit: str, words: Words) -> tuple[str, ...]:
    return (heading, *(words.measured(each.name, unit) for each in series))


def _grid(
    heading: str,
    columns: tuple[str, ...],
    rows: Sequence[str],
    values: tuple[tuple[Value, ...], ...],
    words: Words,
) -> Table:
    told = tuple((row, *map(words.number, figures)) for row, figures in zip(rows, values, strict=True))
    return Table((heading, *columns), told)
