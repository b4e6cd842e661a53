"""Lines as a room's page shows them. Pure."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from bridge.events import (
    AnnouncementMade,
    ChatBroadcast,
    ChatEmoted,
    ChatLine,
    ChatSaid,
    EndId,
    Speaker,
    SpeakerKind,
    channel_end,
    kind_of,
)
from bridge.features.announcing import announced_html
from bridge.features.routes import Room
from bridge.features.telling import NOTICES, Teller, place_of
from bridge.journal import Record
from bridge.store.announcements import ends_told
from bridge.store.lines import Line
from bridge.text import to_html


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One line of the page; ``html`` is ours and safe, everything else is plain text."""

    position: int
    form: str  # said, emote, broadcast or notice
    kind: str  # the event's kind, for the page's looks: ``player.joined``
    source: str  # discord, game, website or console
    at: datetime
    html: Markup
    name: str = ""
    tint: int | None = None  # the nearest of the style sheet's twelve to a member's role colour
    reply: str | None = None  # who is answered
    edited: bool = False

    @property
    def symbol(self) -> str:
        """The drawing that goes with a notice: ``joined``, ``died``, ``announced``."""
        return _SYMBOLS.get(self.kind) or self.kind.partition(".")[2]


TINTS: Final = 12
GROUP: Final = timedelta(minutes=7)
"""Lines of one speaker within this time stand under one name."""

_SYMBOLS = {kind_of(AnnouncementMade): "announced"}
_FORMS = {ChatSaid: "said", ChatEmoted: "emote", ChatBroadcast: "broadcast"}
_SOURCES = {
    SpeakerKind.PLAYER: "game",
    SpeakerKind.MEMBER: "discord",
    SpeakerKind.VISITOR: "website",
    SpeakerKind.CONSOLE: "console",
}
_EVENTS: Final[dict[str, type[ChatLine]]] = {
    "chat.said": ChatSaid,
    "chat.emoted": ChatEmoted,
    "chat.broadcast": ChatBroadcast,
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Shows records and archived lines in one room."""

    room: Room
    teller: Teller

    def of_record(self, record: Record) -> View | None:
        """Return how a record shows on the page; None if it does not belong there."""
        event = record.event
        if isinstance(event, AnnouncementMade):
            return self.of_announcement(record.position, event)
        place = place_of(event)
        if place is None or place not in self.room.ends:
            return None
        if isinstance(event, ChatLine):
            return self._view(record.position, _FORMS[type(event)], event)
        if type(event) in NOTICES and self.teller.notice_settings(NOTICES[type(event)]).enabled:
            text = self.teller.notice(event)
            if text is None or not text.plain.strip():
                return None
            return View(
                position=record.position,
                form="notice",
                kind=event.kind,
                source="game",
                at=event.at,
                html=Markup(to_html(text)),  # noqa: S704 - to_html escapes what people typed
            )
        return None

    def of_announcement(self, position: int, event: AnnouncementMade) -> View | None:
        """Return how an announcement shows on the page; None if none of the room's ends is told."""
        told = ends_told(event) & self.room.ends
        if not told:
            return None
        html = announced_html(
            event,
            mask=self.teller.settings.privacy.mask_addresses,
            for_servers=told.isdisjoint(map(channel_end, event.channels)),
        )
        if not html:
            return None
        return View(
            position=position,
            form="notice",
            kind=event.kind,
            source="website",
            at=event.at,
            html=html,
        )

    def of_line(self, line: Line) -> View:
        """Return how an archived line shows on the page."""
        event = event_of(line)
        return self._view(line.position, _FORMS[type(event)], event, edited=line.edited_at is not None)

    def _view(self, position: int, form: str, event: ChatLine, *, edited: bool = False) -> View:
        speaker = event.speaker
        return View(
            position=position,
            form=form,
            kind=event.kind,
            source=_SOURCES[speaker.kind],
            at=event.at,
            html=Markup(to_html(self.teller.said(event))),  # noqa: S704 - to_html escapes what people typed
            name=self.teller.name_of(speaker),
            tint=tint_of(speaker.colour),
            reply=self._answered(event),
            edited=edited,
        )

    def _answered(self, event: ChatLine) -> str | None:
        """Return who is answered, by the name that may be shown."""
        if event.reply is None:
            return None
        return self.teller.name_of(Speaker(kind=SpeakerKind.PLAYER, name=event.reply.name))


def event_of(line: Line) -> ChatLine:
    """Return an archived line as the event that it is of, as it now reads."""
    body = line.body
    return _EVENTS[line.kind](
        at=line.said_at,
        end=EndId(line.end),
        speaker=body.speaker,
        text=body.text,
        markup=body.markup,
        mentions=body.mentions,
        attachments=body.attachments,
        reply=body.reply,
        message=line.message,
    )


def grouped(views: Sequence[View]) -> list[tuple[View, bool]]:
    """Return each line with whether it goes on under the name above it."""
    before: list[View | None] = [None, *views]
    return [(view, _follows(view, last)) for view, last in zip(views, before, strict=False)]


def _follows(view: View, before: View | None) -> bool:
    if before is None or "notice" in (view.form, before.form) or view.reply is not None:
        return False
    same = (view.source, view.name) == (before.source, before.name)
    return same and view.at - before.at < GROUP


def tint_of(colour: int | None) -> int | None:
    """Return which of the twelve tints is nearest to a role colour; None for none and for greys.

    The page's own tints are readable by day and by night, which a role's colour need not be.
    """
    if not colour:
        return None
    hue, _, richness = colorsys.rgb_to_hls(*((colour >> shift & 0xFF) / 255 for shift in (16, 8, 0)))
    return round(hue * TINTS) % TINTS if richness > 0.15 else None
