"""Charts on pages: what the macros of ``chart.html`` show. Imported late, with the first chart."""

from __future__ import annotations

import json
from dataclasses import dataclass

from markupsafe import Markup

from bridge.charts import (
    NARROW,
    WIDE,
    AnyChart,
    LineChart,
    Size,
    Sparkline,
    Table,
    lightened,
    to_columns,
    to_svg,
    to_table,
)
from bridge.locales import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart as a page shows it: two drawings, of which one is seen, its table, and the script's data."""

    title: str
    note: str
    wide: Markup
    narrow: Markup
    table: Table
    data: str = ""  # JSON from which the script makes the chart interactive; empty where it does not
    url: str = ""  # answers with finer figures


def figure(chart: AnyChart, catalogue: Catalogue, *, url: str = "") -> Figure:
    """Return a chart for a page; takes some milliseconds.

    Args:
        chart: What is shown.
        catalogue: The visitor's language.
        url: Of a line chart: an address that answers with ``to_columns`` of the figures between the query's
            ``from`` and ``to``, in seconds since 1970. The script asks it when somebody looks closer.
    """
    drawn = lightened(chart) if isinstance(chart, LineChart) else chart
    return Figure(
        title=chart.title,
        note=chart.note,
        wide=_drawn(drawn, catalogue, WIDE),
        narrow=Markup() if isinstance(chart, Sparkline) else _drawn(drawn, catalogue, NARROW),
        table=to_table(chart, catalogue),
        data=_data(drawn) if isinstance(drawn, LineChart) else "",
        url=url,
    )


def _drawn(chart: AnyChart, catalogue: Catalogue, size: Size) -> Markup:
    return Markup(to_svg(chart, catalogue, size=size))  # noqa: S704 - to_svg escapes every text


def _data(chart: LineChart) -> str:
    begins, ends = chart.span
    told = to_columns(chart.times, chart.series) | {
        "names": [series.name for series in chart.series],
        "label": chart.label,
        "unit": chart.unit,
        "zone": chart.zone.key,
        "from": begins,
        "to": ends,
        "top": chart.top,
        "zero": chart.from_zero,
        "filled": chart.filled,
        "stepped": chart.stepped,
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)
