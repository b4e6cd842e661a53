"""Which ends share a conversation, worked out once from the settings. Shared by features. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.config.settings import BridgeSettings, RoomSettings
from bridge.events import ChannelId, EndId, RoomId, ServerId, channel_end, server_end, site_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room with its ends."""

    id: RoomId
    title: str
    servers: tuple[ServerId, ...]
    channels: tuple[ChannelId, ...]
    settings: RoomSettings

    @property
    def ends(self) -> frozenset[EndId]:
        """Every end whose lines belong to this room."""
        ends = {server_end(server) for server in self.servers} | {channel_end(c) for c in self.channels}
        return frozenset(ends | {site_end(self.id)})


@dataclass(frozen=True, slots=True)
class Routes:
    """The rooms of a community and the ways between their ends."""

    rooms: tuple[Room, ...]

    @classmethod
    def of(cls, settings: BridgeSettings) -> Routes:
        """Work out the rooms that the settings describe."""
        ids = settings.discord.channels if settings.discord else {}
        return cls(
            tuple(
                Room(
                    id=RoomId(name),
                    title=room.title or settings.community.name,
                    servers=tuple(map(ServerId, room.servers)),
                    channels=tuple(ChannelId(ids[channel]) for channel in room.channels if channel in ids),
                    settings=room,
                )
                for name, room in settings.rooms.items()
            )
        )

    def holding(self, end: EndId) -> tuple[Room, ...]:
        """Return the rooms that an end belongs to."""
        return tuple(room for room in self.rooms if end in room.ends)

    def between(self, here: EndId, there: EndId) -> Room | None:
        """Return the first room in which a line said *here* is read *there*; never an end to itself."""
        if here == there:
            return None
        return next((room for room in self.rooms if here in room.ends and there in room.ends), None)

    @property
    def channels(self) -> frozenset[ChannelId]:
        """Every Discord channel that is part of a room."""
        return frozenset(channel for room in self.rooms for channel in room.channels)

    @property
    def servers(self) -> frozenset[ServerId]:
        """Every server that is part of a room."""
        return frozenset(server for room in self.rooms for server in room.servers)
