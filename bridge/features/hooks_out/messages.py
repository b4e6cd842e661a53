"""What another program is told of a record, within the privacy settings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from bridge.config.kinds import kinds_named
from bridge.config.outside import HookOutSettings
from bridge.events import AnnouncementMade, AnyEvent, Event, ServerId, Speaker, SpeakerKind, server_end
from bridge.features.telling import Teller, place_of
from bridge.journal import Record, is_imported
from bridge.text import mask_text

_NAMING: Final = ("player", "formerly", "killer")  # fields that hold a player's name


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages for one hook."""

    hook: HookOutSettings
    teller: Teller

    def of(self, record: Record) -> bytes | None:
        """Return the body of a record's message; None if the hook is not told of it."""
        event = record.event
        if not isinstance(event, kinds_of(self.hook)) or not self._is_of_servers(event):
            return None
        if is_imported(record):  # years old, and no news to anybody
            return None
        if any(self.teller.is_hidden(name) for name in _players(event)):
            return None
        told = msgspec.to_builtins(event)
        kind, at = told.pop("kind"), told.pop("at")
        if self.teller.settings.privacy.mask_addresses:
            told = _masked(told)
        return msgspec.json.encode(
            {"id": record.id, "position": record.position, "kind": kind, "at": at, "event": told}
        )

    def _is_of_servers(self, event: AnyEvent) -> bool:
        wanted = self.hook.servers
        if not wanted:
            return True
        if isinstance(event, AnnouncementMade):
            return any(server in wanted for server in event.servers)
        return place_of(event) in {server_end(ServerId(server)) for server in wanted}


def kinds_of(hook: HookOutSettings) -> tuple[type[Event], ...]:
    """Return the kinds of event that a hook names, each once."""
    return tuple(dict.fromkeys(kind for pattern in hook.kinds for kind in kinds_named(pattern)))


def _players(event: AnyEvent) -> Iterator[str]:
    """Yield the names of the players that an event is about."""
    for field in _NAMING:
        name = getattr(event, field, None)
        if name is not None:
            yield name
    speaker = getattr(event, "speaker", None)
    if isinstance(speaker, Speaker) and speaker.kind is SpeakerKind.PLAYER:
        yield speaker.name


def _masked(value: object) -> object:
    """Return plain values with every IP address in their texts masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
