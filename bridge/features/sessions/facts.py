"""What the journal's records say about who is on a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from bridge.events import (
    ChatEmoted,
    ChatSaid,
    Event,
    PlayerAdvanced,
    PlayerDied,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerCrashed,
    ServerFollowed,
    ServerId,
    ServerListed,
    ServerLost,
    ServerMissed,
    ServerObserved,
    ServerRecovered,
    ServerStarting,
    ServerStopped,
    ServerStopping,
    SpeakerKind,
)
from bridge.statistics.lives import What
from bridge.store.times import to_ms, to_ms_or_none

READ: Final[tuple[type[Event], ...]] = (
    ChatSaid,
    ChatEmoted,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    PlayerDied,
    PlayerAdvanced,
    ServerFollowed,
    ServerStarting,
    ServerStopping,
    ServerStopped,
    ServerCrashed,
    ServerListed,
    ServerMissed,
    ServerObserved,
    ServerLost,
    ServerRecovered,
)
"""The kinds from which statistics are made."""


class Said(NamedTuple):
    """One fact of a record, its player still by name."""

    what: What
    name: str | None = None
    uuid: str | None = None
    value_ms: int | None = None


def server_of(event: Event) -> ServerId | None:
    """Return the server that an event is about; None for what was said elsewhere."""
    if isinstance(event, ChatSaid | ChatEmoted):
        return ServerId(event.end.removeprefix("server:")) if event.end.startswith("server:") else None
    server: ServerId | None = getattr(event, "server", None)
    return server


def player_of(event: Event) -> tuple[str, str | None] | None:
    """Return the name and UUID of the player who did something, if it was one."""
    if isinstance(event, ChatSaid | ChatEmoted):
        speaker = event.speaker
        return (speaker.name, speaker.id) if speaker.kind is SpeakerKind.PLAYER else None
    if isinstance(event, PlayerDied | PlayerAdvanced | PlayerIdentified):
        return (event.player, event.uuid)
    return None


def facts_of(event: Event) -> list[Said]:
    """Return what an event says about who is on; nothing for most."""
    say = _SAY.get(type(event))
    return [] if say is None else say(event)


def _listed(event: ServerListed) -> list[Said]:
    players = [Said(What.LISTED, player.name, player.uuid) for player in event.players]
    return [*players, Said(What.LIST_ENDS)]


_SAY: Final[dict[type[Event], Callable[[Any], list[Said]]]] = {
    PlayerJoined: lambda event: [Said(What.JOINED, event.player, event.uuid)],
    PlayerLeft: lambda event: [Said(What.LEFT, event.player, event.uuid)],
    ServerStarting: lambda event: [Said(What.STARTING, value_ms=to_ms_or_none(event.silent_since))],
    ServerStopping: lambda _event: [Said(What.STOPPING)],
    ServerStopped: lambda _event: [Said(What.STOPPED)],
    ServerCrashed: lambda _event: [Said(What.CRASHED)],
    ServerListed: _listed,
    ServerMissed: lambda event: [Said(What.MISSED, value_ms=to_ms(event.since))],
    ServerObserved: lambda _event: [Said(What.SEEN)],
    ServerFollowed: lambda _event: [Said(What.FOLLOWED)],
    ServerLost: lambda _event: [Said(What.LOST)],
    ServerRecovered: lambda _event: [Said(What.RECOVERED)],
}
