"""What people call servers, channels and rooms. Shared by features."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.config.settings import BridgeSettings


@dataclass(frozen=True, slots=True)
class Names:
    """Names things as the settings do; what is not in them any more keeps its id."""

    settings: BridgeSettings

    def server(self, server: str) -> str:
        """Return a server's title."""
        known = self.settings.servers.get(server)
        return (known.title if known else None) or server

    def channel(self, channel: str) -> str:
        """Return a channel by its name in the settings."""
        channels = self.settings.discord.channels if self.settings.discord is not None else {}
        return next((f"#{name}" for name, id_ in channels.items() if id_ == channel), channel)

    def room(self, room: str) -> str:
        """Return a room's title."""
        known = self.settings.rooms.get(room)
        return (known.title if known else None) or room

    def end(self, end: str) -> str:
        """Return the name of one end of a room."""
        form, _, id_ = end.partition(":")
        match form:
            case "server":
                return self.server(id_)
            case "discord":
                return self.channel(id_)
        return self.room(id_)
