"""Foreign HTML as plain words: nothing of its markup is left, and nothing of it is believed."""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from html.parser import HTMLParser
from typing import Final

from bridge.text.clean import clean

_UNSEEN: Final = frozenset({"head", "noscript", "script", "style", "template", "textarea", "title"})
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure",
        "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
        "section", "table", "td", "th", "tr", "ul",
    }
)  # fmt: skip
_SPACES: Final = re.compile(r"[^\S\n]+")
_MOST: Final = 50_000  # characters; enough for any beginning that is shown


def plain_of_html(html: str) -> str:
    """Return what a reader of *html* would see, as lines of plain text; only its beginning if it is long."""
    html = html[:_MOST]
    # Behind the last ">" no tag is whole, and the parser would look for the end of each again and again.
    end = html.rfind(">") + 1
    words = _Words()
    with suppress(
        AssertionError
    ):  # the parser's own, for declarations that are none: what follows is left out
        words.feed(html[:end])
        words.close()
    words.handle_data(unescape(html[end:]))
    lines = (_SPACES.sub(" ", line).strip() for line in clean("".join(words.seen)).split("\n"))
    return "\n".join(filter(None, lines))


class _Words(HTMLParser):
    """Collects the text between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._unseen: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        """Begin a new line at a block; pass over what a reader does not see."""
        if self._unseen is None and tag in _UNSEEN:
            self._unseen = tag
        elif tag in _BLOCKS:
            self.seen.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        """Begin a new line at a block that has nothing in it."""
        if tag in _BLOCKS:
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line at the end of a block."""
        if tag == self._unseen:
            self._unseen = None
        elif tag in _BLOCKS:
            self.seen.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees; its own line ends are spaces."""
        if self._unseen is None:
            self.seen.append(data.replace("\n", " ").replace("\r", " "))
