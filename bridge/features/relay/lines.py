"""Turns records into the lines of one Discord channel. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bridge.events import (
    CHAT_LINES,
    AnnouncementMade,
    ChannelId,
    ChatLine,
    Event,
    PlayerJoined,
    PlayerLeft,
    ServerId,
    SpeakerKind,
    channel_end,
    server_end,
)
from bridge.features.announcing import announced_markup, channels_announced_to, role_pinged
from bridge.features.relay.bundles import Bundle, Movement
from bridge.features.relay.parcels import Line
from bridge.features.routes import Room, Routes
from bridge.features.telling import NOTICES, Notice, Teller, is_broadcast, is_emote, place_of
from bridge.journal import Record
from bridge.text import RichText, to_markdown

Kinds: TypeAlias = tuple[type[Event], ...]

READ: Final[Kinds] = (*CHAT_LINES, *NOTICES, AnnouncementMade)
"""The kinds that are told on Discord."""

_MOST_NAMED: Final = 20  # names in one bundle; the rest is a number


@dataclass(frozen=True, slots=True)
class ChannelLines:
    """What one channel is told, and how it reads there."""

    channel: ChannelId
    teller: Teller
    routes: Routes

    def of(self, record: Record, *, late: bool) -> Line | Movement | None:
        """Return how a record is told in this channel; None if it is not."""
        event = record.event
        if isinstance(event, ChatLine):
            return self._chat(record, event, late=late)
        if isinstance(event, Notice):
            return self._notice(record, event, late=late)
        if isinstance(event, AnnouncementMade):
            return self._announcement(record, event)
        return None

    def bundle(self, bundle: Bundle) -> Line:
        """Return the one line that tells a storm of movements."""
        catalogue = self.teller.catalogue
        parts = [
            catalogue.text(
                f"notice.bundle.{kind}",
                players=catalogue.listed(players, most=_MOST_NAMED),
                count=len(players),
            )
            for kind, players in (
                ("joined", bundle.came),
                ("left", bundle.went),
                ("passed", bundle.passed),
            )
            if players
        ]
        words = to_markdown(self._placed(RichText.of(" · ").join(parts), bundle.server))
        lines = [movement.line for movement in bundle.movements]
        return Line(
            positions=tuple(position for line in lines for position in line.positions),
            at=lines[-1].at,
            recorded_at=lines[-1].recorded_at,
            late=all(line.late for line in lines),
            body=words,
            inline=words,
        )

    def heading(self, late: tuple[Line, ...]) -> str:
        """Return the line that says how many lines arrive late, and from when they are."""
        zone = ZoneInfo(self.teller.settings.community.time_zone)
        first, last = (f"{at.astimezone(zone):%H:%M}" for at in (late[0].at, late[-1].at))
        text = self.teller.catalogue.text("relay.late", count=len(late), first=first, last=last)
        return to_markdown(text)

    def _chat(self, record: Record, event: ChatLine, *, late: bool) -> Line | None:
        room = self.routes.between(event.end, channel_end(self.channel))
        if room is None:
            return None
        said = self.teller.said(event)
        if not said.plain.strip():
            return None
        if event.reply is not None:
            said = self.teller.catalogue.text("relay.reply", player=event.reply.name) + " " + said
        server = self._server_shown(room, event)
        name = self.teller.name_of(event.speaker)
        values: dict[str, RichText | str] = {"player": name, "text": said}
        form = "emote" if is_emote(event) else "broadcast" if is_broadcast(event) else "said"
        inline = self._with_server(self.teller.catalogue.text(f"relay.discord.{form}", **values), server)
        own = event.speaker.kind is not SpeakerKind.CONSOLE and form != "broadcast"
        body = self.teller.catalogue.text("relay.discord.emoting", text=said) if form == "emote" else said
        return Line(
            positions=(record.position,),
            at=event.at,
            recorded_at=record.recorded_at,
            late=late,
            name=self._own_name(name, server) if own else None,
            avatar_url=self.teller.avatar_of(event.speaker),
            body=to_markdown(body),
            inline=to_markdown(inline),
        )

    def _notice(self, record: Record, event: Notice, *, late: bool) -> Line | Movement | None:
        settings = self.teller.notice_settings(NOTICES[type(event)])
        if not settings.enabled or not self._is_told_here(event, settings.channel):
            return None
        text = self.teller.notice(event)
        if text is None or not text.plain.strip():
            return None
        words = to_markdown(self._placed(text, event.server))
        line = Line(
            positions=(record.position,),
            at=event.at,
            recorded_at=record.recorded_at,
            late=late,
            body=words,
            inline=words,
        )
        if isinstance(event, PlayerJoined | PlayerLeft):
            came = isinstance(event, PlayerJoined)
            return Movement(
                server=event.server, player=event.player, came=came, at=record.recorded_at, line=line
            )
        return line

    def _announcement(self, record: Record, event: AnnouncementMade) -> Line | None:
        words = announced_markup(event, mask=self.teller.settings.privacy.mask_addresses)
        if self.channel not in event.channels or not words:
            return None
        role = role_pinged(event, self.teller.settings)
        words = f"<@&{role}> {words}" if role is not None else words
        return Line(
            positions=(record.position,),
            at=event.at,
            recorded_at=record.recorded_at,
            announced=True,
            role=role,
            body=words,
            inline=words,
        )

    def _is_told_here(self, event: Notice, named: str | None) -> bool:
        discord = self.teller.settings.discord
        if named is not None and discord is not None:
            return discord.channels.get(named) == self.channel
        place = place_of(event)
        return place is not None and self.routes.between(place, channel_end(self.channel)) is not None

    def _names_servers(self, servers: Collection[str]) -> bool:
        """Tell whether a channel that tells of these servers names them."""
        shown = self.teller.settings.relay.server_prefix
        return shown == "always" or (shown == "auto" and len(servers) > 1)

    def _server_shown(self, room: Room, event: ChatLine) -> ServerId | None:
        """Return the server to name beside a speaker, if the room needs it."""
        if not self._names_servers(room.servers):
            return None
        return next((server for server in room.servers if server_end(server) == event.end), None)

    def _placed(self, text: RichText, server: ServerId) -> RichText:
        """Return the text of a notice, with its server's name where readers could mistake it."""
        room = self.routes.between(server_end(server), channel_end(self.channel))
        told = room.servers if room is not None else self.teller.settings.servers
        return self._with_server(text, server) if self._names_servers(told) else text

    def _with_server(self, text: RichText, server: ServerId | None) -> RichText:
        if server is None:
            return text
        title = self.teller.server_title(server)
        return self.teller.catalogue.text("relay.discord.with-server", server=title, text=text)

    def _own_name(self, name: str, server: ServerId | None) -> str:
        if server is None:
            return name
        title = self.teller.server_title(server)
        return self.teller.catalogue.plain("relay.discord.name-with-server", player=name, server=title)


def channels_told(teller: Teller, routes: Routes) -> frozenset[ChannelId]:
    """Return every channel that lines go to: those of rooms, and those for notices and announcements."""
    discord = teller.settings.discord
    if discord is None:
        return frozenset()
    named = {teller.notice_settings(kind).channel for kind in NOTICES.values()} - {None}
    noticed = {ChannelId(discord.channels[name]) for name in named if name is not None}
    return routes.channels | noticed | channels_announced_to(teller.settings)


def is_late(record: Record, now: datetime, late_after_s: float) -> bool:
    """Tell whether a record was old when it was read, or has waited long since."""
    return record.late or has_waited(record.recorded_at, now, late_after_s)


def has_waited(recorded_at: datetime, now: datetime, late_after_s: float) -> bool:
    """Tell whether something has waited so long that people have to be told."""
    return (now - recorded_at).total_seconds() > late_after_s
