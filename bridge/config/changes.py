"""What a reload may change while the bridge runs, and what needs a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import BaseModel

from bridge.config.settings import BridgeSettings

RELOADABLE: Final = (
    "servers.*.title",
    "servers.*.address",
    "servers.*.restarts",
    "servers.*.rcon.password",
    "servers.*.management.secret",
    "discord.token",
    "discord.webhooks",
    "discord.avatar-url",
    "discord.fallback-name",
    "discord.allowed-mentions",
    "discord.relay-bots",
    "discord.say-roles",
    "rooms.*.title",
    "rooms.*.edits-in-game",
    "rooms.*.removals-in-game",
    "notices",
    "relay",
    "privacy",
    "retention",
    "maintenance",
    "website.show-players",
    "website.leaderboard",
    "website.visitor-interval",
    "staff.roles",
    "logging.level",
    "messages",
)
"""What can change while the bridge runs, with everything below it.

The rest opens connections, files or readers and needs a restart: servers and their ways in, guild and
channels, who is in a room, ports, the data folder. The token and RCON passwords are what people change in
a hurry, when one has become known.
"""

_Leaves: TypeAlias = "dict[tuple[str, ...], object]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The dotted keys that differ between two settings."""

    reloadable: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


def compare(old: BridgeSettings, new: BridgeSettings) -> Changes:
    """Return what differs, parted by what a reload may change."""
    before, after, taken = _leaves(old), _leaves(new), _leaves(reloaded(old, new))
    differing = [
        path for path in {**before, **after} if before.get(path, _ABSENT) != after.get(path, _ABSENT)
    ]
    waiting = {path for path in differing if taken.get(path, _ABSENT) != after.get(path, _ABSENT)}
    return Changes(
        reloadable=tuple(".".join(path) for path in differing if path not in waiting),
        restart=tuple(".".join(path) for path in differing if path in waiting),
    )


def reloaded(old: BridgeSettings, new: BridgeSettings) -> BridgeSettings:
    """Return *old* with those values of *new* that a reload may change."""
    return _merged(old, new, ())


def is_reloadable(path: tuple[str, ...]) -> bool:
    """Return whether the setting at *path* may change while the bridge runs."""
    return any(
        len(path) >= len(known)
        and all(ours in ("*", theirs) for ours, theirs in zip(known, path, strict=False))
        for known in (key.split(".") for key in RELOADABLE)
    )


_ABSENT: Final = object()


def _children(value: object) -> Iterator[tuple[str, str, object]]:
    """Yield the key as written, the field's name and the value of everything in a block."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield field.alias or name, name, getattr(value, name)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name, name, inner


def _leaves(value: object, path: tuple[str, ...] = ()) -> _Leaves:
    leaves: _Leaves = {}
    for key, _, inner in _children(value):
        below = _leaves(inner, (*path, key))
        leaves |= below or {(*path, key): inner}
    return leaves


def _merged(old: BridgeSettings, new: BridgeSettings, path: tuple[str, ...]) -> BridgeSettings:
    merged = _merge(old, new, path)
    if not isinstance(merged, BridgeSettings):  # what goes in comes out
        raise TypeError("settings became something else")
    return merged


def _merge(old: object, new: object, path: tuple[str, ...]) -> object:
    if path and is_reloadable(path):
        return new
    if type(old) is not type(new):
        return old
    theirs = {name: inner for _, name, inner in _children(new)}
    update = {
        name: _merge(inner, theirs[name], (*path, key))
        for key, name, inner in _children(old)
        if name in theirs
    }
    if isinstance(old, BaseModel):
        return old.model_copy(update=update)
    return {**old, **update} if isinstance(old, dict) else old
