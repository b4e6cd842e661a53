"""What charts with axes share: where the plot is, its grid, its legend, what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bridge.charts.canvas import Box, Canvas
from bridge.charts.scales import Scale
from bridge.charts.themes import Stroke
from bridge.charts.value import Series
from bridge.charts.words import Words

Place: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The texts around a plot."""

    above: str  # what the figures are, with their unit
    below: str  # what the places are
    legend: tuple[str, ...] = ()
    lines: tuple[Stroke, ...] = ()  # what the legend shows; areas, if nothing
    title: str = ""  # inside the drawing, where nothing else says it
    note: str = ""
    room: float = 0  # how high the row above the plot is at least


def framed(canvas: Canvas, around: Around, *, left: float) -> Box:
    """Write what stands around a plot and return the place that is left for it.

    Args:
        canvas: Where.
        around: What.
        left: How much room the labels left of the plot need.
    """
    size, row = canvas.size, canvas.size.font * 1.55
    room = size.width - 2 * size.margin
    y = size.margin / 2
    if around.title:
        y += row * 1.15
        canvas.text(size.margin, y - row * 0.35, around.title, kind="ink", bold=True, room=room)
    y += max(row, around.room)
    canvas.text(size.margin, y - row * 0.35, around.above)
    y = _legend(canvas, around, y=y, beside=size.margin + canvas.width_of(around.above) + 24)
    bottom = size.height - size.margin / 2 - row * (2 if around.below else 1)
    if around.note and around.title:
        canvas.text(size.margin, size.height - size.margin / 2 - row * 0.35, around.note, room=room)
        bottom -= row
    if around.below:
        canvas.text(size.width - size.margin, bottom + row * 1.65, around.below, anchor="end", room=room)
    return Box(left + size.margin + 8, y + 6, size.width - size.margin - 2, bottom)


def grid(canvas: Canvas, plot: Box, scale: Scale, words: Words) -> None:
    """Draw the ticks of the figures with their numbers; that of zero is stronger."""
    for tick in scale.ticks:
        y = height_of(plot, scale, tick)
        canvas.rule(plot.left, y, plot.right, y, width=1.6 if tick == 0 else 1)
        label = words.number(tick, scale.digits)
        canvas.text(plot.left - 6, y + canvas.size.font * 0.35, label, anchor="end")


def height_of(plot: Box, scale: Scale, value: float) -> float:
    """Return how far down a figure lies."""
    return plot.bottom - scale.part(value) * plot.height


def room_for(canvas: Canvas, labels: Sequence[str]) -> float:
    """Return how wide the widest label is."""
    return max(map(canvas.width_of, labels), default=0.0)


def names(series: tuple[Series, ...]) -> tuple[str, ...]:
    """Return what a legend tells apart; nothing where there is nothing to tell."""
    return tuple(each.name for each in series) if len(series) > 1 else ()


def _legend(canvas: Canvas, around: Around, *, y: float, beside: float) -> float:
    """Write the names of the series, beside the text that is there already or below; return where it ends."""
    font = canvas.size.font
    row = font * 1.55
    widths = [canvas.width_of(name) + 40 for name in around.legend]
    edge = canvas.size.margin
    x = canvas.size.width - edge - sum(widths) + 14
    if widths and x < beside:
        x, y = float(edge), y + row
    for number, (name, width) in enumerate(zip(around.legend, widths, strict=True)):
        if x + width - 14 > canvas.size.width - edge + 0.1 and x > edge:
            x, y = float(edge), y + row
        stroke = around.lines[number] if around.lines else None
        _sample(canvas, x, y - row * 0.35 - font * 0.35, number, stroke)
        canvas.text(x + 26, y - row * 0.35, name)
        x += width
    return y


def _sample(canvas: Canvas, x: float, y: float, number: int, stroke: Stroke | None) -> None:
    if stroke is not None:
        canvas.path(f"M{x:.1f} {y:.1f}h20", kind=f"line{number}", width=stroke.width, dashes=stroke.dashes)
    else:
        canvas.box(Box(x + 6, y - 6, x + 18, y + 6), kind=f"fill{number}", round_by=2)
