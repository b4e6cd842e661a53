"""A line as high as a word, drawn or in letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.charts.canvas import Canvas, Size
from bridge.charts.lines import runs
from bridge.charts.value import Sparkline, Value

SPARK: Final = Size(120, 28, 12)
"""How large a sparkline is."""

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_UNKNOWN: Final = "·"


def draw_spark(canvas: Canvas, chart: Sparkline) -> None:
    """Draw a small line with a dot at its last figure."""
    known = [value for value in chart.values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    width, height = canvas.size.width - 8, canvas.size.height - 8
    step = width / max(1, len(chart.values) - 1)

    def y_of(value: float) -> float:
        return 4 + (height * (high - value) / (high - low) if high > low else height / 2)

    for run in runs([4 + index * step for index in range(len(chart.values))], chart.values):
        steps = "L".join(f"{x:.1f} {y_of(value):.1f}" for x, value in run)
        canvas.path(f"M{steps}" if len(run) > 1 else f"M{steps}h.1", kind="line0", width=1.6)
    if chart.values and (last := chart.values[-1]) is not None:
        canvas.dot(4 + width, y_of(last), 2.6, kind="fill0")


def spark_text(values: Sequence[Value], *, most: int = 24) -> str:
    """Return figures as small blocks, the highest of each stretch where there are more than *most*."""
    stretch = -(-len(values) // most) or 1
    parts = [values[index : index + stretch] for index in range(0, len(values), stretch)]
    tops = [max((value for value in part if value is not None), default=None) for part in parts]
    largest = max((top for top in tops if top is not None), default=0) or 1
    return "".join(_UNKNOWN if top is None else _BLOCKS[_step(top / largest)] for top in tops)


def _step(part: float) -> int:
    return min(len(_BLOCKS) - 1, max(0, round(part * (len(_BLOCKS) - 1))))
