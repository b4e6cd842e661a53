"""What was said in a room, as its page shows it: the newest lines, and what a browser has missed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.events import ChatEdited, ChatRemoved
from bridge.features.contract import Parts
from bridge.features.rooms.archive import NAME
from bridge.features.rooms.views import View, Viewer
from bridge.features.telling import NOTICES
from bridge.journal import Record, SourceName
from bridge.store.announcements import Announcement, recent_announcements, removed_announcements
from bridge.store.deliveries import records_of_copy
from bridge.store.lines import Line, changed_lines, line_of_message, recent_lines
from bridge.store.readers import reader_position
from bridge.website import ServerSentEvent, Site

MOST_LINES: Final = 100
"""How much of a conversation a page shows."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest lines, oldest first, and the position up to which nothing is missing among them."""

    views: tuple[View, ...]
    through: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """One room's conversation, as views and as events for browsers."""

    viewer: Viewer
    parts: Parts
    site: Site

    async def snapshot(self) -> Snapshot:
        """Return the newest lines, notices and announcements, up to where the archive has read.

        What comes later is told to browsers by :meth:`events`: so nothing is shown twice or never.
        """
        room = self.viewer.room
        ends = sorted(room.ends)
        async with self.parts.store.reading() as conn:
            through = await reader_position(conn, NAME) or 0
            lines = await recent_lines(conn, ends, most=MOST_LINES)
            announced = await recent_announcements(conn, ends, most=MOST_LINES, through=through)
        first = lines[0].position if len(lines) == MOST_LINES else 0
        views = self._views(lines, [told for told in announced if told.position > first])
        for server in room.servers:
            for way in ("log", "management"):
                source = SourceName(f"{way}:{server}")
                notices = await self.parts.journal.recent(source, tuple(NOTICES), most=MOST_LINES)
                told = (self.viewer.of_record(notice) for notice in notices if notice.position <= through)
                views += [view for view in told if view is not None]
        return Snapshot(_newest(views, MOST_LINES), through)

    async def newest(self, most: int) -> tuple[View, ...]:
        """Return the newest lines and announcements, without notices of what happened, oldest first."""
        ends = sorted(self.viewer.room.ends)
        async with self.parts.store.reading() as conn:
            through = await reader_position(conn, NAME) or 0
            lines = await recent_lines(conn, ends, most=most)
            announced = await recent_announcements(conn, ends, most=most, through=through)
        return _newest(self._views(lines, announced), most)

    async def missed(self, seen: int, snapshot: Snapshot) -> list[ServerSentEvent]:
        """Return what a browser has to be told that saw everything up to a position.

        Edits and removals of lines that it shows are told again: it may have missed them, and being told
        twice changes nothing.
        """
        views = snapshot.views
        if not views:
            return []
        if len(views) == MOST_LINES and views[0].position > seen:  # there may be more between
            return [ServerSentEvent(name="reset", data=""), *map(self.line, views)]
        async with self.parts.store.reading() as conn:
            ends = sorted(self.viewer.room.ends)
            changed = await changed_lines(conn, ends, first=views[0].position, last=seen)
            gone = await removed_announcements(conn, ends, first=views[0].position, last=seen)
        news = [self.line(view) for view in views if view.position > seen]
        return [*map(self._changed, changed), *(_removed(position, None) for position in gone), *news]

    async def events(self, record: Record) -> list[ServerSentEvent]:
        """Return what a new record means for a browser that shows the room."""
        event, position = record.event, str(record.position)
        if not isinstance(event, ChatEdited | ChatRemoved):
            view = self.viewer.of_record(record)
            return [] if view is None else [self.line(view)]
        if event.end not in self.viewer.room.ends or event.message is None:
            return []
        async with self.parts.store.reading() as conn:
            line = await line_of_message(conn, event.end, event.message)
            if line is not None:
                return [self._changed(line, id_=position)]
            shown = await records_of_copy(conn, event.end, event.message)
        if isinstance(event, ChatEdited):
            return []  # nobody edits our own messages but us
        return [_removed(shown_at, position) for shown_at in shown]

    def _views(self, lines: Sequence[Line], announced: Sequence[Announcement]) -> list[View]:
        """Return what shows of some lines and announcements; the announcements follow the lines."""
        shown = (self.viewer.of_announcement(told.position, told.event) for told in announced)
        return [*map(self.viewer.of_line, lines), *(view for view in shown if view is not None)]

    def line(self, view: View) -> ServerSentEvent:
        """Return a line as an event."""
        return ServerSentEvent(name="line", data=self._html(view), id=str(view.position))

    def _changed(self, line: Line, id_: str | None = None) -> ServerSentEvent:
        if line.removed_at is not None:
            return _removed(line.position, id_)
        html = self._html(self.viewer.of_line(line))
        return ServerSentEvent(
            name="edited", data=json.dumps({"position": line.position, "html": html}), id=id_
        )

    def _html(self, view: View) -> str:
        language = self.viewer.teller.catalogue.language
        return self.site.part("line.html", language=language, view=view, follows=False).strip()


def _newest(views: Iterable[View], most: int) -> tuple[View, ...]:
    return tuple(sorted(views, key=lambda view: view.position)[-most:])


def _removed(position: int, id_: str | None) -> ServerSentEvent:
    return ServerSentEvent(name="removed", data=str(position), id=id_)
