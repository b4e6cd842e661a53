"""What the bridge may ask of a game server's console, as values; one function turns them into bytes.

There is no ``Say``: ``say``, ``me`` and ``msg`` expand selectors inside the text, ``tellraw`` does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

MOST_BYTES: Final = 1446
"""What fits: a vanilla server reads 1460 bytes at once, 14 of them are not the command."""

Component: TypeAlias = str | Sequence[object] | Mapping[str, object]
"""A text component as JSON-able values; ``bridge.text`` makes them."""


class CommandRefused(ValueError):
    """The command holds something that must not reach a console; says what."""


class CommandTooLong(CommandRefused):
    """The command is longer than a server reads."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a command is for: a player's name or UUID, or everybody online."""

    player: str | None = None


EVERYONE: Final = Target()


@dataclass(frozen=True, slots=True)
class Tellraw:
    """Show a text component in the chat of *target*; the reply is empty when somebody saw it.

    On an empty server the reply is ``No player was found``, which over RCON bothers nobody. The usual
    way around it, ``execute at @p run``, costs 18 of our bytes and exists only from 1.13.1 on.
    """

    target: Target
    component: Component


@dataclass(frozen=True, slots=True)
class ListPlayers:
    """Ask who is online; with *uuids* each name is followed by ``(uuid)``."""

    uuids: bool = False


@dataclass(frozen=True, slots=True)
class Kick:
    """Remove a player from the server."""

    player: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WhitelistAdd:
    """Let a player in."""

    player: str


@dataclass(frozen=True, slots=True)
class WhitelistRemove:
    """Do not let a player in any more."""

    player: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A console command as a member of the staff typed it, with or without its slash."""

    text: str


Command: TypeAlias = Tellraw | ListPlayers | Kick | WhitelistAdd | WhitelistRemove | Raw


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one server wants its commands."""

    bedrock_prefix: str = ""  # what Floodgate puts before the names of Bedrock players
    namespaced: bool = False  # ``minecraft:list``: Bukkit servers, where plugins replace the game's commands


VANILLA: Final = Syntax()

_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,16}")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# What the game reads as part of an unquoted name; anything else could end the name or be a selector.
_SAFE_PREFIX: Final = re.compile(r"[A-Za-z0-9_.+\-]{0,16}")
# C0, C1, line and paragraph separators, what turns the direction of the text that follows, and halves
# of surrogate pairs, which are no UTF-8.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Components that the game fills in by itself: what a selector finds, a score, a block's data.
_RESOLVED_BY_THE_GAME: Final = frozenset({"selector", "score", "nbt"})


def encode(command: Command, syntax: Syntax = VANILLA) -> bytes:
    """Return the one line of UTF-8 that makes a server run *command*.

    Raises:
        CommandTooLong: More than 1446 bytes.
        CommandRefused: Control characters, changes of text direction, half a surrogate pair, a name
            that is none, or a component that the game would fill in by itself.
    """
    line = _line(command, syntax)
    found = _FORBIDDEN.search(line)
    if found is not None:
        raise CommandRefused(f"a command must not hold the character U+{ord(found[0]):04X}; take it out")
    body = line.encode()
    if len(body) > MOST_BYTES:
        raise CommandTooLong(f"the command is {len(body)} bytes long, a server reads at most {MOST_BYTES}")
    return body


def is_player(name: str, bedrock_prefix: str = "") -> bool:
    """Tell whether *name* is a player's name or UUID that a command may hold."""
    if _NAME.fullmatch(name) or _UUID.fullmatch(name):
        return True
    if not bedrock_prefix or not _SAFE_PREFIX.fullmatch(bedrock_prefix):
        return False
    return name.startswith(bedrock_prefix) and bool(_NAME.fullmatch(name, len(bedrock_prefix)))


def component_json(component: Component) -> str:
    """Return a component as JSON, which 1.21.5 and later also read as SNBT.

    Raises:
        CommandRefused: It holds what no component of ours may hold.
    """
    for text in _strings(component):
        # A line break of its own is how lines are told apart; inside a text it would forge one.
        found = None if text == "\n" else _FORBIDDEN.search(text)
        if found is not None:
            raise CommandRefused(f"a text must not hold the character U+{ord(found[0]):04X}; take it out")
    try:
        return json.dumps(component, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as exc:
        raise CommandRefused(f"a text component must be plain JSON: {exc}") from exc


def _line(command: Command, syntax: Syntax) -> str:
    game = "minecraft:" if syntax.namespaced else ""
    match command:
        case Tellraw():
            return f"tellraw {_target(command.target, syntax)} {component_json(command.component)}"
        case ListPlayers():
            return f"{game}list uuids" if command.uuids else f"{game}list"
        case Kick():
            return f"{game}kick {_player(command.player, syntax)} {command.reason}".rstrip()
        case WhitelistAdd():
            return f"{game}whitelist add {_player(command.player, syntax)}"
        case WhitelistRemove():
            return f"{game}whitelist remove {_player(command.player, syntax)}"
        case Raw():
            line = command.text.strip(" ").removeprefix("/")
            if not line:
                raise CommandRefused("the command is empty")
            return line


def _target(target: Target, syntax: Syntax) -> str:
    return "@a" if target.player is None else _player(target.player, syntax)


def _player(name: str, syntax: Syntax) -> str:
    if not is_player(name, syntax.bedrock_prefix):
        raise CommandRefused(
            f"{name[:40]!r} is not a player's name: 1 to 16 letters, digits or _, or a UUID with dashes"
        )
    return name


def _strings(value: object) -> Iterator[str]:
    """Yield every key and text of a component."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _RESOLVED_BY_THE_GAME:
                raise CommandRefused(f"a text component must not have the key {key!r}")
            yield from _strings(key)
            yield from _strings(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _strings(inner)
    elif value is None:
        raise CommandRefused("a text component must not hold null: the game refuses it from 1.20.3 on")
