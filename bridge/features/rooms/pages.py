"""The pages of rooms: what was said, what is said now, and a form where visitors may speak."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

from bridge.events import ChatEdited, ChatRemoved, ChatSaid, RoomId, Speaker, SpeakerKind, site_end
from bridge.features.contract import Parts
from bridge.features.rooms.views import View, Viewer
from bridge.features.rooms.visitors import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Pace,
    Refused,
    Said,
    checked,
    visitor_of,
)
from bridge.features.routes import Room, Routes
from bridge.features.telling import NOTICES, Teller
from bridge.journal import Draft, Record, RecordId, SourceName
from bridge.store.deliveries import records_of_copy
from bridge.store.lines import line_of_message, recent_lines
from bridge.store.players import player
from bridge.website import Broadcast, Request, ServerSentEvent, Site, StreamResponse, serve_events

MOST_LINES: Final = 100
"""How much of a conversation a page shows."""


class RoomPages:
    """Serves the rooms that the settings open to the website."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self._broadcasts: dict[RoomId, Broadcast] = {}
        self._pace = Pace(parts.settings.website.visitor_interval_s, time.monotonic)
        self.configure(Teller(parts.settings, parts.catalogue), Routes.of(parts.settings))
        site.add_templates(Path(__file__).parent / "templates")
        site.add_get("/rooms/{room}", self.page)
        site.add_get("/rooms/{room}/stream", self.stream)
        site.add_post("/rooms/{room}/lines", self.say)

    def configure(self, teller: Teller, routes: Routes) -> None:
        """Show rooms as the settings now say."""
        self._teller = teller
        self._pace.interval_s = teller.settings.website.visitor_interval_s
        self._rooms = {room.id: room for room in routes.rooms if room.settings.website != "off"}
        for room in self._rooms:
            if room not in self._broadcasts:
                self._broadcasts[room] = self._site.broadcast()
        self._site.show_rooms([(room.id, room.title) for room in self._rooms.values()])

    async def tell(self, records: Sequence[Record]) -> None:
        """Send what is new to everybody who reads along."""
        for room in self._rooms.values():
            broadcast = self._broadcasts[room.id]
            if not broadcast.listeners:
                continue
            viewer = Viewer(room, self._teller)
            for record in records:
                for event in await self._events(viewer, record):
                    broadcast.send(event)

    async def page(self, request: Request) -> StreamResponse:
        """Show a room."""
        room = self._room(request)
        views = await self._views(room)
        return self._site.render(
            "room.html",
            room=room,
            views=views,
            last=max((view.position for view in views), default=0),
            may_write=room.settings.website == "write",
            longest_name=LONGEST_NAME,
            longest_text=LONGEST_TEXT,
            refused=None,
            name="",
            text="",
        )

    async def stream(self, request: Request) -> StreamResponse:
        """Send a room's lines as they come, beginning after the last one that the browser has."""
        room = self._room(request)
        last = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        with self._broadcasts[room.id].listen() as queue:
            seen = int(last) if last.isdecimal() else None
            missed = [view for view in await self._views(room) if seen is not None and view.position > seen]
            return await serve_events(request, queue, first=[self._line(view) for view in missed])

    async def say(self, request: Request) -> StreamResponse:
        """Take a visitor's line."""
        room = self._room(request)
        if room.settings.website != "write":
            self._site.refuse(HTTPStatus.FORBIDDEN)
        form = await request.post()
        name, text = str(form.get("name", "")), str(form.get("text", ""))
        try:
            said = await self._checked(request, room, name, text)
        except Refused as exc:
            return await self._refused(request, room, exc, name, text)
        await self._append(room, said)
        if wants_json(request):
            return self._site.json({"said": True})
        return self._site.see(f"/rooms/{room.id}#end")

    def _room(self, request: Request) -> Room:
        room = self._rooms.get(RoomId(request.match_info["room"]))
        if room is None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        return room

    async def _views(self, room: Room) -> list[View]:
        """Return the newest lines and notices of a room, oldest first."""
        viewer = Viewer(room, self._teller)
        async with self._parts.store.reading() as conn:
            lines = await recent_lines(conn, sorted(room.ends), most=MOST_LINES)
        views = [viewer.of_line(line) for line in lines]
        for server in room.servers:
            source = SourceName(f"log:{server}")
            notices = await self._parts.journal.recent(source, tuple(NOTICES), most=MOST_LINES)
            views += [view for view in map(viewer.of_record, notices) if view is not None]
        return sorted(views, key=lambda view: view.position)[-MOST_LINES:]

    async def _events(self, viewer: Viewer, record: Record) -> list[ServerSentEvent]:
        event = record.event
        if isinstance(event, ChatEdited | ChatRemoved):
            if event.end not in viewer.room.ends:
                return []
            return await self._changed(viewer, event)
        view = viewer.of_record(record)
        return [] if view is None else [self._line(view)]

    async def _changed(self, viewer: Viewer, event: ChatEdited | ChatRemoved) -> list[ServerSentEvent]:
        """Return what an edit or a removal does to the lines that browsers show."""
        message = event.message or ""
        async with self._parts.store.reading() as conn:
            line = await line_of_message(conn, event.end, message)
            if line is None:
                shown = await records_of_copy(conn, event.end, message)
                return [ServerSentEvent(name="removed", data=str(position)) for position in shown]
        if isinstance(event, ChatRemoved):
            return [ServerSentEvent(name="removed", data=str(line.position))]
        view = viewer.of_line(line)
        data = json.dumps({"position": view.position, "html": self._html(view)})
        return [ServerSentEvent(name="edited", data=data)]

    def _line(self, view: View) -> ServerSentEvent:
        return ServerSentEvent(name="line", data=self._html(view), id=str(view.position))

    def _html(self, view: View) -> str:
        return self._site.part("line.html", view=view)

    async def _checked(self, request: Request, room: Room, name: str, text: str) -> Said:
        """Return what a visitor may say.

        Raises:
            Refused: Not from our own page, too soon, too long, or under a player's name.
        """
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise Refused("csrf")
        said = checked(name, text)
        async with self._parts.store.reading() as conn:
            for server in room.servers:
                if await player(conn, server, said.name) is not None:
                    raise Refused("name-taken")
        trusted = self._parts.settings.website.trusted_proxies
        self._pace.take(visitor_of(request.remote, request.headers.get("X-Forwarded-For"), trusted))
        return said

    async def _refused(
        self, request: Request, room: Room, exc: Refused, name: str, text: str
    ) -> StreamResponse:
        reason = self._parts.catalogue.plain(f"site.room.refused.{exc.key}", **exc.values)
        status = HTTPStatus.TOO_MANY_REQUESTS if exc.key == "too-fast" else HTTPStatus.UNPROCESSABLE_ENTITY
        if wants_json(request):
            return self._site.json({"said": False, "reason": reason}, status=status)
        views = await self._views(room)
        return self._site.render(
            "room.html",
            status=status,
            room=room,
            views=views,
            last=max((view.position for view in views), default=0),
            may_write=True,
            longest_name=LONGEST_NAME,
            longest_text=LONGEST_TEXT,
            refused=reason,
            name=name,
            text=text,
        )

    async def _append(self, room: Room, said: Said) -> None:
        key = secrets.token_hex(8)
        speaker = Speaker(kind=SpeakerKind.VISITOR, name=said.name)
        event = ChatSaid(at=self._parts.now(), end=site_end(room.id), speaker=speaker, text=said.text)
        source = SourceName(f"site:{room.id}")
        await self._parts.journal.append(
            Draft(id=RecordId(f"{source}:{key}"), source=source, place=key, event=event)
        )


def wants_json(request: Request) -> bool:
    """Tell whether the page's script asks, rather than a plain form."""
    return "application/json" in request.headers.get("Accept", "")
