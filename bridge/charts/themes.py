"""The colours of charts: from the style sheet on pages, from here in pictures. Okabe and Ito's for series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DASHES: Final = ("", "8 4", "2 4", "10 3 2 3", "5 3", "12 5")
_WIDTHS: Final = (2.6, 1.4, 3.2, 1.6, 0.8, 2.0)
_DENSE: Final = 150  # points from which on dashes are lost in the turns of a line

STRONGEST: Final = 0.8
"""How opaque the strongest shade of a heat map is: text on it is still read."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line looks besides its colour."""

    width: float = 2.0
    dashes: str = ""


def strokes(lines: int, points: int) -> tuple[Stroke, ...]:
    """Return what tells lines apart for those who do not tell their colours apart."""
    if lines == 1:
        return (Stroke(),)
    if points > _DENSE:
        return tuple(Stroke(width) for width in _WIDTHS[:lines])
    return tuple(Stroke(dashes=dashes) for dashes in _DASHES[:lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of a picture."""

    ground: str
    ink: str
    quiet: str
    grid: str
    heat: str
    series: tuple[str, str, str, str, str, str]

    @property
    def rules(self) -> str:
        """The style sheet inside a picture, for the classes that charts are drawn with."""
        rules = {
            "ground": f"fill:{self.ground}",
            "ink": f"fill:{self.ink}",
            "text": f"fill:{self.quiet}",
            "grid": f"stroke:{self.grid}",
            "edge": f"stroke:{self.ground}",
            "heat": f"fill:{self.heat}",
        }
        for number, colour in enumerate(self.series):
            rules[f"line{number}"] = f"stroke:{colour}"
            rules[f"fill{number}"] = f"fill:{colour}"
        return "".join(f".ch-{name}{{{rule}}}" for name, rule in rules.items())


DARK: Final = Theme(
    ground="#2b2d31",  # what Discord shows messages on
    ink="#f2f3f5",
    quiet="#b9bec6",
    grid="#44474e",
    heat="#0072b2",
    series=("#56b4e9", "#e69f00", "#2bbd92", "#de94b9", "#f2f3f5", "#f0e442"),
)
LIGHT: Final = Theme(
    ground="#ffffff",
    ink="#14201b",
    quiet="#50605a",
    grid="#d8dfdb",
    heat="#0072b2",
    series=("#0072b2", "#d55e00", "#00805d", "#b4588a", "#14201b", "#9a6a00"),
)
