"""How a server is, as people are told. Shared by features. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.events import ServerId
from bridge.features.telling import Teller
from bridge.minecraft import GameServer, ServerStatus
from bridge.text import RichText


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
    unasked: bool = False  # no status port is set up
    checked: datetime | None = None  # when it last answered
    online: int | None = None
    maximum: int | None = None
    version: str | None = None
    motd: str | None = None
    welcome: RichText | None = None  # the motd with its colours
    icon: bytes | None = None  # a small PNG of the server's own
    latency_ms: float | None = None
    names: tuple[str, ...] | None = None  # None: the server does not tell

    @property
    def others(self) -> int:
        """How many are online that are not named."""
        return max((self.online or 0) - len(self.names or ()), 0)


def view(server: GameServer, teller: Teller, *, now: datetime) -> ServerView:
    """Return how a server is now; players whose names are hidden are left out of the names."""
    settings = teller.settings.servers[server.id]
    latest = server.status.latest if server.status is not None else None
    state = state_of(server, now=now)
    up = latest if state is State.UP else None
    names = players_on(server, now=now)
    counts = (up.online if up else None, len(names) if names else None)
    counted = [count for count in counts if count is not None]
    return ServerView(
        id=server.id,
        title=teller.server_title(server.id),
        address=settings.address,
        state=state,
        unasked=server.status is None,
        checked=latest.at if latest is not None else None,
        # The log tells of a join at once, the status port up to half a minute later.
        online=max(counted) if counted else None,
        maximum=up.maximum if up else None,
        version=up.version if up else None,
        motd=up.motd if up else None,
        welcome=up.welcome if up else None,
        icon=latest.icon if latest is not None else None,
        latency_ms=up.latency_ms if up else None,
        names=named(names, teller) if names is not None else None,
    )


def state_of(server: GameServer, *, now: datetime) -> State:
    """Return a server's state; one failed ping after a good one is no reason to call it down."""
    if server.status is None or server.status.up is None:
        return State.UNKNOWN
    if server.status.up:
        return State.UP
    settings, latest = server.settings.status, server.status.latest
    if settings is None or latest is None:
        return State.DOWN
    patience = timedelta(seconds=settings.down_after * settings.every_s + settings.timeout_s)
    return State.UP if now - latest.at < patience else State.DOWN


def players_on(server: GameServer, *, now: datetime) -> frozenset[str] | None:
    """Return who plays on a server; None where nobody can tell, and for one that is down.

    Whoever its log had on it when it died is not there any more.
    """
    if state_of(server, now=now) is State.DOWN:
        return None
    return names_online(server, server.status.latest if server.status is not None else None)


def names_online(server: GameServer, status: ServerStatus | None) -> frozenset[str] | None:
    """Return who is on a server: by its management, which knows all of them, or else by its log.

    Whom the log has missed, the status port's sample may name.
    """
    if server.management is not None and (roster := server.management.roster) is not None:
        return frozenset(player.name for player in roster)
    sample = frozenset(status.names) if status is not None else frozenset[str]()
    followed = server.log is not None and server.log.caught_up.is_set()
    if server.online is None or not followed:
        return sample or None
    if status is not None and len(server.online) < status.online:
        return server.online | sample
    return server.online


def named(names: Iterable[str], teller: Teller) -> tuple[str, ...]:
    """Return names in order, without those that must not be named."""
    return tuple(sorted((name for name in names if not teller.is_hidden(name)), key=str.casefold))
