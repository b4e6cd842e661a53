"""Turns records into the lines that one game server's players read. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bridge.events import (
    CHAT_LINES,
    AnnouncementMade,
    ChatEdited,
    ChatLine,
    ChatRemoved,
    Event,
    ServerId,
    SpeakerKind,
    server_end,
)
from bridge.features.announcing import announced_text
from bridge.features.routes import Room, Routes
from bridge.features.telling import Teller, is_broadcast, is_emote
from bridge.journal import Record, is_imported
from bridge.text import RichText

READ: Final[tuple[type[Event], ...]] = (*CHAT_LINES, ChatEdited, ChatRemoved, AnnouncementMade)
"""The kinds that are told in the game."""

_REPLY_LENGTH: Final = 40  # characters of the message that is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class GameLine:
    """One line for the chat of a server."""

    position: int
    at: datetime
    recorded_at: datetime  # by the bridge's own clock: lines that wait too long become late
    text: RichText
    late: bool = False
    announced: bool = False  # an announcement is never among the late lines


@dataclass(frozen=True, slots=True)
class GameLines:
    """What the players of one server are told, and how it reads there."""

    server: ServerId
    teller: Teller
    routes: Routes

    def of(self, record: Record, *, late: bool) -> GameLine | None:
        """Return how a record is told on this server; None if it is not."""
        event = record.event
        text = None
        if isinstance(event, AnnouncementMade):
            return self._announcement(record, event)
        if is_imported(record):
            return None
        if isinstance(event, ChatLine):
            text = self._chat(event)
        elif isinstance(event, ChatEdited):
            text = self._edited(event)
        if text is None or not text.plain.strip():
            return None
        return _line(record, text, late=late)

    def removed(self, record: Record, name: str) -> GameLine | None:
        """Return the line that tells that something *name* said has been removed."""
        event = record.event
        if not isinstance(event, ChatRemoved):
            return None
        room = self.routes.between(event.end, server_end(self.server))
        if room is None or not room.settings.removals_in_game:
            return None
        text = self.teller.catalogue.text("relay.game.removed", player=name)
        return _line(record, text)

    def heading(self, late: list[GameLine]) -> RichText:
        """Return the line that says how many lines arrive late, and from when they are."""
        zone = ZoneInfo(self.teller.settings.community.time_zone)
        first, last = (f"{at.astimezone(zone):%H:%M}" for at in (late[0].at, late[-1].at))
        return self.teller.catalogue.text("relay.late", count=len(late), first=first, last=last)

    def _announcement(self, record: Record, event: AnnouncementMade) -> GameLine | None:
        settings = self.teller.settings
        mask, most = settings.privacy.mask_addresses, settings.relay.game_length
        said = announced_text(event, mask=mask, between=RichText.of(" "), most=most, for_servers=True)
        if self.server not in event.servers or not said:
            return None
        text = self.teller.catalogue.text(
            "relay.game.announced", community=settings.community.name, text=said
        )
        return replace(_line(record, text), announced=True)

    def _chat(self, event: ChatLine) -> RichText | None:
        room = self.routes.between(event.end, server_end(self.server))
        if room is None:
            return None
        said = self._said(event)
        if not said.plain.strip():
            return None
        form = "emote" if is_emote(event) else "broadcast" if is_broadcast(event) else "said"
        return self.teller.catalogue.text(
            f"relay.game.{form}", source=self._source(event, room), player=self._name(event), text=said
        )

    def _edited(self, event: ChatEdited) -> RichText | None:
        room = self.routes.between(event.end, server_end(self.server))
        if room is None or not room.settings.edits_in_game:
            return None
        return self.teller.catalogue.text(
            "relay.game.edited",
            source=self._source(event, room),
            player=self._name(event),
            text=self._said(event),
        )

    def _said(self, event: ChatLine | ChatEdited) -> RichText:
        said = self.teller.said(event)
        # One line a message: players read it between their own lines.
        said = RichText.of(" ").join([line for line in said.lines() if line])
        said = said.truncate(self.teller.settings.relay.game_length)
        if event.reply is None:
            return said
        answered = self.teller.answered(event.reply).truncate(_REPLY_LENGTH)
        reply = self.teller.catalogue.text("relay.game.reply", player=event.reply.name, text=answered)
        return reply + " " + said

    def _name(self, event: ChatLine | ChatEdited) -> RichText:
        return RichText.of(self.teller.name_of(event.speaker))

    def _source(self, event: ChatLine | ChatEdited, room: Room) -> str:
        """Return where a line comes from, as players know it."""
        if event.speaker.kind is SpeakerKind.MEMBER:
            return self.teller.catalogue.plain("relay.game.discord")
        if event.speaker.kind is SpeakerKind.VISITOR:
            return self.teller.catalogue.plain("relay.game.website")
        server = next((server for server in room.servers if server_end(server) == event.end), None)
        return self.teller.server_title(server) if server is not None else room.title


def _line(record: Record, text: RichText, *, late: bool = False) -> GameLine:
    return GameLine(
        position=record.position,
        at=record.event.at,
        recorded_at=record.recorded_at,
        text=text,
        late=late,
    )
