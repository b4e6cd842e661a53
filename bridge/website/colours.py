"""A message of the day as HTML: the game's colours as classes of our own, everything else escaped."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Final

from markupsafe import Markup

from bridge.text import BREAK, RichText, Style, Text, clean
from bridge.text.render_html import in_style

# The game's sixteen by their code; the style sheet has a readable shade of each.
_CODES: Final = {
    0x000000: "0",
    0x0000AA: "1",
    0x00AA00: "2",
    0x00AAAA: "3",
    0xAA0000: "4",
    0xAA00AA: "5",
    0xFFAA00: "6",
    0xAAAAAA: "7",
    0x555555: "8",
    0x5555FF: "9",
    0x55FF55: "a",
    0x55FFFF: "b",
    0xFF5555: "c",
    0xFF55FF: "d",
    0xFFFF55: "e",
    0xFFFFFF: "f",
}


def coloured(rich: RichText) -> Markup:
    """Return text with its colours and looks; of other spans than text and line ends only what is read."""
    parts: list[str] = []
    for span in rich.spans:
        if span == BREAK:
            parts.append("<br>")
        elif isinstance(span, Text):
            parts.append(_coloured(escape(clean(span.text)), span.style))
        else:
            parts.append(escape(clean(RichText((span,)).plain)))
    return Markup("".join(parts))  # noqa: S704 - what came from outside is escaped


@lru_cache(maxsize=256)
def nearest(colour: int) -> str:
    """Return the code of the game's colour that is most like this one."""
    return _CODES[min(_CODES, key=lambda known: _distance(known, colour))]


def _distance(one: int, other: int) -> int:
    return sum(((one >> shift & 0xFF) - (other >> shift & 0xFF)) ** 2 for shift in (16, 8, 0))


def _coloured(content: str, style: Style) -> str:
    looks = in_style(content, style)
    return looks if style.colour is None else f'<span class="mc-{nearest(style.colour)}">{looks}</span>'
