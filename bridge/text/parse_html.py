"""Foreign HTML as rich text or plain words: what it says and how it looks, none of what it does. Pure.

Not part of the package's own names: few need it, and the parser that it brings stays in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

from bridge.text.clean import clean
from bridge.text.discord_markup import URL, trimmed_url
from bridge.text.value import BREAK, Link, RichText, Span, Style, Text

MOST_CHARACTERS: Final = 20_000  # of HTML; people write a few thousand, and we show fewer

_STYLES: Final = {
    "b": Style(bold=True),
    "strong": Style(bold=True),
    **{f"h{level}": Style(bold=True) for level in range(1, 7)},
    "th": Style(bold=True),
    "i": Style(italic=True),
    "em": Style(italic=True),
    "cite": Style(italic=True),
    "blockquote": Style(italic=True),
    "u": Style(underline=True),
    "ins": Style(underline=True),
    "s": Style(strikethrough=True),
    "del": Style(strikethrough=True),
    "strike": Style(strikethrough=True),
    "code": Style(code=True),
    "kbd": Style(code=True),
}
# Tags that stand on lines of their own; those with 2 have an empty line around them.
_BREAKS: Final = {
    **dict.fromkeys(("article", "aside", "dd", "details", "div", "dl", "dt", "figcaption", "figure"), 1),
    **dict.fromkeys(("footer", "header", "li", "main", "nav", "ol", "section", "summary", "tr", "ul"), 1),
    **dict.fromkeys(("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "table"), 2),
}
_CELLS: Final = frozenset({"td", "th"})
_SILENT: Final = frozenset(
    ("head", "iframe", "noscript", "object", "script", "style", "svg", "template", "textarea", "title")
)
_EMPTY: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_SPACE: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_DEEPEST: Final = 50  # tags inside tags; what is deeper has the look of what is around it


def parse_html(html: str, *, base: str = "") -> RichText:
    """Return what HTML says; links keep their address, which is made complete with *base*.

    Anything goes in: what cannot be read as HTML is read as well as possible. Of more than
    :data:`MOST_CHARACTERS` the beginning is read.
    """
    return _read(html, _Reader(base))


def plain_of_html(html: str) -> str:
    """Return the words of HTML as lines of plain text, without pictures and the marks of lists."""
    plain = _read(html, _Reader("", only_words=True)).plain
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(filter(None, lines))


def _read(html: str, reader: _Reader) -> RichText:
    html = html[:MOST_CHARACTERS]
    # Beyond it no tag is whole, and the parser would look for the end of each again and again.
    end = html.rfind(">") + 1
    try:
        reader.feed(html[:end])
        reader.close()
        reader.handle_data(unescape(html[end:]))
    except AssertionError:  # the parser's way to say that a <![…]> makes no sense
        return RichText.of(clean(unescape(_TAG.sub(" ", html))).strip())
    return reader.result()


def _linked(text: str, style: Style) -> Iterator[Text | Link]:
    """Yield text, with the addresses that somebody has only typed as links."""
    done = 0
    for found in URL.finditer(text):
        url = trimmed_url(found[0])
        yield Text(text[done : found.start()], style)
        yield Link(url, url, style)
        done = found.start() + len(url)
    yield Text(text[done:], style)


class _Reader(HTMLParser):
    """Writes spans while tags open and close; tags that are never closed, or never were open, do no harm."""

    def __init__(self, base: str, *, only_words: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self._base, self._only_words = base, only_words
        self._spans: list[Span] = []
        self._open: list[tuple[str, Style]] = []  # each with the look inside of it
        self._lists: list[int] = []  # the next number of each open list; 0 has none
        self._silent: str | None = None  # the tag whose content is not shown
        self._target: str | None = None  # of the open link
        self._label: list[str] = []
        self._breaks = 0  # asked for since the last word
        self._gap = False  # white space since the last word
        self._mark = ""  # of a list's item, before its first word

    def result(self) -> RichText:
        """Return what was read."""
        self._end_link()
        return RichText.of(*self._spans)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an opening tag."""
        if self._silent is not None:
            return
        if tag in _SILENT:
            self._silent = tag
            return
        self._break(_BREAKS.get(tag, 0))
        match tag:
            case "br":
                self._break(self._breaks + 1)
            case "img" if not self._only_words:
                self.handle_data(dict(attrs).get("alt") or "")
            case "a":
                self._begin_link(dict(attrs).get("href") or "")
            case "ul" | "ol":
                self._lists = [*self._lists[:_DEEPEST], int(tag == "ol")]
            case "li" if not self._only_words:
                self._mark = self._next_mark()
            case _ if tag in _CELLS:
                self._gap = True
        if tag not in _EMPTY and len(self._open) < _DEEPEST:
            self._open.append((tag, self._style.over(_STYLES.get(tag, Style()))))

    def handle_endtag(self, tag: str) -> None:
        """Take a closing tag, and close what was opened inside and never closed."""
        if self._silent is not None:
            self._silent = None if tag == self._silent else self._silent
            return
        self._break(_BREAKS.get(tag, 0))
        if tag == "a":
            self._end_link()
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Take text between tags."""
        if self._silent is not None:
            return
        if self._target is not None:
            self._label.append(data)
            return
        words = clean(data if self._verbatim else _SPACE.sub(" ", data))
        if self._verbatim:
            self._write(Text(words, self._style))
            return
        self._gap = self._gap or words.startswith(" ")
        self._write(*_linked(words.strip(" "), self._style))
        self._gap = self._gap or words.endswith(" ")

    @property
    def _style(self) -> Style:
        return self._open[-1][1] if self._open else Style()

    @property
    def _verbatim(self) -> bool:
        return any(name == "pre" for name, _ in self._open)

    def _break(self, count: int) -> None:
        self._breaks = max(self._breaks, min(count, 2))
        if count and self._target is not None:
            self._label.append(" ")

    def _write(self, *spans: Text | Link) -> None:
        """Add spans behind the line breaks or the space that came before them."""
        if not any(span.text if isinstance(span, Text) else span.label for span in spans):
            return
        if self._spans and self._breaks:
            self._spans += [BREAK] * self._breaks
        elif self._spans and self._gap:
            self._spans.append(Text(" "))
        if self._mark:
            self._spans.append(Text(self._mark))
        self._spans += spans
        self._breaks, self._gap, self._mark = 0, False, ""

    def _begin_link(self, href: str) -> None:
        self._end_link()
        try:
            target = urljoin(self._base, _SPACE.sub("", href))
        except ValueError:  # brackets that are no IPv6 address
            return
        if target.startswith(("https://", "http://")):
            self._target = clean(target).replace("\n", "")

    def _end_link(self) -> None:
        target, label, self._target, self._label = self._target, "".join(self._label), None, []
        if target is None:
            return
        self._gap = self._gap or label[:1].isspace()
        shown = " ".join(clean(label).split())
        self._write(Link(shown or target, target, self._style))
        self._gap = label[-1:].isspace()

    def _next_mark(self) -> str:
        if not self._lists or not self._lists[-1]:
            return "• "
        self._lists[-1] += 1
        return f"{self._lists[-1] - 1}. "
