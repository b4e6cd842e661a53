"""Sentences with ``{placeholders}``: the sentence is markdown, what is put in is data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from bridge.text.clean import clean
from bridge.text.parse import parse_markdown
from bridge.text.value import CodeBlock, Link, Quote, RichText, Span, Text

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
_SLOTS: Final = re.compile("[\U000f0000-\U000f00ff]")
_LINK_SLOT: Final = "https://slot.invalid/"


class _Pattern(msgspec.Struct, frozen=True):
    sentence: RichText
    names: tuple[str, ...]


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
    return _filled(parsed.sentence, known)


@lru_cache(maxsize=1024)
def _parsed(pattern: str) -> _Pattern:
    names: list[str] = []

    def slot(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in names and len(names) == 256:
            return found[0]
        if name not in names:
            names.append(name)
        character = chr(_FIRST_SLOT + names.index(name))
        before = found.string[max(0, found.start() - 2) : found.start()]
        return _LINK_SLOT + character if before == "](" else character

    sentence = _PLACEHOLDER.sub(slot, _SLOTS.sub("", clean(pattern)))
    return _Pattern(parse_markdown(sentence), tuple(names))


def _value(name: str, values: Mapping[str, Value]) -> RichText:
    for known in (name, ALIASES.get(name, name)):
        if known in values:
            value = values[known]
            return value if isinstance(value, RichText) else RichText.of(clean(str(value)))
    return RichText.of(f"{{{name}}}")


def _filled(sentence: RichText, values: list[RichText]) -> RichText:
    parts: list[RichText | Span] = []
    for span in sentence.spans:
        match span:
            case Text():
                parts.extend(_pieces(span, values))
            case Link():
                parts.append(_filled_link(span, values))
            case Quote():
                parts.append(Quote(_filled(span.content, values)))
            case CodeBlock():
                parts.append(CodeBlock(_plainly(span.text, values), span.language))
            case _:
                parts.append(span)
    return RichText.of(*parts)


def _pieces(span: Text, values: list[RichText]) -> list[RichText | Span]:
    pieces: list[RichText | Span] = []
    done = 0
    for found in _SLOTS.finditer(span.text):
        pieces.append(Text(span.text[done : found.start()], span.style))
        pieces.append(values[ord(found[0]) - _FIRST_SLOT].styled(span.style))
        done = found.end()
    pieces.append(Text(span.text[done:], span.style))
    return pieces


def _plainly(text: str, values: list[RichText]) -> str:
    return _SLOTS.sub(lambda found: values[ord(found[0]) - _FIRST_SLOT].plain, text)


def _filled_link(link: Link, values: list[RichText]) -> Span:
    label = _plainly(link.label, values).replace("\n", " ")
    url = _plainly(link.url, values).removeprefix(_LINK_SLOT) if _SLOTS.search(link.url) else link.url
    if not re.fullmatch(r"https?://[^\s<>]+", url):
        return Text(label, link.style)
    return Link(label, url, link.style, trusted=True)
