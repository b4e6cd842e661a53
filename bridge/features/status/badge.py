"""A badge as other sites show it: two words side by side, in a picture of a width known beforehand. Pure."""

from __future__ import annotations

import unicodedata
from html import escape
from typing import Final

from bridge.features.servers import State
from bridge.text import clean

LONGEST_LABEL: Final = 40  # characters

# In tenths of a pixel, at 11 pixels; the picture says the sum, so that other fonts are squeezed to fit.
_WIDTHS: Final = {
    **dict.fromkeys("ijl.,:;'|!I", 36),
    **dict.fromkeys(' ft()[]{}/\\r-"`', 46),
    **dict.fromkeys("abcdeghknopqsuvxyzJ0123456789_?$*#^~+=<>", 68),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ&", 78),
    **dict.fromkeys("mwMW%@", 105),
}
_OTHER, _WIDE = 75, 120
_PADDING: Final = 6  # pixels at either side of a word
_COLOURS: Final = {State.UP: "#00785a", State.DOWN: "#b04400", State.UNKNOWN: "#56646b"}
_LABEL_COLOUR: Final = "#3b4742"
_FONTS: Final = "Verdana,Geneva,DejaVu Sans,sans-serif"


def badge(label: str, message: str, state: State, *, rounded: bool = True) -> bytes:
    """Return the badge as SVG without script, style or anything from elsewhere."""
    label, message = _shown(label), _shown(message)
    told = escape(f"{label}: {message}" if label else message)
    left = _width(label) + 2 * _PADDING if label else 0
    right = _width(message) + 2 * _PADDING
    radius = 3 if rounded else 0
    boxes = f'<rect width="{left + right}" height="20" rx="{radius}" fill="{_COLOURS[state]}"/>'
    if label:
        boxes += f'<path fill="{_LABEL_COLOUR}" d="{_left_box(left, radius)}"/>'
    words = _word(label, _PADDING) + _word(message, left + _PADDING)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{told}"><title>{told}</title>{boxes}'
        f'<g fill="#fff" font-family="{_FONTS}" font-size="11">{words}</g></svg>'
    ).encode()


def _shown(word: str) -> str:
    return " ".join(clean(word).split())


def _left_box(width: int, radius: int) -> str:
    """Return the outline of the label's box, whose right side is straight."""
    r = radius
    return f"M{r} 0H{width}V20H{r}" + (f"a{r} {r} 0 0 1-{r}-{r}V{r}a{r} {r} 0 0 1 {r}-{r}z" if r else "z")


def _word(word: str, left: int) -> str:
    if not word:
        return ""
    return f'<text x="{left}" y="14" textLength="{_width(word)}">{escape(word)}</text>'


def _width(word: str) -> int:
    """Return how wide a word is, in whole pixels."""
    return -(-sum(map(_width_of, word)) // 10)


def _width_of(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter):
        return 0
    plain = unicodedata.normalize("NFD", letter)[0]
    wide = unicodedata.east_asian_width(letter) in "WF"
    return _WIDE if wide else _WIDTHS.get(plain, _OTHER)
