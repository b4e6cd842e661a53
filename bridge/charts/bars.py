"""Figures by kind as bars, side by side or one on the other."""

from __future__ import annotations

from bridge.charts.canvas import Box, Canvas
from bridge.charts.plot import Around, framed, grid, height_of, names, room_for
from bridge.charts.scales import Scale, scale
from bridge.charts.value import BarChart, Series, Value
from bridge.charts.words import Words

_WIDEST: float = 72


def draw_bars(canvas: Canvas, chart: BarChart, words: Words, *, titled: bool) -> None:
    """Draw a chart of bars."""
    axis = scale(_reached(chart), most=max(3, canvas.size.height // 55))
    around = Around(
        above=words.measured(chart.label, chart.unit),
        below=chart.label_of_bars,
        legend=names(chart.series),
        title=chart.title if titled else "",
        note=chart.note if titled else "",
    )
    left = room_for(canvas, [words.number(tick, axis.digits) for tick in axis.ticks])
    plot = framed(canvas, around, left=left)
    grid(canvas, plot, axis, words)
    width = plot.width / max(1, len(chart.labels))
    _labels(canvas, plot, chart, width)
    for index, label in enumerate(chart.labels):
        middle = plot.left + (index + 0.5) * width
        half = min(width * 0.8, _WIDEST * (1 if chart.stacked else len(chart.series))) / 2
        place = Box(middle - half, plot.top, middle + half, plot.bottom)
        bars = _Bars(canvas, plot, axis, chart, words)
        if chart.stacked:
            bars.stack(place, index, label)
        else:
            bars.beside(place, index, label)


class _Bars:
    """Draws the bars of one label."""

    def __init__(self, canvas: Canvas, plot: Box, axis: Scale, chart: BarChart, words: Words) -> None:
        self._canvas, self._plot, self._axis, self._chart, self._words = canvas, plot, axis, chart, words

    def beside(self, place: Box, index: int, label: str) -> None:
        """Draw a bar for each series, one beside the other."""
        width = place.width / len(self._chart.series)
        for number, series in enumerate(self._chart.series):
            left = place.left + number * width
            value = series.values[index]
            self._bar(left, left + max(1, width - 1), 0, value, number, says=self._says(series, value, label))
            if value is not None:
                self._figure(left + width / 2, value, width)

    def stack(self, place: Box, index: int, label: str) -> None:
        """Draw the bars of all series one on the other; those below zero hang from it."""
        above = below = 0.0
        for number, series in enumerate(self._chart.series):
            value = series.values[index]
            foot = above if (value or 0) >= 0 else below
            self._bar(place.left, place.right, foot, value, number, says=self._says(series, value, label))
            above, below = above + max(0, value or 0), below + min(0, value or 0)

    def _bar(self, left: float, right: float, foot: float, value: Value, number: int, *, says: str) -> None:
        ground = height_of(self._plot, self._axis, foot)
        if value is None:
            middle = (left + right) / 2
            self._canvas.box(Box(middle - 3, ground - 4, middle + 3, ground - 2.5), kind="text", says=says)
            return
        tip = height_of(self._plot, self._axis, foot + value)
        gap = 1 if foot and abs(tip - ground) > 2 else 0  # so that what is stacked is told apart
        box = Box(left, min(tip, ground), right, max(tip, ground) - gap)
        self._canvas.box(box, kind=f"fill{number}", says=says, round_by=min(2, box.width / 4))

    def _figure(self, x: float, value: float, width: float) -> None:
        """Write the figure above its bar where there is room."""
        said = self._words.number(value)
        if self._canvas.width_of(said) <= width + 2 and value >= 0:
            y = height_of(self._plot, self._axis, value) - 4
            self._canvas.text(x, y, said, anchor="middle", kind="ink")

    def _says(self, series: Series, value: Value, label: str) -> str:
        said = self._words.amount(value, self._chart.unit)
        return self._words.say("bar", name=series.name, label=label, value=said)


def _reached(chart: BarChart) -> list[Value]:
    """Return the figures that the axis must hold."""
    if not chart.stacked:
        return [value for series in chart.series for value in series.values]
    columns = list(zip(*(series.values for series in chart.series), strict=True))
    tops: list[Value] = [sum(max(0, value or 0) for value in column) for column in columns]
    return tops + [sum(min(0, value or 0) for value in column) for column in columns]


def _labels(canvas: Canvas, plot: Box, chart: BarChart, width: float) -> None:
    """Write as many labels as there is room for, at equal distances."""
    widest = room_for(canvas, chart.labels) + 6
    every = max(1, -(-int(widest) // max(1, int(width))))
    for index in range(0, len(chart.labels), every):
        middle = plot.left + (index + 0.5) * width
        half = canvas.width_of(chart.labels[index]) / 2
        middle = max(half, min(middle, canvas.size.width - half))
        canvas.text(middle, plot.bottom + canvas.size.font * 1.35, chart.labels[index], anchor="middle")
