"""Round numbers along an axis of figures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bridge.charts.value import Value

_ROUND: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of figures: its ends, its ticks, and how many digits tell them apart."""

    low: float
    high: float
    ticks: tuple[float, ...]
    digits: int

    def part(self, value: float) -> float:
        """Return where a figure lies: 0 at the lower end, 1 at the upper."""
        return (value - self.low) / (self.high - self.low)


def scale(
    values: Iterable[Value], *, from_zero: bool = True, top: float | None = None, most: int = 6
) -> Scale:
    """Return an axis with at most some *most* ticks that holds every figure."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    known += [top] if top is not None else []
    low, high = min(known, default=0.0), max(known, default=1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + (1.0 if low == 0 else abs(low))
    step = _step((high - low) / max(1, most - 1), whole=all(value == round(value) for value in known))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(number * step for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, max(0, -math.floor(math.log10(step) + 1e-9)))


def _step(least: float, *, whole: bool) -> float:
    """Return the smallest round number that is not less; at least 1 between whole figures."""
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * each for each in _ROUND if power * each >= least * (1 - 1e-9))
    return max(step, 1.0) if whole else step
