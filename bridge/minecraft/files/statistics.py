"""What the game counts of one player, in the words of the newest version whatever version wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeGuard

from bridge.minecraft.files.reading import decode_object, read_whole

MOST_KEYS: Final = 20_000
"""More than the game and a few hundred mods can count."""
MOST_VALUE: Final = 2**53  # the game counts to 2**31; mods to more
LONGEST_KEY: Final = 200
_PLAY_TIME: Final = "minecraft:custom/minecraft:play_time"
_RENAMED: Final = {
    "minecraft:custom/minecraft:play_one_minute": _PLAY_TIME,  # 1.13 to 1.16; ticks all the same
}
# The words before 1.13 and those after it.
_OLD_GROUPS: Final = {
    "mineBlock": "mined",
    "craftItem": "crafted",
    "useItem": "used",
    "breakItem": "broken",
    "pickup": "picked_up",
    "drop": "dropped",
    "killEntity": "killed",
    "entityKilledBy": "killed_by",
}
_OLD_NAMES: Final = {
    "itemEnchanted": "enchant_item",
    "sleepInBed": "sleep_in_bed",
    "tradedWithVillager": "traded_with_villager",
}
_KEY: Final = re.compile(r"[\w.:/-]+")
_INNER_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_statistics(path: Path, *, tries: int = 3) -> dict[str, int]:
    """Return a player's figures by key, such as ``minecraft:mined/minecraft:stone``.

    Raises:
        FileGone: There is no such file.
        FileUnreadable: It cannot be read.
    """
    return read_whole(path, parse_statistics, tries=tries)


def parse_statistics(data: bytes) -> dict[str, int]:
    """Return the figures in the text of a file; what is no figure is left out.

    Raises:
        ValueError: It is no file of statistics.
        RecursionError: It is nested too deeply.
    """
    whole = decode_object(data)
    inner = whole.get("stats")
    told = _grouped(inner) if isinstance(inner, dict) else _flat(whole)
    figures: dict[str, int] = {}
    for key, value in told:
        if _is_count(value) and len(key) <= LONGEST_KEY and _KEY.fullmatch(key):
            known = _RENAMED.get(key, key)
            figures[known] = max(figures.get(known, 0), min(value, MOST_VALUE))
            if len(figures) >= MOST_KEYS:
                break
    return figures


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _grouped(stats: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """``{"minecraft:mined": {"minecraft:stone": 5}}``."""
    for group, inner in stats.items():
        if isinstance(inner, dict):
            for name, value in inner.items():
                yield f"{_named(group)}/{_named(name)}", value


def _flat(stats: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """``{"stat.mineBlock.minecraft.stone": 5, "stat.jump": 7}``: before 1.13."""
    for key, value in stats.items():
        if not key.startswith("stat."):
            continue  # achievements
        first, _, rest = key.removeprefix("stat.").partition(".")
        group = _OLD_GROUPS.get(first)
        if group is not None and rest:
            yield f"minecraft:{group}/{_old_thing(rest)}", value
        elif not rest:
            yield f"minecraft:custom/minecraft:{_OLD_NAMES.get(first) or _snake(first)}", value


def _old_thing(name: str) -> str:
    """``minecraft.stone`` and ``Zombie`` as they are called now."""
    space, dot, thing = name.partition(".")
    return f"{space}:{thing}" if dot else f"minecraft:{_snake(name)}"


def _snake(name: str) -> str:
    return _INNER_CAPITAL.sub("_", name).lower()


def _named(name: str) -> str:
    return name if ":" in name else f"minecraft:{name}"
