"""The game's own sentences, matched to the keys of its language files.

The texts are in ``wording.json`` beside this module: every English text of every key from 1.7 to 26.1.
"""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec


class _Wording(msgspec.Struct):
    deaths: dict[str, list[str]]
    advancements: dict[str, list[str]]
    achievements: dict[str, list[str]]
    disconnects: dict[str, list[str]]


class Death(NamedTuple):
    """A sentence about a death, without its victim."""

    key: str
    killer: str | None = None
    item: str | None = None


class _Template(NamedTuple):
    """One of the game's texts with arguments, cut at them."""

    key: str
    head: str  # before the first argument
    middle: str  # between two arguments; empty when there is one
    foot: str  # after the last one
    order: str  # which arguments stand there: "2" the killer, "3" the item
    strict: bool = True  # otherwise the killer is one word and the item has no brackets


_ARGUMENT: Final = re.compile(r"%(?:(\d)\$)?s")
_BED: Final = "death.attack.badRespawnPoint.message"
_DOUBLES: Final = frozenset(
    {"death.attack.netherBed.message", "death.attack.player", "death.attack.player.item"}
)
"""Keys whose text another key has as well; the other key is told, ``.player`` by the caller where it fits."""
TOO_LONG: Final = "death.attack.message_too_long"

_WORDING: Final = msgspec.json.decode(
    files("bridge.minecraft.log").joinpath("wording.json").read_bytes(), type=_Wording
)


def _tails() -> list[tuple[str, str]]:
    """Every sentence after its victim with its key."""
    return [
        (key, text.removeprefix("%1$s "))
        for key, texts in _WORDING.deaths.items()
        for text in texts
        if key != TOO_LONG and key not in _DOUBLES
    ]


def _template(key: str, tail: str, *, strict: bool = True) -> _Template:
    """Cut a tail at its arguments; the game writes an item, and the bed's joke, in brackets."""
    if strict:
        tail = tail.replace("%3$s", "[%3$s]")
    if key == _BED:
        tail = tail.replace("%2$s", "[%2$s]")
    parts = _ARGUMENT.split(tail)
    order = "".join(parts[1::2])
    return _Template(key, parts[0], parts[2] if len(order) == 2 else "", parts[-1], order, strict)


def _templates() -> dict[str, tuple[_Template, ...]]:
    """By the first two words: with an item, with an item that lacks brackets, without; long ones first."""
    tails = sorted(
        ((key, tail) for key, tail in _tails() if "%" in tail),
        key=lambda pair: len(_ARGUMENT.sub("", pair[1])),
        reverse=True,
    )
    with_item = [(key, tail) for key, tail in tails if "%3$s" in tail]
    found: defaultdict[str, list[_Template]] = defaultdict(list)
    for key, tail in with_item:
        found[_opening(tail)].append(_template(key, tail))
    for key, tail in tails:
        if tail.endswith(" using magic"):
            found[_opening(tail)].append(_template(key, tail))
    for key, tail in with_item:  # before 1.7 an item stood without brackets
        if tail.endswith("%3$s"):
            found[_opening(tail)].append(_template(key, tail, strict=False))
    for key, tail in tails:
        if "%3$s" not in tail:
            found[_opening(tail)].append(_template(key, tail))
    return {opening: tuple(templates) for opening, templates in found.items()}


def _opening(tail: str) -> str:
    """The first two words, which every template begins with literally."""
    first, _, rest = tail.partition(" ")
    return f"{first} {rest.partition(' ')[0]}"


_EXACT: Final = {tail: key for key, tail in _tails() if "%" not in tail}
_BY_OPENING: Final = _templates()
DEATH_VERBS: Final = frozenset(tail.partition(" ")[0] for _, tail in _tails())
"""The words that can follow the victim's name."""
TOO_LONG_OPENINGS: Final = tuple(text.removesuffix("%s") for text in _WORDING.deaths[TOO_LONG])


def death(tail: str) -> Death | None:
    """Return what a sentence such as ``was slain by Zombie`` tells, or None: the game has no such text."""
    if (key := _EXACT.get(tail)) is not None:
        return Death(key)
    second = tail.find(" ", tail.find(" ") + 1)
    for template in _BY_OPENING.get(tail[:second], ()):
        if tail.startswith(template.head) and tail.endswith(template.foot):
            body = tail[len(template.head) : len(tail) - len(template.foot)]
            told = _read(template, body)
            if told is not None:
                return told
    return None


def _read(template: _Template, body: str) -> Death | None:
    """The killer and the item in what stands between a template's head and foot."""
    key = template.key
    if not template.middle:
        if key == _BED:
            return Death(key)
        return Death(key, body) if body else None
    first, middle, second = body.partition(template.middle)
    if not middle or not first or not second or (not template.strict and " " in first):
        return None
    return Death(key, first, second) if template.order == "23" else Death(key, second, first)


def _by_title(titles: dict[str, list[str]]) -> dict[str, str]:
    return {text: key for key, texts in reversed(titles.items()) for text in texts}


_ADVANCEMENTS: Final = _by_title(_WORDING.advancements)
_ACHIEVEMENTS: Final = _by_title(_WORDING.achievements)


def advancement_key(title: str) -> str | None:
    """Return the key of an advancement's title, or None when it is not the game's own."""
    return _ADVANCEMENTS.get(title)


def achievement_key(title: str) -> str | None:
    """Return the key of the title of an achievement before 1.12."""
    return _ACHIEVEMENTS.get(title)


_COMPONENT: Final = re.compile(
    r"(?:Text|Literal)Component\w*\{text='(?P<text>.*?)'(?:, siblings=\[(?P<more>.*)\])?, ?s", re.DOTALL
)
_TRANSLATED: Final = re.compile(
    r"Translatable\w*\{key='(?P<key>[^']+)'(?:, args=\[(?P<args>.*?)\])?", re.DOTALL
)
_RAW_KEY: Final = re.compile(r"(?:multiplayer\.)?disconnect\.[\w.]+")


def reason(text: str) -> str:
    """Return a reason as people read it: 1.7 to 1.11 write components, older servers write keys."""
    if "Component{" in text:
        return _component(text)
    if _RAW_KEY.fullmatch(text):
        return _told(text)
    return text


def _component(text: str) -> str:
    if found := _TRANSLATED.match(text):
        return _told(found["key"], (found["args"] or "").strip())
    if found := _COMPONENT.match(text):
        more = re.findall(r"Component\w*\{text='(.*?)'", found["more"] or "")
        return found["text"] + "".join(more)
    return text


def _told(key: str, argument: str = "") -> str:
    texts = _WORDING.disconnects.get(key)
    if not texts:
        return argument or key
    if "%s" in texts[0]:
        return texts[0].replace("%s", argument.strip("'\"")).rstrip() if argument else key
    return texts[0]
