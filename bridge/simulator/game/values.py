"""What happens in the pretend game, as values for tests, benchmarks and the demo page."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


def offline_uuid(name: str) -> str:
    """Return the UUID an offline-mode server gives a name."""
    digest = hashlib.md5(b"OfflinePlayer:" + name.encode(), usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=3))


@dataclass(frozen=True, slots=True, kw_only=True)
class SimPlayer:
    """Somebody who is online."""

    name: str
    uuid: str
    address: str  # ``127.0.0.1:50001``
    entity_id: int


class Format(StrEnum):
    """How text can be drawn besides its colour; the names are the game's."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINED = "underlined"
    STRIKETHROUGH = "strikethrough"
    OBFUSCATED = "obfuscated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text in one style, as the game's client draws it."""

    text: str
    colour: str | None = None  # a name such as ``gold`` or ``#rrggbb``
    formats: frozenset[Format] = frozenset()
    link: str | None = None  # where a click leads
    click: str | None = None  # any other click, ``run_command /list``
    hover: str | None = None  # plain


@dataclass(frozen=True, slots=True)
class Line:
    """A rendered text component."""

    runs: tuple[Run, ...]

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A ``tellraw`` that reached players."""

    number: int  # counts from 0
    selector: str  # ``@a``, a name
    players: tuple[str, ...]  # whom it reached
    component: Line
    plain: str  # as the game's ``getString`` gives it, ``§`` included
    source: str  # the component as it was sent
    at_s: float  # ``time.monotonic()``, which all processes of a machine share
    time: datetime


class RanCommand(NamedTuple):
    """A command that the server executed, whatever came of it."""

    text: str
    source: str  # ``Rcon``, ``Server`` or a player
    reply: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line that went into ``latest.log``."""

    time: datetime
    thread: str
    level: str
    text: str


class ShownKind(StrEnum):
    """Where a line on the players' screens came from."""

    CHAT = "chat"
    SYSTEM = "system"
    TELLRAW = "tellraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A line on the players' screens."""

    time: datetime
    kind: ShownKind
    line: Line
    players: tuple[str, ...] | None = None  # everybody when not set
    speaker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is online, after a change; empty and not running once the server is down."""

    players: tuple[str, ...]
    running: bool


GameEvent = Logged | Shown | Roster
