"""Charts: values that say what is shown, drawn for pages, for Discord and mail, and told in tables.

Everything here is pure; ``to_png`` reads a font. Nothing of it is needed before somebody looks at a chart, so
import this package late, in a thread: ``await asyncio.to_thread(importlib.import_module, "bridge.charts")``.

::

    chart = LineChart(
        title="Players on Survival",
        times=(1_795_478_400, 1_795_482_000, 1_795_485_600),  # seconds since 1970, ascending
        series=(Series(name="Survival", values=(3, None, 7)),),  # None: not known, a gap
        label="Players",
        zone=ZoneInfo("Europe/Paris"),
        gap_s=5_400,  # points further apart are not joined
        note="94 % of the week observed",
    )
    to_svg(chart, catalogue)  # for a page, coloured by its style sheet; size=NARROW for a phone
    to_png(chart, catalogue)  # 800 by 400 on Discord's dark ground, LIGHT for mail; in a thread
    to_table(chart, catalogue)  # .columns, .rows and a .note
    spark_text((3, None, 7))  # "▄·█", where NoPictures was raised

Texts inside a chart (title, names, labels, unit, note) are the caller's, in the reader's language; numbers,
times and what is said around them come from the catalogue. On pages, ``bridge.website.charts`` puts drawing,
table and script together: ``figure(chart, catalogue, url=…)`` and the macros of ``chart.html``. What its
``url`` answers is made by ``to_columns``.
"""

from bridge.charts.canvas import NARROW, PICTURE, WIDE, Size
from bridge.charts.columns import Columns, lightened, to_columns
from bridge.charts.picture import NoPictures, to_png
from bridge.charts.spark import spark_text
from bridge.charts.svg import to_svg
from bridge.charts.tables import Table, to_table
from bridge.charts.themes import DARK, LIGHT, Theme
from bridge.charts.thin import MOST_POINTS
from bridge.charts.value import (
    AnyChart,
    BarChart,
    HeatMap,
    LineChart,
    PunchCard,
    Series,
    Sparkline,
    Value,
)

__all__ = [
    "DARK",
    "LIGHT",
    "MOST_POINTS",
    "NARROW",
    "PICTURE",
    "WIDE",
    "AnyChart",
    "BarChart",
    "Columns",
    "HeatMap",
    "LineChart",
    "NoPictures",
    "PunchCard",
    "Series",
    "Size",
    "Sparkline",
    "Table",
    "Theme",
    "Value",
    "lightened",
    "spark_text",
    "to_columns",
    "to_png",
    "to_svg",
    "to_table",
]
