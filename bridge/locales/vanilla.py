"""The game's own sentences: its placeholders, deaths and the names of its mobs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from bridge.events import PlayerDied
from bridge.locales.files import BASE, entity_keys, game_sentences
from bridge.text import RichText, clean, text

_ARGUMENT: Final = re.compile(r"%(?:(?P<number>[1-9])\$)?s|%%")
_DESIGN_MESSAGES: Final = {
    "death.attack.badRespawnPoint.message": "death.attack.badRespawnPoint.link",
    "death.attack.netherBed.message": "death.attack.netherBed.link",
}


def sentence(language: str, key: str, args: Sequence[RichText | str]) -> RichText | None:
    """Return the game's sentence for *key* with *args* in it; ``None`` if there is none.

    Arguments are ``%s`` in order or ``%2$s`` by number; one that is missing is left out.
    """
    pattern = game_sentences(language).get(key) or game_sentences(BASE).get(key)
    if pattern is None:
        return None
    parts: list[RichText | str] = []
    done = 0
    following = 0
    for found in _ARGUMENT.finditer(pattern):
        parts.append(pattern[done : found.start()])
        done = found.end()
        if found[0] == "%%":
            parts.append("%")
            continue
        index = int(found["number"]) - 1 if found["number"] else following
        following += not found["number"]
        parts.append(args[index] if index < len(args) else "")
    return RichText.of(*parts, pattern[done:])


def wants(language: str, key: str) -> int:
    """Return how many arguments the game's sentence for *key* needs; 0 if there is none."""
    pattern = game_sentences(language).get(key, "")
    numbers = [int(found["number"] or 0) for found in _ARGUMENT.finditer(pattern)]
    return max([*numbers, sum(number == 0 for number in numbers)], default=0)


def entity(language: str, name: str) -> str:
    """Return a mob's English *name* in *language*; any other name as it is."""
    key = entity_keys(BASE).get(name)
    return game_sentences(language).get(key, name) if key else name


def killer(language: str, name: str) -> str:
    """Return a mob as it is named inside a sentence, with its article; any other name as it is."""
    key = entity_keys(BASE).get(name, "").replace("entity.", "killer.", 1)
    return game_sentences(language).get(key) or entity(language, name)


def death(language: str, event: PlayerDied, players: Collection[str]) -> RichText:
    """Return how a player died; in the log's words where the game has none, or too little is known."""
    player = text(clean(event.player), bold=True)
    as_logged = player + " " + clean(event.text)
    if event.key is None or "%1$s" not in game_sentences(BASE).get(event.key, ""):
        return as_logged  # not one of the game's, or one about no player
    known = 1 + bool(event.killer) + bool(event.killer and event.item)
    if event.key not in _DESIGN_MESSAGES and wants(BASE, event.key) > known:
        return as_logged
    killer = _killer(language, event, players)
    item = f"[{clean(event.item).removeprefix('[').removesuffix(']')}]" if event.item else ""
    return sentence(language, event.key, (player, killer, item)) or as_logged


def _killer(language: str, event: PlayerDied, players: Collection[str]) -> RichText | str:
    if event.key in _DESIGN_MESSAGES:
        link = sentence(language, _DESIGN_MESSAGES[event.key], ())
        return RichText.of("[", link or "", "]")
    name = clean(event.killer or "")
    if name in players or name == event.player:
        return name
    return killer(language, name)
