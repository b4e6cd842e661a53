"""From what people typed to rich text: Discord's markdown as Discord shows it, and the game's plain lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from bridge.events import Mention, MentionKind
from bridge.text import discord_markup as markup_
from bridge.text.clean import clean, strip_codes
from bridge.text.value import (
    BREAK,
    PLAIN,
    Break,
    CodeBlock,
    Emoji,
    Link,
    Mentioned,
    Moment,
    MomentForm,
    Quote,
    RichText,
    Span,
    Style,
    Text,
)

UNKNOWN_NAME: Final = "unknown"  # for a snowflake whose name nobody told us
SUBTLE: Final = 0xAAAAAA
_DEEPEST: Final = 12  # styles inside styles; deeper ones are shown as typed
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONG_DIGITS: Final = 300_000_000_000  # seconds; beyond, a moment is no date
_HTTP: Final = re.compile("https?://")


def parse_markdown(markup: str, mentions: Iterable[Mention] = ()) -> RichText:
    """Return what Discord shows for *markup*.

    Args:
        markup: A message's content.
        mentions: The names behind the snowflakes in it; others are shown as ``@unknown``.
    """
    names = {(mention.kind, mention.id): mention.name for mention in mentions}
    return _Parser(clean(markup), names).parse()


def parse_game(text: str) -> RichText:
    """Return what a player typed: literal, without colour codes; web addresses become links."""
    text = strip_codes(clean(text))
    spans: list[Span | str] = []
    done = 0
    for found in markup_.URL.finditer(text):
        url = markup_.trimmed_url(found[0])
        spans += (text[done : found.start()], Link(url, url))
        done = found.start() + len(url)
    return RichText.of(*spans, text[done:])


class _Parser:
    """Reads one message from left to right; every rule is tried only where its first character stands."""

    def __init__(
        self, source: str, names: dict[tuple[MentionKind, str], str], *, quoted: bool = False
    ) -> None:
        self._source = source
        self._names = names
        self._quoted = quoted
        self._spans: list[Span] = []
        self._ticks: dict[int, list[int]] = {}
        for run in markup_.TICKS.finditer(source):
            self._ticks.setdefault(len(run[0]), []).append(run.start())
        self._brackets = _matching_brackets(source)

    def parse(self) -> RichText:
        """Return the whole message."""
        self._inline(0, len(self._source), PLAIN, depth=0)
        return RichText.of(*self._spans)

    def _inline(self, at: int, end: int, style: Style, *, depth: int) -> None:
        """Read ``source[at:end]``; blocks may begin at its lines only outside of every style."""
        source = self._source
        while at < end:
            if depth == 0 and (at == 0 or source[at - 1] == "\n"):
                after = self._block(at, end)
                if after > at:
                    at = after
                    continue
            found = markup_.NEXT.search(source, at, end)
            if found is None:
                self._text(source[at:end], style)
                return
            if found.start() > at:
                self._text(source[at : found.start()], style)
            at = found.start()
            after = self._special(at, end, style, depth=depth)
            if after == at:
                self._text(source[at], style)
                after = at + 1
            at = after

    def _text(self, text: str, style: Style) -> None:
        if text:
            self._spans.append(Text(text, style))

    def _special(self, at: int, end: int, style: Style, *, depth: int) -> int:
        """Read what begins at *at*; return where it ends, or *at* if nothing begins there."""
        if self._source[at] == "\n":
            self._spans.append(BREAK)
            return at + 1
        if self._source[at] == "[":
            return self._masked_link(at, end, style, depth=depth)
        if self._source[at] in _EMPHASES:
            return self._styled(at, end, style, depth=depth)
        if self._source[at] == "`":
            return self._code_block(at, end) or self._code(at, end, style) or at
        simple = {"\\": self._escape, "h": self._url, "<": self._entity}.get(self._source[at], self._shrug)
        return simple(at, end, style)

    def _escape(self, at: int, end: int, style: Style) -> int:
        found = markup_.ESCAPE.match(self._source, at, end)
        if found is None:
            return at
        self._text(found[1], style)
        return found.end()

    def _shrug(self, at: int, end: int, style: Style) -> int:
        if not self._source.startswith(markup_.SHRUG, at, end):
            return at
        self._text(markup_.SHRUG, style)
        return at + len(markup_.SHRUG)

    def _url(self, at: int, end: int, style: Style) -> int:
        found = markup_.URL.match(self._source, at, end)
        if found is None:
            return at
        url = markup_.trimmed_url(found[0])
        self._spans.append(Link(url, url, style))
        return at + len(url)

    def _styled(self, at: int, end: int, style: Style, *, depth: int) -> int:
        """Read emphasis; where two kinds begin the longer wins, as in Discord."""
        if depth >= _DEEPEST:
            return at
        best: re.Match[str] | None = None
        added = PLAIN
        for pattern, extra in _EMPHASES[self._source[at]]:
            found = pattern.match(self._source, at, end)
            if found is not None and (best is None or found.end() > best.end()):
                best, added = found, extra
        if best is None:
            return at
        self._inline(best.start(1), best.end(1), style.over(added), depth=depth + 1)
        return best.end()

    def _code(self, at: int, end: int, style: Style) -> int:
        """Read inline code; 0 if no run of as many backticks closes it."""
        run = markup_.TICKS.match(self._source, at, end)
        length = len(run[0]) if run else 0
        for ticks in sorted((known for known in self._ticks if known <= length), reverse=True):
            starts = self._ticks[ticks]
            index = bisect_left(starts, at + length)
            if index < len(starts) and starts[index] + ticks <= end:
                content = self._source[at + ticks : starts[index]].replace("\n", " ")
                self._text(_without_padding(content), style.over(Style(code=True)))
                return starts[index] + ticks
        return 0

    def _code_block(self, at: int, end: int) -> int:
        """Read a fenced block; 0 if there is none."""
        if not self._source.startswith(markup_.FENCE, at, end):
            return 0
        close = self._source.find(markup_.FENCE, at + 3, end)
        if close < 0 or not self._source[at + 3 : close].strip("\n"):
            return 0
        language = markup_.FENCE_LANGUAGE.match(self._source, at + 3, close)
        start = language.end() if language else at + 3
        content = self._source[start:close].strip("\n")
        if not content:
            language, content = None, self._source[at + 3 : close].strip("\n")
        self._block_span(CodeBlock(content, language[1] if language else ""))
        return self._past_newline(close + 3, end)

    def _block_span(self, span: Span) -> None:
        """Add a block, which stands on lines of its own."""
        if self._spans and isinstance(self._spans[-1], Break):
            self._spans.pop()
        self._spans.append(span)

    def _past_newline(self, at: int, end: int) -> int:
        return at + 1 if at < end and self._source[at] == "\n" else at

    def _masked_link(self, at: int, end: int, style: Style, *, depth: int) -> int:
        close = self._brackets.get(at, end)
        if depth >= _DEEPEST or close >= end or not self._source[at + 1 : close].strip():
            return at
        target = markup_.LINK_TARGET.match(self._source, close + 1, end)
        if target is None or _HTTP.match(self._source, at + 1, close):
            return at
        inner = len(self._spans)
        self._inline(at + 1, close, PLAIN, depth=depth + 1)
        label = RichText(tuple(self._spans[inner:])).plain.replace("\n", " ")
        self._spans[inner:] = [Link(label, target[1] or target[2], style)]
        return target.end()

    def _entity(self, at: int, end: int, style: Style) -> int:
        found = markup_.ENTITY.match(self._source, at, end)
        if found is None:
            return at
        span = self._entity_span(found, style)
        if span is None:
            return at
        self._spans.append(span)
        return found.end()

    def _entity_span(self, found: re.Match[str], style: Style) -> Span | None:
        kind = found.lastgroup
        if found["emoji"] is not None:
            return Emoji(found["emoji"], found["emoji_id"], bool(found["animated"]), style)
        if found["unix"] is not None:
            return _moment(found, style)
        if kind == "url":
            return Link(found["url"], found["url"], style)
        if kind == "command":
            return Text("/" + found["command"], style.over(Style(code=True)))
        mentioned = MentionKind(kind or "")
        name = self._names.get((mentioned, found[mentioned.value]), UNKNOWN_NAME)
        return Mentioned(mentioned, clean(name).replace("\n", " "), found[mentioned.value], style)

    def _block(self, at: int, end: int) -> int:
        """Read a quote, heading, subtext or a list's sign at a line's start; return where reading goes on."""
        source = self._source
        if not self._quoted:
            if rest := markup_.QUOTE_REST.match(source, at, end):
                self._quote(source[rest.end() : end])
                return end
            if quoted := self._quote_lines(at, end):
                return quoted
        if item := markup_.LIST_ITEM.match(source, at, end):
            sign = "•" if item[2] in "*-" else item[2]
            self._text(f"{item[1]}{sign} ", PLAIN)
            return self._line(item.end(), end, PLAIN)
        if heading := markup_.HEADING.match(source, at, end):
            return self._line(heading.end(), end, Style(bold=True))
        if subtext := markup_.SUBTEXT.match(source, at, end):
            return self._line(subtext.end(), end, Style(colour=SUBTLE))
        return at

    def _line(self, at: int, end: int, style: Style) -> int:
        stop = self._source.find("\n", at, end)
        stop = end if stop < 0 else stop
        self._inline(at, stop, style, depth=1)
        return stop

    def _quote_lines(self, at: int, end: int) -> int:
        lines: list[str] = []
        while at < end and (line := markup_.QUOTE_LINE.match(self._source, at, end)):
            lines.append(line[1])
            at = line.end()
        if lines:
            self._quote("\n".join(lines))
            return at
        return 0

    def _quote(self, content: str) -> None:
        self._block_span(Quote(_Parser(content, self._names, quoted=True).parse()))


_EMPHASES: Final = {
    "*": ((markup_.EMPHASIS_STAR, Style(italic=True)), (markup_.STRONG, Style(bold=True))),
    "_": ((markup_.EMPHASIS_LINE, Style(italic=True)), (markup_.UNDERLINE, Style(underline=True))),
    "~": ((markup_.STRIKE, Style(strikethrough=True)),),
    "|": ((markup_.SPOILER, Style(spoiler=True)),),
}


def _matching_brackets(source: str) -> dict[int, int]:
    """Return where each ``[`` is closed, in one pass; escaped brackets do not count."""
    matching: dict[int, int] = {}
    if "](" not in source:
        return matching
    opened: list[int] = []
    for found in re.finditer(r"\\[\s\S]|[\[\]]", source):
        if found[0] == "[":
            opened.append(found.start())
        elif found[0] == "]" and opened:
            matching[opened.pop()] = found.start()
    return matching


def _without_padding(code: str) -> str:
    """Return inline code without the blank that keeps a backtick from its fence."""
    if code.startswith(" ") and code.lstrip(" ").startswith("`"):
        code = code[1:]
    if code.endswith(" ") and code.rstrip(" ").endswith("`"):
        code = code[:-1]
    return code


def _moment(found: re.Match[str], style: Style) -> Moment | None:
    seconds = int(found["unix"])
    if abs(seconds) > _LONG_DIGITS:
        return None
    try:
        at = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return Moment(at, MomentForm(found["form"] or "f"), style)
