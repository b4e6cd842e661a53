"""What can be a player's name, and which name a displayed one stands for."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

LONGEST_NAME: Final = 16
_SHAPE: Final = re.compile(r"[.*~!+$&@#^=-]?[\w.*+!~-]*\w[\w.*+!~-]*")
_ORDINARY: Final = re.compile(r"[A-Za-z0-9_]{3,16}")
_SECTION: Final = re.compile(r"§.?")
_LOST_SECTION: Final = re.compile(r"\?[0-9a-fk-orx]")
_DECORATION: Final = re.compile(r"^(?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|[~*+])[: ]*")
_TRAILING: Final = re.compile(r"\s*(?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\})$")
_SPEECH: Final = re.compile(r"(?<!\]):|[»«→>|]|::")

_MOBS: Final = """
Allay Armadillo Axolotl Bat Bee Blaze Bogged Breeze Camel Cat Chicken Cod Cow Creaking Creeper
Dolphin Donkey Drowned Enderman Endermite Evoker Fox Frog Ghast Giant Goat Guardian Hoglin Horse
Husk Illusioner Llama Mule Ocelot Panda Parched Parrot Phantom Pig Piglin Pillager Pufferfish Rabbit
Ravager Salmon Sheep Shulker Silverfish Skeleton Slime Sniffer Spider Squid Stray Strider Tadpole
Turtle Vex Villager Vindicator Warden Witch Wither Wolf Zoglin Zombie
"""
MOBS: Final = frozenset(_MOBS.split())
"""The game's creatures with a one-word name: never players unless known to be online."""


def without_codes(text: str) -> str:
    """Return *text* without the game's colour codes."""
    return _SECTION.sub("", text) if "§" in text else text


def plausible(name: str, *, prefix: str = ".") -> bool:
    """Tell whether *name* has the shape of an account's name; *prefix* marks Bedrock players."""
    if len(name) > LONGEST_NAME and not (
        prefix and name.startswith(prefix) and len(name) <= LONGEST_NAME + len(prefix)
    ):
        return False
    if _SHAPE.fullmatch(name):
        return True
    return (
        bool(prefix)
        and name.startswith(prefix)
        and _SHAPE.fullmatch(name[len(prefix) :].replace(" ", "_")) is not None
    )


def ordinary(name: str) -> bool:
    """Tell whether *name* is what a bought Java account can be called."""
    return _ORDINARY.fullmatch(name) is not None


def undecorated(display: str, known: Container[str], *, prefix: str = ".") -> str:
    """Return the account's name in a displayed one: ``[Red] Mira`` is Mira, if need be by its look alone.

    A known name wins; without one the decoration in brackets goes, then the last word counts. What has no
    plausible name in it comes back as it is.
    """
    if display in known:
        return display
    if (name := known_in(display, known)) is not None:
        return name
    bare = _TRAILING.sub("", display) or display
    while (shorter := _DECORATION.sub("", bare)) != bare and shorter:
        bare = shorter
    if plausible(bare, prefix=prefix):
        return bare
    last = bare.rpartition(" ")[2]
    return last if plausible(last, prefix=prefix) else display


def known_in(display: str, known: Container[str]) -> str | None:
    """Return the known name that a displayed one ends with, or begins with, or holds as a word."""
    words = re.split(r"[\s\[\](){}<>:|~»«]+", display)
    for word in reversed(words):
        if word and word in known:
            return word
    if "?" in display and (mended := _LOST_SECTION.sub("", display)) in known:
        return mended
    return None


def entity_before(prefix: str) -> bool:
    """Tell whether what stands before a name describes a creature: ``Zombie['Bob'/12, …] died: ``."""
    return "['" in prefix or "died:" in prefix


def speech_before(prefix: str) -> bool:
    """Tell whether what stands before a name looks like a chat plugin's ``Name: ``, not a team's prefix."""
    return _SPEECH.search(prefix) is not None
