"""Figures in rows and columns: dots that grow with them, or shades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import sqrt
from typing import Final

from bridge.charts.canvas import Box, Canvas, Size
from bridge.charts.plot import Around, Place, framed, room_for
from bridge.charts.themes import STRONGEST
from bridge.charts.value import HOURS, HeatMap, PunchCard, Value
from bridge.charts.words import Words, zone_name

_FAINTEST: Final = 0.06
_EVERY_HOURS: Final = 3


def draw_punches(canvas: Canvas, chart: PunchCard, words: Words, *, titled: bool) -> None:
    """Draw a punch card: the area of a dot is its figure."""
    around = Around(
        above=words.measured(chart.label, chart.unit),
        below=words.say("hour-axis", zone=zone_name(chart.zone)),
        title=chart.title if titled else "",
        note=chart.note if titled else "",
        room=canvas.size.width / HOURS,  # for the largest dot, which its legend shows
    )
    plot = framed(canvas, around, left=room_for(canvas, words.weekdays))
    across, down = plot.width / HOURS, plot.height / len(chart.values)
    largest = _largest(chart.values)
    radius = min(across, down) / 2 - 0.5
    for row, figures in enumerate(chart.values):
        y = plot.top + (row + 0.5) * down
        canvas.text(plot.left - 8, y + canvas.size.font * 0.35, words.weekdays[row], anchor="end")
        canvas.rule(plot.left, y, plot.right, y)
        for hour, value in enumerate(figures):
            says = words.say(
                "punch", day=words.weekdays[row], hour=f"{hour:02}:00", value=words.amount(value, chart.unit)
            )
            place = (plot.left + (hour + 0.5) * across, y)
            _punch(canvas, place, value, radius * sqrt(max(0, value or 0) / largest), says=says)
    for hour in range(0, HOURS, _EVERY_HOURS):
        x = plot.left + (hour + 0.5) * across
        canvas.text(x, plot.bottom + canvas.size.font * 1.35, f"{hour:02}", anchor="middle")
    beside = canvas.width_of(around.above) + canvas.size.margin
    _dots(canvas, radius, largest, words, beside=beside, top=plot.top)


def draw_heat(canvas: Canvas, chart: HeatMap, words: Words, *, titled: bool) -> None:
    """Draw a map whose shades are its figures, and the figures on them where there is room."""
    around = Around(
        above=words.measured(chart.label, chart.unit),
        below=chart.label_of_columns,
        title=chart.title if titled else "",
        note=chart.note if titled else "",
    )
    plot = framed(canvas, around, left=room_for(canvas, chart.rows))
    across, down = plot.width / max(1, len(chart.columns)), plot.height / max(1, len(chart.rows))
    strongest = chart.top or _largest(chart.values)
    widest = max((canvas.width_of(words.number(value)) for row in chart.values for value in row), default=0)
    written = widest + 2 <= across and canvas.size.font + 2 <= down
    for row, figures in enumerate(chart.values):
        y = plot.top + row * down
        base = y + down / 2 + canvas.size.font * 0.35
        canvas.text(plot.left - 8, base, chart.rows[row], anchor="end")
        for column, value in enumerate(figures):
            x = plot.left + column * across
            cell = Box(x + 0.5, y + 0.5, x + across - 0.5, y + down - 0.5)
            says = words.say(
                "cell",
                row=chart.rows[row],
                column=chart.columns[column],
                value=words.amount(value, chart.unit),
            )
            _cell(canvas, cell, value, strongest, says)
            if written and value is not None:
                canvas.text(x + across / 2, base, words.number(value), anchor="middle", kind="ink")
    _columns(canvas, plot, chart.columns, across)
    _shades(
        canvas, strongest, words, beside=canvas.width_of(around.above) + canvas.size.margin, titled=titled
    )


def heat_size(size: Size, rows: int, *, most: int | None = None) -> Size:
    """Return how large a map is: as high as its rows need, up to *most* pixels."""
    height = int(rows * size.font * 2 + size.font * 9)
    return replace(size, height=min(height, most) if most is not None else height)


def _largest(values: Iterable[Sequence[Value]]) -> float:
    return max((value for row in values for value in row if value is not None), default=0) or 1.0


def _punch(canvas: Canvas, place: Place, value: Value, radius: float, *, says: str) -> None:
    """Draw one figure, whose dot has *radius*."""
    x, y = place
    if value is None:
        canvas.box(Box(x - 3, y - 0.8, x + 3, y + 0.8), kind="text", says=says)
    elif value > 0:
        canvas.dot(x, y, max(1.2, radius), kind="fill0", says=says)
    else:
        canvas.dot(x, y, 0.9, kind="text", says=says)


def _dots(canvas: Canvas, radius: float, largest: float, words: Words, *, beside: float, top: float) -> None:
    """Show what three sizes mean, above the plot at the right; nothing where there is no room."""
    y = top - radius - 2
    x = float(canvas.size.width - canvas.size.margin)
    for part in (1.0, 0.5, 0.1):
        label = words.number(_rounded(largest * part))
        x -= canvas.width_of(label)
        if x - radius * 2 < beside + 20:
            return
        canvas.text(x, y + canvas.size.font * 0.35, label)
        x -= radius + 5
        canvas.dot(x, y, radius * sqrt(_rounded(largest * part) / largest), kind="fill0")
        x -= radius + 10


def _shades(canvas: Canvas, strongest: float, words: Words, *, beside: float, titled: bool) -> None:
    """Show what the shades mean, above the plot at the right; nothing where there is no room."""
    font = canvas.size.font
    y = canvas.size.margin / 2 + font * 1.55 * (1.65 if titled else 0.5)
    low, high = words.number(0), words.number(_rounded(strongest))
    width = canvas.width_of(low) + canvas.width_of(high) + 5 * 22 + 16
    x = canvas.size.width - canvas.size.margin - width
    if x < beside + 16:
        return
    canvas.text(x, y + font * 0.35, low)
    x += canvas.width_of(low) + 6
    for number in range(5):
        box = Box(x + number * 22, y - font * 0.5, x + number * 22 + 21, y + font * 0.5)
        canvas.box(box, kind="heat", opacity=_shade(number / 4))
    canvas.text(x + 5 * 22 + 4, y + font * 0.35, high)


def _cell(canvas: Canvas, cell: Box, value: Value, strongest: float, says: str) -> None:
    if value is None:
        middle, y = (cell.left + cell.right) / 2, (cell.top + cell.bottom) / 2
        canvas.box(Box(middle - 3, y - 0.8, middle + 3, y + 0.8), kind="text", says=says)
    else:
        canvas.box(cell, kind="heat", says=says, opacity=_shade(value / strongest), round_by=2)


def _shade(part: float) -> float:
    return _FAINTEST + (STRONGEST - _FAINTEST) * min(1.0, max(0.0, part))


def _columns(canvas: Canvas, plot: Box, columns: Sequence[str], across: float) -> None:
    every = max(1, -(-int(room_for(canvas, columns) + 6) // max(1, int(across))))
    for column in range(0, len(columns), every):
        x = plot.left + (column + 0.5) * across
        half = canvas.width_of(columns[column]) / 2
        x = min(x, canvas.size.width - half)
        canvas.text(x, plot.bottom + canvas.size.font * 1.35, columns[column], anchor="middle")


def _rounded(value: float) -> float:
    return round(value) if value >= 2 else round(value, 2)
