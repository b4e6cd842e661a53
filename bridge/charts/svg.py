"""Charts as SVG: for pages, which give them their colours, or whole with a theme."""

from __future__ import annotations

from html import escape

from bridge.charts.bars import draw_bars
from bridge.charts.canvas import PICTURE, WIDE, Box, Canvas, Size
from bridge.charts.cells import draw_heat, draw_punches, heat_size
from bridge.charts.describe import described, figures
from bridge.charts.lines import draw_lines
from bridge.charts.spark import SPARK, draw_spark
from bridge.charts.themes import Theme
from bridge.charts.value import AnyChart, BarChart, HeatMap, LineChart, PunchCard, Sparkline
from bridge.charts.words import Words
from bridge.locales import Catalogue

_FONT = "DejaVu Sans, Noto Sans, sans-serif"


def to_svg(
    chart: AnyChart, catalogue: Catalogue, theme: Theme | None = None, *, size: Size | None = None
) -> str:
    """Return a chart as an SVG element.

    Args:
        chart: What is shown.
        catalogue: The reader's language.
        theme: The colours of a picture that stands alone; it then has its title and note inside. Without,
            the page's style sheet ``chart.css`` colours it.
        size: How large; by default as a page or a picture has room.
    """
    words = Words(catalogue)
    canvas = Canvas(_size(chart, size or (PICTURE if theme else WIDE), alone=theme is not None))
    _draw(canvas, chart, words, titled=theme is not None)
    if not any(value is not None for value in figures(chart)) and not isinstance(chart, Sparkline):
        middle = canvas.size.width / 2, canvas.size.height / 2
        canvas.text(*middle, words.say("nothing"), anchor="middle", kind="ink")
    about = f"<title>{escape(chart.title)}</title><desc>{escape(described(chart, words))}</desc>"
    width, height = canvas.size.width, canvas.size.height
    if theme is None:
        head = f'class="chart-drawing" viewBox="0 0 {width} {height}"'
        ground = ""
    else:
        head = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="{_FONT}"'
        under = Canvas(canvas.size)
        under.box(Box(0, 0, width, height), kind="ground")
        ground = f"<style>{theme.rules}</style>{under.marks}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {head} font-size="{canvas.size.font}">'
        f"{about}{ground}{canvas.marks}</svg>"
    )


def _size(chart: AnyChart, size: Size, *, alone: bool) -> Size:
    match chart:
        case Sparkline():
            return SPARK
        case HeatMap():
            return heat_size(size, len(chart.rows), most=500 if alone else None)
        case _:
            return size


def _draw(canvas: Canvas, chart: AnyChart, words: Words, *, titled: bool) -> None:
    match chart:
        case LineChart():
            draw_lines(canvas, chart, words, titled=titled)
        case BarChart():
            draw_bars(canvas, chart, words, titled=titled)
        case PunchCard():
            draw_punches(canvas, chart, words, titled=titled)
        case HeatMap():
            draw_heat(canvas, chart, words, titled=titled)
        case Sparkline():
            draw_spark(canvas, chart)
