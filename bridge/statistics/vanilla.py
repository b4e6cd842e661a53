"""What the game counts of a player: in which unit, what belongs together, what is kept day by day. Pure.

A key is a group and a thing, ``minecraft:mined/minecraft:stone``; a group alone, ``minecraft:mined``, stands
for everything in it together.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

CUSTOM: Final = "minecraft:custom/minecraft:"
PLAY_TIME: Final = CUSTOM + "play_time"
TICKS_A_SECOND: Final = 20
TOTALS: Final = (
    "minecraft:mined",
    "minecraft:crafted",
    "minecraft:used",
    "minecraft:broken",
    "minecraft:picked_up",
    "minecraft:dropped",
)
"""Groups that are also told as a whole; ``killed`` is not, as the game counts ``mob_kills`` itself."""

_RANKED_GROUPS: Final = ("minecraft:custom/", "minecraft:killed/", "minecraft:killed_by/")
_RANKED_ENDS: Final = ("_ore", ":ancient_debris")


class Unit(StrEnum):
    """What a figure counts; the words for it are under ``vanilla.unit`` in the locales."""

    SECONDS = "seconds"
    METRES = "metres"
    HEALTH = "health"  # points: two are a heart
    COUNT = "count"


_TICKS: Final = frozenset(
    CUSTOM + name
    for name in (
        "play_time",
        "play_one_minute",
        "total_world_time",
        "time_since_death",
        "time_since_rest",
        "sneak_time",
    )
)
_DIVISORS: Final = {Unit.SECONDS: TICKS_A_SECOND, Unit.METRES: 100, Unit.HEALTH: 10, Unit.COUNT: 1}


def unit_of(key: str) -> Unit:
    """Return the unit of a figure as people are told it."""
    if key in _TICKS:
        return Unit.SECONDS
    if not key.startswith(CUSTOM):
        return Unit.COUNT
    if key.endswith("_one_cm"):
        return Unit.METRES
    return Unit.HEALTH if key.startswith(CUSTOM + "damage_") else Unit.COUNT


def in_unit(key: str, value: int) -> float:
    """Return a figure in its unit: the game counts ticks, centimetres and tenths of a health point."""
    return value / _DIVISORS[unit_of(key)]


def totals_of(figures: Mapping[str, int]) -> dict[str, int]:
    """Return the groups of :data:`TOTALS` as a whole; those with nothing in them are left out."""
    sums = dict.fromkeys(TOTALS, 0)
    for key, value in figures.items():
        group = key.partition("/")[0]
        if group in sums:
            sums[group] += value
    return {group: total for group, total in sums.items() if total}


def ranked(figures: Mapping[str, int]) -> dict[str, int]:
    """Return what players are compared by: the game's own figures, kills, ores, and whole groups.

    The rest, such as how often each item was used, is kept for each player but not ranked: it would be ten
    times as many rows.
    """
    kept = {
        key: value
        for key, value in figures.items()
        if key.startswith(_RANKED_GROUPS)
        or (key.startswith("minecraft:mined/") and key.endswith(_RANKED_ENDS))
    }
    return kept | totals_of(figures)


class DayFigures(NamedTuple):
    """The main figures of a player as they stood at the end of a day, in the game's own units."""

    play_ticks: int = 0
    deaths: int = 0
    mob_kills: int = 0
    player_kills: int = 0
    mined: int = 0
    crafted: int = 0
    jumps: int = 0
    walked_cm: int = 0
    swum_cm: int = 0
    flown_cm: int = 0
    ridden_cm: int = 0
    damage_dealt: int = 0
    damage_taken: int = 0

    def since(self, before: DayFigures) -> DayFigures:
        """Return what was added after *before*; nothing where a figure has become smaller.

        A figure becomes smaller when a world begins anew or a backup is put back.
        """
        return DayFigures(*(max(now - then, 0) for now, then in zip(self, before, strict=True)))


_WALKED: Final = ("walk_one_cm", "sprint_one_cm", "crouch_one_cm", "walk_on_water_one_cm", "climb_one_cm")
_SWUM: Final = ("swim_one_cm", "walk_under_water_one_cm", "dive_one_cm")
_FLOWN: Final = ("fly_one_cm", "aviate_one_cm")
_ON_FOOT: Final = frozenset((*_WALKED, *_SWUM, *_FLOWN, "fall_one_cm"))


def day_figures(figures: Mapping[str, int]) -> DayFigures:
    """Return the main figures among all of a player's."""
    totals = totals_of(figures)

    def custom(*names: str) -> int:
        return sum(figures.get(CUSTOM + name, 0) for name in names)

    ridden = (
        value
        for key, value in figures.items()
        if key.startswith(CUSTOM) and key.endswith("_one_cm") and key.removeprefix(CUSTOM) not in _ON_FOOT
    )
    return DayFigures(
        play_ticks=custom("play_time"),
        deaths=custom("deaths"),
        mob_kills=custom("mob_kills"),
        player_kills=custom("player_kills"),
        mined=totals.get("minecraft:mined", 0),
        crafted=totals.get("minecraft:crafted", 0),
        jumps=custom("jump"),
        walked_cm=custom(*_WALKED),
        swum_cm=custom(*_SWUM),
        flown_cm=custom(*_FLOWN),
        ridden_cm=sum(ridden),
        damage_dealt=custom("damage_dealt"),
        damage_taken=custom("damage_taken"),
    )
