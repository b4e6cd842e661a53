"""Marks on a drawing: SVG elements that get their colours from classes; our pages allow no inline styles."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Anchor = Literal["start", "middle", "end"]

_NARROW: Final = frozenset("iljtfrI.,:;'\u2019|!()[]/ \u00a0\u202f")
_WIDE: Final = frozenset("mwMW%@—")
_SMALLEST: Final = 0.6  # of the size of other texts


@dataclass(frozen=True, slots=True)
class Size:
    """How large a drawing is, in pixels, and its text."""

    width: int
    height: int
    font: int = 13
    margin: int = 2  # left free at each side


WIDE: Final = Size(840, 370)
"""On a page with room."""

NARROW: Final = Size(360, 280, 12)
"""On a phone."""

PICTURE: Final = Size(800, 400, 14, 12)
"""In Discord and mail."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a drawing."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top


class Canvas:
    """Collects the marks of a drawing."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._marks: list[str] = []

    @property
    def marks(self) -> str:
        """Everything drawn so far."""
        return "".join(self._marks)

    def width_of(self, text: str) -> float:
        """Return about how wide a text is; rather too wide, as every reader has another font."""
        return sum(_width(letter) for letter in text) * self.size.font

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: Anchor = "start",
        kind: str = "text",
        bold: bool = False,
        room: float = 0,
    ) -> None:
        """Write a text with its baseline at *y*; smaller, where it would be wider than *room*."""
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        looks = ' font-weight="bold"' if bold else ""
        if room and (width := self.width_of(text)) > room:
            looks += f' font-size="{short(self.size.font * max(room / width, _SMALLEST))}"'
        self._marks.append(
            f'<text class="ch-{kind}" x="{short(x)}" y="{short(y)}"{at}{looks}>{escape(text)}</text>'
        )

    def rule(
        self, x1: float, y1: float, x2: float, y2: float, *, kind: str = "grid", width: float = 1
    ) -> None:
        """Draw a straight line."""
        self._marks.append(
            f'<path class="ch-{kind}" fill="none" stroke-width="{width}" '
            f'd="M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}"/>'
        )

    def path(self, steps: str, *, kind: str, width: float = 2, dashes: str = "") -> None:
        """Draw a line."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ' stroke-linecap="round"'
        self._marks.append(
            f'<path class="ch-{kind}" fill="none" stroke-width="{width}" stroke-linejoin="round"{dashed} '
            f'd="{steps}"/>'
        )

    def area(self, steps: str, *, kind: str, opacity: float) -> None:
        """Fill what a line encloses."""
        self._marks.append(f'<path class="ch-{kind}" fill-opacity="{opacity}" d="{steps}"/>')

    def box(self, box: Box, *, kind: str, says: str = "", opacity: float = 1, round_by: float = 0) -> None:
        """Fill a rectangle; *says* appears under the mouse."""
        faint = "" if opacity == 1 else f' fill-opacity="{short(opacity, 2)}"'
        rounded = f' rx="{short(round_by)}"' if round_by else ""
        self._marks.append(
            f'<rect class="ch-{kind}" x="{short(box.left)}" y="{short(box.top)}" '
            f'width="{short(box.width)}" height="{short(box.height)}"{rounded}{faint}{_end("rect", says)}'
        )

    def dot(self, x: float, y: float, radius: float, *, kind: str, says: str = "") -> None:
        """Fill a circle; *says* appears under the mouse."""
        self._marks.append(
            f'<circle class="ch-{kind}" cx="{short(x)}" cy="{short(y)}" r="{short(radius, 2)}"'
            f"{_end('circle', says)}"
        )


def short(number: float, digits: int = 1) -> str:
    """Return a number as a drawing needs it, in few letters."""
    return f"{number:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{number:.0f}"


def _end(element: str, says: str) -> str:
    return f"><title>{escape(says)}</title></{element}>" if says else "/>"


def _width(letter: str) -> float:
    if letter in _NARROW:
        return 0.38
    return 0.95 if letter in _WIDE else 0.64
