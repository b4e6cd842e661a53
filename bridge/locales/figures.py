"""What the game counts, in words: the name of a figure, and its value with a unit."""

from __future__ import annotations

import re
from typing import Final

from bridge.locales.catalogue import Catalogue
from bridge.statistics.vanilla import CUSTOM, Unit, in_unit, unit_of
from bridge.text import to_plain

_DECIMAL: Final = {"en": ".", "fr": ","}
_LONG_M: Final = 1000.0  # from here on in kilometres
_DISTANCE: Final = re.compile(r"(.+)_one_cm")


def figure_name(catalogue: Catalogue, key: str) -> str:
    """Return what a figure is called: ``minecraft:mined/minecraft:stone`` is "Stone mined".

    The game's own figures and groups have words of ours; what mods and newer versions count is told by the
    words of its key, which are English.
    """
    if key.startswith(CUSTOM):
        return _custom(catalogue, key.removeprefix(CUSTOM))
    group, slash, thing = key.partition("/")
    section = "group" if slash else "total"
    sentence = f"vanilla.{section}.{_hyphened(group)}"
    if sentence in catalogue:
        return _capital(catalogue.plain(sentence, thing=_thing(catalogue, group, thing)))
    if not slash:
        return _capital(_spaced(group))
    return _capital(_spaced(thing))


def figure_value(catalogue: Catalogue, key: str, value: int) -> str:
    """Return a figure of the game with its unit: time in words, metres or kilometres, hearts, or a number."""
    amount = in_unit(key, value)
    match unit_of(key):
        case Unit.SECONDS:
            return catalogue.duration(amount)
        case Unit.METRES if amount >= _LONG_M:
            return catalogue.plain("vanilla.unit.kilometres", amount=_decimal(catalogue, amount / 1000))
        case Unit.METRES:
            return catalogue.plain("vanilla.unit.metres", amount=catalogue.number(round(amount)))
        case Unit.HEALTH:
            hearts = amount / 2
            return catalogue.plain("vanilla.unit.hearts", amount=_decimal(catalogue, hearts))
        case Unit.COUNT:
            return catalogue.number(value)


def advancement_name(catalogue: Catalogue, key: str) -> str:
    """Return what an advancement is called: ``minecraft:story/mine_stone`` is "Stone Age".

    Those of mods and data packs are told by the words of their key.
    """
    space, _, place = key.partition(":")
    if space == "minecraft":
        title = catalogue.game(f"advancements.{place.replace('/', '.')}.title")
        if title is not None:
            return to_plain(title)
    return _capital(_spaced(f"{space}:{place.rpartition('/')[2]}"))


def _custom(catalogue: Catalogue, name: str) -> str:
    sentence = f"vanilla.name.{_hyphened(name)}"
    if sentence in catalogue:
        return catalogue.plain(sentence)
    distance = _DISTANCE.fullmatch(name)
    if distance is not None:
        return catalogue.plain("vanilla.distance", way=_spaced(distance[1]))
    return _capital(_spaced(name))


def _thing(catalogue: Catalogue, group: str, thing: str) -> str:
    """Return a block, an item or a creature as it is called; creatures in the language, if the game's own."""
    if group in ("minecraft:killed", "minecraft:killed_by"):
        creature = catalogue.game(f"entity.{thing.replace(':', '.')}")
        if creature is not None:
            return to_plain(creature)
    return _spaced(thing)


def _spaced(name: str) -> str:
    """``minecraft:iron_ore`` is "iron ore", ``create:zinc_ore`` is "zinc ore (create)"."""
    space, colon, thing = name.partition(":")
    if not colon:
        return name.replace("_", " ")
    words = thing.replace("_", " ")
    return words if space == "minecraft" else f"{words} ({space})"


def _hyphened(name: str) -> str:
    return name.removeprefix("minecraft:").replace("_", "-")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _decimal(catalogue: Catalogue, value: float) -> str:
    """Return a number with one decimal, or none from 100 on, as the language writes it."""
    if value >= 100:
        return catalogue.number(round(value))
    return f"{value:.1f}".replace(".", _DECIMAL[catalogue.language])
