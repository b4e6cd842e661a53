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
    key: str
    pattern: re.Pattern[str]


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


def _pattern(tail: str, *, brackets: bool) -> re.Pattern[str]:
    """The tail as a pattern; an item stands in brackets, before 1.7 it may stand without."""

    def group(found: re.Match[str]) -> str:
        if found[1] == "2":
            return "(?P<killer>.+)" if brackets else r"(?P<killer>\S+)"
        return r"\[(?P<item>.*)\]" if brackets else "(?P<item>.+)"

    escaped = _ARGUMENT.sub(lambda found: f"\0{found[1]}", tail)
    return re.compile(re.sub("\0(\\d)", group, re.escape(escaped).replace("\\\0", "\0")), re.DOTALL)


def _weight(tail: str) -> tuple[bool, int]:
    """Templates with an item first, then those with more words of their own."""
    return ("%3$s" in tail, len(_ARGUMENT.sub("", tail)))


def _templates() -> dict[str, tuple[_Template, ...]]:
    found: defaultdict[str, list[_Template]] = defaultdict(list)
    tails = sorted(((key, tail) for key, tail in _tails() if "%" in tail), key=lambda pair: _weight(pair[1]))
    for key, tail in reversed(tails):
        shape = "was killed by \\[(?P<link>.+)\\]" if key == _BED else None
        pattern = re.compile(shape) if shape else _pattern(tail, brackets=True)
        found[_opening(tail)].append(_Template(key, pattern))
    for key, tail in reversed(tails):
        if "%3$s" in tail and "%3$s trying" not in tail and "%3$s while" not in tail:
            _before_plain(found[_opening(tail)], _Template(key, _pattern(tail, brackets=False)))
    return {opening: tuple(templates) for opening, templates in found.items()}


def _before_plain(templates: list[_Template], loose: _Template) -> None:
    """Put a loose pattern before those without an item, except ``using magic`` and the like."""
    at = next(
        (
            index
            for index, template in enumerate(templates)
            if "<item>" not in template.pattern.pattern and not template.pattern.pattern.endswith("magic")
        ),
        len(templates),
    )
    templates.insert(at, loose)


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
    first, _, rest = tail.partition(" ")
    for key, pattern in _BY_OPENING.get(f"{first} {rest.partition(' ')[0]}", ()):
        if (found := pattern.fullmatch(tail)) is not None:
            fields = found.groupdict()
            return Death(key, fields.get("killer"), fields.get("item"))
    return None


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
