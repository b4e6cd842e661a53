"""Figures over time as lines, broken where nothing is known."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from bridge.charts.canvas import Box, Canvas, short
from bridge.charts.clock import Form, Tick, ticks
from bridge.charts.plot import Around, Place, framed, grid, height_of, names, room_for
from bridge.charts.scales import scale
from bridge.charts.themes import Stroke, strokes
from bridge.charts.thin import MOST_POINTS, Points, thinned, with_gaps
from bridge.charts.value import LineChart, Value
from bridge.charts.words import Words, zone_name


def draw_lines(canvas: Canvas, chart: LineChart, words: Words, *, titled: bool) -> None:
    """Draw a chart over time."""
    begins, ends = chart.span
    points = _points(canvas, chart)
    looks = strokes(len(chart.series), len(points.times))
    figures = chain.from_iterable(points.columns)
    axis = scale(figures, from_zero=chart.from_zero, top=chart.top, most=max(3, canvas.size.height // 55))
    around = Around(
        above=words.measured(chart.label, chart.unit),
        below=words.say("time-axis", span=words.span(begins, ends, chart.zone), zone=zone_name(chart.zone)),
        legend=names(chart.series),
        lines=looks,
        title=chart.title if titled else "",
        note=chart.note if titled else "",
    )
    left = room_for(canvas, [words.number(tick, axis.digits) for tick in axis.ticks])
    plot = framed(canvas, around, left=left)
    grid(canvas, plot, axis, words)

    def place(at: float) -> float:
        return plot.left + (at - begins) / (ends - begins) * plot.width

    _times(canvas, plot, chart, words, place)
    ground = height_of(plot, axis, min(max(0.0, axis.low), axis.high))
    hold_s = chart.hold_s
    for number, (column, look) in enumerate(zip(points.columns, looks, strict=True)):
        for run in runs(points.times, column):
            until = [(min(run[-1][0] + hold_s, ends), run[-1][1])] if hold_s else []
            places = [(place(at), height_of(plot, axis, value)) for at, value in run + until]
            _line(canvas, chart, places, number, look, ground=ground)


def tick_label(tick: Tick, words: Words) -> str:
    """Return what stands at a tick of a time axis."""
    match tick.form:
        case Form.TIME:
            return words.time(tick.local)
        case Form.DAY:
            return words.day(tick.local)
        case Form.MONTH:
            return words.month(tick.local)
        case Form.YEAR:
            return str(tick.local.year)


def _times(
    canvas: Canvas, plot: Box, chart: LineChart, words: Words, place: Callable[[float], float]
) -> None:
    font = canvas.size.font
    most = max(2, int(plot.width / (font * 5.5)))
    free = 0.0  # where a label may begin that does not touch the one before
    for tick in ticks(*chart.span, chart.zone, most=most):
        x, label = place(tick.at), tick_label(tick, words)
        half = canvas.width_of(label) / 2
        canvas.rule(x, plot.bottom, x, plot.bottom + 4)
        middle = min(x, canvas.size.width - half - canvas.size.margin)
        if middle - half < free:
            continue
        free = middle + half + 4
        canvas.text(middle, plot.bottom + font * 1.35, label, anchor="middle")


def _points(canvas: Canvas, chart: LineChart) -> Points:
    """Return the points on the axis, as many as there is room for."""
    within = _within(Points(chart.times, tuple(series.values for series in chart.series)), *chart.span)
    most = min(MOST_POINTS, canvas.size.width * (1 + len(chart.series)) // 3)
    return thinned(with_gaps(within, chart.gap_s), most=most)


def _line(
    canvas: Canvas, chart: LineChart, places: list[Place], number: int, look: Stroke, *, ground: float
) -> None:
    """Draw a stretch in which every figure is known."""
    steps = _stepped(places) if chart.stepped else _joined(places)
    if chart.filled:
        closed = f"{steps}V{short(ground)}H{short(places[0][0])}Z"
        canvas.area(closed, kind=f"fill{number}", opacity=0.16)
    canvas.path(steps, kind=f"line{number}", width=look.width, dashes=look.dashes)


def runs(times: Sequence[float], column: Sequence[Value]) -> Iterator[list[tuple[float, float]]]:
    """Yield the stretches of a column in which every figure is known."""
    run: list[tuple[float, float]] = []
    for at, value in zip(times, column, strict=True):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _within(points: Points, begins: float, ends: float) -> Points:
    """Return the points on the axis, and no others."""
    first, last = bisect_left(points.times, begins), bisect_right(points.times, ends)
    return Points(points.times[first:last], tuple(column[first:last] for column in points.columns))


def _joined(places: list[Place]) -> str:
    if len(places) == 1:
        return f"M{short(places[0][0] - 0.5)} {short(places[0][1])}h1"  # a dot, as ends are round
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in places)


def _stepped(places: list[Place]) -> str:
    if len(places) == 1:
        return _joined(places)
    first, *rest = places
    return f"M{short(first[0])} {short(first[1])}" + "".join(f"H{short(x)}V{short(y)}" for x, y in rest)
