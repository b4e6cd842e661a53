"""Charts in words, for those who do not see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from bridge.charts.value import AnyChart, BarChart, HeatMap, LineChart, PunchCard, Value
from bridge.charts.words import Words, zone_name


def described(chart: AnyChart, words: Words) -> str:
    """Return the chart's own description, or what its figures are from the lowest to the highest."""
    said = chart.alt or " ".join(_sentences(chart, words))
    return f"{said} {chart.note}".strip()


def figures(chart: AnyChart) -> Iterator[Value]:
    """Yield every figure of a chart."""
    match chart:
        case LineChart() | BarChart():
            yield from chain.from_iterable(series.values for series in chart.series)
        case PunchCard() | HeatMap():
            yield from chain.from_iterable(chart.values)
        case _:
            yield from chart.values


def _sentences(chart: AnyChart, words: Words) -> Iterable[str]:
    match chart:
        case LineChart():
            yield words.say(
                "about-lines", span=words.span(*chart.span, chart.zone), zone=zone_name(chart.zone)
            )
            for series in chart.series:
                yield _range(series.name, series.values, chart.unit, words)
        case BarChart():
            yield words.say("about-bars", count=len(chart.labels), label=chart.label_of_bars)
            for series in chart.series:
                yield _range(series.name, series.values, chart.unit, words)
        case PunchCard():
            yield words.say("about-punches", zone=zone_name(chart.zone))
            yield _range(chart.label, list(figures(chart)), chart.unit, words)
        case HeatMap():
            yield words.say("about-heat", rows=chart.label_of_rows, columns=chart.label_of_columns)
            yield _range(chart.label, list(figures(chart)), chart.unit, words)
        case _:
            yield _range(chart.title, chart.values, chart.unit, words)


def _range(name: str, values: Sequence[Value], unit: str, words: Words) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return words.say("unknown", name=name)
    least, most = words.number(min(known)), words.amount(max(known), unit)
    return words.say("range", name=name, least=least, most=most)
