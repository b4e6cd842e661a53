"""What the pretend server writes beside its log: names, lists, statistics and advancements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .values import SimPlayer, offline_uuid

if TYPE_CHECKING:
    from .server import SimGame

_FOR_EVER: Final = "forever"
_OLD_GROUPS: Final = {"mined": "mineBlock", "crafted": "craftItem", "used": "useItem", "broken": "breakItem"}


class GameFiles:
    """Keeps what the game counts of its players, and writes it when the game would."""

    def __init__(self, game: SimGame, clock: Callable[[], datetime]) -> None:
        self._game, self._clock = game, clock
        self._stats: dict[str, dict[str, dict[str, int]]] = {}
        self._made: dict[str, dict[str, str]] = {}
        self._joined: dict[str, datetime] = {}
        self._cache: dict[str, str] = {}
        self._lists: object = None

    @property
    def world(self) -> Path:
        """The world's folder."""
        return self._game.folder / "world"

    @property
    def statistics(self) -> Path:
        """Where this version keeps statistics."""
        return self.world / ("players/stats" if self._is_new else "stats")

    @property
    def advancements(self) -> Path:
        """Where this version keeps advancements."""
        return self.world / ("players/advancements" if self._is_new else "advancements")

    @property
    def _is_new(self) -> bool:
        return self._game.wording.at_least("26.1")

    def count(self, uuid: str, group: str, thing: str, amount: int = 1) -> None:
        """Count something of a player: ``count(uuid, "mined", "stone", 5)``."""
        stats = self._stats.setdefault(uuid, defaultdict(dict))
        inner = stats[f"minecraft:{group}"]
        key = thing if ":" in thing else f"minecraft:{thing}"
        inner[key] = inner.get(key, 0) + amount

    def advance(self, uuid: str, title: str) -> None:
        """Note an advancement by its title."""
        key = "minecraft:story/" + title.lower().replace(" ", "_")
        self._made.setdefault(uuid, {})[key] = self._now()

    def joined(self, player: SimPlayer) -> None:
        """Begin to count a stay, and remember the name."""
        self._joined[player.uuid] = self._clock()
        self._cache[player.uuid] = player.name
        entries = [
            {"name": name, "uuid": uuid, "expiresOn": self._now()} for uuid, name in self._cache.items()
        ]
        self._write(self._game.folder / "usercache.json", entries)

    def left(self, player: SimPlayer) -> None:
        """Count a stay and write what is known of its player, as the game does at a leave."""
        self.save(player)
        self._joined.pop(player.uuid, None)
        self.count(player.uuid, "custom", "leave_game")
        self._save(player.uuid)

    def save(self, player: SimPlayer) -> None:
        """Write what is known of a player, as the game does every five minutes."""
        began = self._joined.get(player.uuid)
        if began is not None:
            now = self._clock()
            ticks = round((now - began).total_seconds() * 20)
            self.count(player.uuid, "custom", self._play_time, ticks)
            self._joined[player.uuid] = now
        self._save(player.uuid)

    @property
    def _play_time(self) -> str:
        return "play_time" if self._game.wording.at_least("1.17") else "play_one_minute"

    def write_lists(self) -> None:
        """Write who may come in, who may not and who is an operator, where that has changed."""
        game = self._game
        lists = tuple(tuple(sorted(names)) for names in (game.whitelisted, game.operators, game.banned))
        if lists == self._lists:
            return
        self._lists = lists
        whitelisted, operators, banned = (
            [{"uuid": offline_uuid(n), "name": n} for n in names] for names in lists
        )
        ban = {"created": self._now(), "source": "Server", "expires": _FOR_EVER, "reason": "Banned"}
        op = {"level": 4, "bypassesPlayerLimit": False}
        self._write(game.folder / "whitelist.json", whitelisted)
        self._write(game.folder / "ops.json", [entry | op for entry in operators])
        self._write(game.folder / "banned-players.json", [entry | ban for entry in banned])
        self._write(game.folder / "banned-ips.json", [])

    def _save(self, uuid: str) -> None:
        stats = self._stats.get(uuid, {})
        if self._game.wording.at_least("1.13"):
            self._write(self.statistics / f"{uuid}.json", {"stats": stats, "DataVersion": 4325})
        else:
            self._write(self.statistics / f"{uuid}.json", _flat(stats))
            return  # and no advancements before 1.12, which is close enough
        made = {key: {"criteria": {"done": at}, "done": True} for key, at in self._made.get(uuid, {}).items()}
        self._write(self.advancements / f"{uuid}.json", {**made, "DataVersion": 4325})

    def _write(self, path: Path, content: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def _now(self) -> str:
        return self._clock().strftime("%Y-%m-%d %H:%M:%S %z")


def _flat(stats: dict[str, dict[str, int]]) -> dict[str, int]:
    """As it was written before 1.13: ``stat.playOneMinute``."""
    flat: dict[str, int] = {}
    for group, inner in stats.items():
        old = _OLD_GROUPS.get(group.removeprefix("minecraft:"))
        for thing, value in inner.items():
            name = thing.removeprefix("minecraft:")
            flat[f"stat.{old}.minecraft.{name}" if old else f"stat.{_camel(name)}"] = value
    return flat


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
