"""Sentences with ``{placeholders}``: the sentence is markdown, what is put in is data.

Colours, which only the game shows, are written as players write them: ``&7``, ``&#5865f2``, ``&r`` to end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from bridge.text.clean import clean
from bridge.text.parse import parse_markdown
from bridge.text.value import PLAIN, CodeBlock, Link, Quote, RichText, Span, Style, Text

Value: TypeAlias = RichText | str | int

ALIASES: Final[Mapping[str, str]] = {
    "advancementname": "advancement",
    "channelname": "channel",
    "deathmessage": "death",
    "displayname": "player",
    "displaynamenoescapes": "player",
    "message": "text",
    "name": "player",
    "playercount": "online",
    "playermax": "max",
    "playername": "player",
    "toprole": "role",
    "user": "player",
    "username": "player",
}
"""Names in other tools' formats, and ours for the same thing."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_-]{0,39})\}|%([a-z][a-z0-9_-]{0,39})%")
_FIRST_SLOT: Final = 0xF0000  # private characters stand in for values while the sentence is parsed
_FIRST_COLOUR: Final = 0xF0100
_SLOTS: Final = re.compile("[\U000f0000-\U000f00ff]")
_MARKS: Final = re.compile("[\U000f0000-\U000f01ff]")
_COLOUR: Final = re.compile(r"&(#[0-9a-fA-F]{6}|[0-9a-fr](?![0-9A-Za-z]{0,20};))")  # not an HTML entity
_COLOURS: Final = (
    *(0x000000, 0x0000AA, 0x00AA00, 0x00AAAA, 0xAA0000, 0xAA00AA, 0xFFAA00, 0xAAAAAA),
    *(0x555555, 0x5555FF, 0x55FF55, 0x55FFFF, 0xFF5555, 0xFF55FF, 0xFFFF55, 0xFFFFFF),
)
_MOST: Final = 256  # different placeholders, and colours, in one sentence
_LINK_SLOT: Final = "https://slot.invalid/"


class _Pattern(msgspec.Struct, frozen=True):
    sentence: RichText
    names: tuple[str, ...]
    colours: tuple[int | None, ...]


def placeholders(pattern: str) -> frozenset[str]:
    """Return the names that *pattern* asks for, as written."""
    return frozenset(_parsed(pattern).names)


def template(pattern: str, values: Mapping[str, Value]) -> RichText:
    """Return the sentence *pattern* with *values* in place of its placeholders.

    Values are never read as markdown. A placeholder without a value is shown as it is written;
    names of other tools (``%displayname%``) stand for ours where there is no value of that name.
    """
    parsed = _parsed(pattern)
    known = [_value(name, values) for name in parsed.names]
    return _Filling(known, parsed.colours).of(parsed.sentence)


@lru_cache(maxsize=1024)
def _parsed(pattern: str) -> _Pattern:
    names: list[str] = []
    colours: list[int | None] = []

    def slot(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in names:
            if len(names) == _MOST:
                return found[0]
            names.append(name)
        character = chr(_FIRST_SLOT + names.index(name))
        before = found.string[max(0, found.start() - 2) : found.start()]
        return _LINK_SLOT + character if before == "](" else character

    def colour(found: re.Match[str]) -> str:
        value = _colour(found[1])
        if value not in colours:
            if len(colours) == _MOST:
                return found[0]
            colours.append(value)
        return chr(_FIRST_COLOUR + colours.index(value))

    sentence = _PLACEHOLDER.sub(slot, _COLOUR.sub(colour, _MARKS.sub("", clean(pattern))))
    return _Pattern(parse_markdown(sentence), tuple(names), tuple(colours))


def _colour(code: str) -> int | None:
    if code == "r":
        return None
    return int(code[1:], 16) if code.startswith("#") else _COLOURS[int(code, 16)]


def _value(name: str, values: Mapping[str, Value]) -> RichText:
    for known in (name, ALIASES.get(name, name)):
        if known in values:
            value = values[known]
            return value if isinstance(value, RichText) else RichText.of(clean(str(value)))
    return RichText.of(f"{{{name}}}")


class _Filling:
    """Puts values and colours where the sentence has marks for them, from left to right."""

    def __init__(self, values: Sequence[RichText], colours: Sequence[int | None]) -> None:
        self._values = values
        self._colours = colours
        self._style = PLAIN

    def of(self, sentence: RichText) -> RichText:
        """Return the filled sentence."""
        parts: list[RichText | Span] = []
        for span in sentence.spans:
            match span:
                case Text():
                    parts.extend(self._text(span))
                case Link():
                    parts.append(self._link(span))
                case Quote():
                    parts.append(Quote(self.of(span.content)))
                case CodeBlock():
                    parts.append(CodeBlock(self._plainly(span.text), span.language))
                case _:
                    parts.append(span)
        return RichText.of(*parts)

    def _text(self, span: Text) -> Iterator[RichText | Span]:
        done = 0
        for found in _MARKS.finditer(span.text):
            yield Text(span.text[done : found.start()], self._style.over(span.style))
            done = found.end()
            index = ord(found[0]) - _FIRST_SLOT
            if index < _MOST:
                yield self._values[index].styled(self._style.over(span.style))
            else:
                self._style = Style(colour=self._colours[index - _MOST])
        yield Text(span.text[done:], self._style.over(span.style))

    def _link(self, link: Link) -> Span:
        label = self._plainly(link.label).replace("\n", " ")
        url = self._plainly(link.url).removeprefix(_LINK_SLOT) if _SLOTS.search(link.url) else link.url
        if not re.fullmatch(r"https?://[^\s<>]+", url):
            return Text(label, link.style)
        return Link(label, url, link.style, trusted=True)

    def _plainly(self, text: str) -> str:
        return _MARKS.sub(self._plain_mark, text)

    def _plain_mark(self, found: re.Match[str]) -> str:
        index = ord(found[0]) - _FIRST_SLOT
        return self._values[index].plain if index < _MOST else ""
