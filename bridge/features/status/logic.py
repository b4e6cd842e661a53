"""How a server is, as people are told. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bridge.events import ServerId
from bridge.features.telling import Teller
from bridge.minecraft import GameServer


class State(StrEnum):
    """The states that are told apart; the words for them are under ``status:`` in the locales."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"  # not looked at yet, or no status port is set up


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """One server as it is shown; None where it is not known."""

    id: ServerId
    title: str
    address: str | None
    state: State
    checked: datetime | None = None  # when it last answered
    online: int | None = None
    maximum: int | None = None
    version: str | None = None
    motd: str | None = None
    latency_ms: float | None = None
    names: tuple[str, ...] | None = None  # None: they are not shown, or the server does not tell


def view(server: GameServer, teller: Teller) -> ServerView:
    """Return how a server is now; players whose names are hidden are left out of the names."""
    settings = teller.settings.servers[server.id]
    status = server.status
    latest = status.latest if status is not None else None
    up = status.up if status is not None else None
    state = State.UNKNOWN if up is None else State.UP if up else State.DOWN
    if latest is None or state is not State.UP:
        return ServerView(
            id=server.id,
            title=teller.server_title(server.id),
            address=settings.address,
            state=state,
            checked=latest.at if latest else None,
        )
    return ServerView(
        id=server.id,
        title=teller.server_title(server.id),
        address=settings.address,
        state=state,
        checked=latest.at,
        online=latest.online,
        maximum=latest.maximum,
        version=latest.version,
        motd=latest.motd,
        latency_ms=latest.latency_ms,
        names=names_shown(server, teller),
    )


def names_shown(server: GameServer, teller: Teller) -> tuple[str, ...] | None:
    """Return who is on a server, sorted, without the hidden; None if neither log nor status tell."""
    latest = server.status.latest if server.status is not None else None
    online = server.online
    if online is None:
        online = frozenset(latest.names) if latest is not None and latest.names else None
    if online is None:
        return None
    return tuple(sorted((name for name in online if not teller.is_hidden(name)), key=str.casefold))


_LIST: Final = re.compile(
    r"There are (?P<online>\d+)(?: of a max(?: of)? |/)(?P<maximum>\d+) players online:"
)
_NAME: Final = re.compile(r"[^\s,]{1,24}")


@dataclass(frozen=True, slots=True)
class Roster:
    """What the console command ``list`` answers."""

    online: int
    maximum: int
    names: tuple[str, ...]


def read_list(reply: str) -> Roster | None:
    """Return what ``list`` answered, in the wording of any version; None for a plugin's own wording."""
    plain = re.sub(r"§.", "", reply)
    found = _LIST.search(plain)
    if found is None:
        return None
    names = tuple(_NAME.findall(plain[found.end() :]))
    return Roster(int(found["online"]), int(found["maximum"]), names)
