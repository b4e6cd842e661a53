"""The pages of rooms: what was said, what is said now, and a form where visitors may speak."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from bridge.events import ChatSaid, RoomId, Speaker, SpeakerKind, site_end
from bridge.features.contract import Parts
from bridge.features.rooms.conversation import Conversation, Snapshot
from bridge.features.rooms.views import Viewer, grouped
from bridge.features.rooms.visitors import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Pace,
    Refused,
    Said,
    checked,
    folded,
    shown,
)
from bridge.features.routes import Room, Routes
from bridge.features.telling import Teller
from bridge.journal import Draft, Record, RecordId, SourceName
from bridge.locales import LANGUAGES, Catalogue
from bridge.store.players import is_players_name
from bridge.website import (
    Briefly,
    Broadcast,
    Request,
    ServerSentEvent,
    Site,
    StreamResponse,
    serve_events,
    wants_json,
)
from bridge.website.positions import seen_through
from bridge.website.shared import Shared

_STATUSES: Final = {"too-fast": HTTPStatus.TOO_MANY_REQUESTS}
MOST_ON_HOME: Final = 5
"""How many lines of each room the first page shows."""

_SHOWN_WITHIN_S: Final = 1.0  # until a line said without a script is on the page that follows
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Said:
    """A room's lines as HTML, and the position up to which nothing is missing among them."""

    html: Markup
    through: int


class RoomPages:
    """Serves the rooms that the settings open to the website."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self._snapshots: dict[tuple[RoomId, str], Shared[Snapshot]] = {}
        self._broadcasts: dict[tuple[RoomId, str], Broadcast] = {}  # one for each language
        self._pace = Pace(parts.settings.website.visitor_interval_s, time.monotonic)
        self._change = asyncio.Event()  # the next one
        self.kept: Briefly[_Said] = Briefly()
        self.configure(Teller(parts.settings, parts.catalogue), Routes.of(parts.settings))
        site.add_templates(Path(__file__).parent / "templates")
        site.home.add_part(self.said_last)
        site.add_get("/rooms/{room}", self.page)
        site.add_get("/embed/rooms/{room}", self.embed)
        site.add_get("/rooms/{room}/stream", self.stream)
        site.add_post("/rooms/{room}/lines", self.say)

    def changed(self) -> None:
        """Show rooms anew: something was said."""
        self.kept.forget()
        self._change.set()
        self._change = asyncio.Event()

    def configure(self, teller: Teller, routes: Routes) -> None:
        """Show rooms as the settings now say."""
        self._teller = teller
        self.kept.forget()
        self._pace.interval_s = teller.settings.website.visitor_interval_s
        self._rooms = {room.id: room for room in routes.rooms if room.settings.website != "off"}
        for told in itertools.product(self._rooms, LANGUAGES):
            if told not in self._broadcasts:
                self._broadcasts[told] = self._site.broadcast()
        self._site.show_rooms([(room.id, room.title) for room in self._rooms.values()])

    async def tell(self, records: Sequence[Record]) -> None:
        """Send what is new to everybody who reads along."""
        for room, language in itertools.product(self._rooms.values(), LANGUAGES):
            broadcast = self._broadcasts[room.id, language]
            if not broadcast.listeners:
                continue
            conversation = self._conversation(room, language)
            for record in records:
                for event in await conversation.events(record):
                    broadcast.send(event)

    async def page(self, request: Request) -> StreamResponse:
        """Show a room."""
        name = shown(request.query.get("name", ""))[:LONGEST_NAME]
        return await self._show(request, self._room(request), name=name)

    async def embed(self, request: Request) -> StreamResponse:
        """Show a room in a frame on another page."""
        answer = await self.page(request)
        self._site.open_to_frames(request)
        return answer

    async def said_last(self, language: str) -> str:
        """Return the newest lines of every open room, for the first page."""
        said = [
            (room, await self._conversation(room, language).newest(MOST_ON_HOME))
            for room in self._rooms.values()
        ]
        return self._site.part("said.html", language=language, said=said)

    async def stream(self, request: Request) -> StreamResponse:
        """Send a room's lines as they come, beginning after the last one that the browser has."""
        room, language = self._room(request), self._site.language(request)
        seen = seen_through(request)
        with self._broadcasts[room.id, language].listen(self._site.address_of(request)) as queue:
            conversation = self._conversation(room, language)
            snapshot = await self._snapshot(room, language)
            first = await conversation.missed(snapshot.through if seen is None else seen, snapshot)

            def is_told(event: ServerSentEvent) -> bool:
                return event.id is not None and int(event.id) <= snapshot.through

            return await serve_events(request, queue, first=first, skip=is_told)

    async def _snapshot(self, room: Room, language: str) -> Snapshot:
        """Return what a room shows now; many browsers that begin at once, as after a restart, share it."""
        key = room.id, language
        if key not in self._snapshots:
            self._snapshots[key] = Shared(
                lambda: self._conversation(self._rooms[room.id], language).snapshot()
            )
        return await self._snapshots[key].get()

    async def say(self, request: Request) -> StreamResponse:
        """Take a visitor's line."""
        room = self._room(request)
        if room.settings.website != "write":
            self._site.refuse(HTTPStatus.FORBIDDEN)
        if request.content_type != _FORM:
            self._site.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            form = await request.post()
        except (ValueError, LookupError):  # bytes that are no text, or in an encoding that is none
            self._site.refuse(HTTPStatus.BAD_REQUEST)
        name, text = str(form.get("name", "")), str(form.get("text", ""))
        try:
            said = await self._checked(request, name, text)
        except Refused as exc:
            return await self._refused(request, room, exc, name, text)
        change = self._change
        await self._append(room, said)
        if wants_json(request):
            return self._site.json({"said": True})
        with contextlib.suppress(TimeoutError):  # then the page shows the line when it is loaded again
            async with asyncio.timeout(_SHOWN_WITHIN_S):
                await change.wait()
        return self._site.see(f"/rooms/{room.id}?name={quote(said.name)}#say")

    def _room(self, request: Request) -> Room:
        room = self._rooms.get(RoomId(request.match_info["room"]))
        if room is None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        return room

    def _conversation(self, room: Room, language: str) -> Conversation:
        teller = Teller(self._teller.settings, self._site.catalogue(language))
        return Conversation(Viewer(room, teller), self._parts, self._site)

    async def _checked(self, request: Request, name: str, text: str) -> Said:
        """Return what a visitor may say.

        Raises:
            Refused: Too soon, too long, or under a name that is not theirs.
        """
        said = checked(name, text)
        spoken = map(self._site.catalogue, LANGUAGES)
        ours = {each.plain(f"relay.{who}") for each in spoken for who in ("console", "somebody")}
        if folded(said.name) in map(folded, ours):
            raise Refused("name-taken")
        async with self._parts.store.reading() as conn:
            if await is_players_name(conn, folded(said.name)):
                raise Refused("name-taken")
        self._pace.take(self._site.address_of(request))
        return said

    async def _refused(
        self, request: Request, room: Room, exc: Refused, name: str, text: str
    ) -> StreamResponse:
        catalogue = self._site.catalogue(self._site.language(request))
        reason = catalogue.plain(f"site.room.refused.{exc.key}", **exc.values)
        status = _STATUSES.get(exc.key, HTTPStatus.UNPROCESSABLE_ENTITY)
        if wants_json(request):
            return self._site.json({"said": False, "reason": reason}, status=status)
        return await self._show(request, room, status=status, refused=reason, name=name, text=text)

    async def _show(
        self,
        request: Request,
        room: Room,
        *,
        status: int = 200,
        refused: str | None = None,
        name: str = "",
        text: str = "",
    ) -> StreamResponse:
        language = self._site.language(request)
        said = await self.kept.get((room.id, language), lambda: self._said(room, language))
        return self._site.render(
            "room.html",
            request=request,
            status=status,
            path=f"/rooms/{room.id}" if request.method == "POST" else None,
            room=room,
            joined=" · ".join(self._joined(room, self._site.catalogue(language))),
            lines=said.html,
            last=said.through,
            may_write=room.settings.website == "write",
            longest_name=LONGEST_NAME,
            longest_text=LONGEST_TEXT,
            refused=refused,
            name=name[:LONGEST_NAME],
            text=text[:LONGEST_TEXT],
        )

    async def _said(self, room: Room, language: str) -> _Said:
        """Return the lines that the page shows, ready to be put into it."""
        snapshot = await self._conversation(room, language).snapshot()
        html = self._site.part("lines.html", language=language, lines=grouped(snapshot.views))
        return _Said(Markup(html.strip()), snapshot.through)  # noqa: S704 - from our own template

    def _joined(self, room: Room, catalogue: Catalogue) -> list[str]:
        """Return what the room joins, in words."""
        servers = [self._teller.server_title(server) for server in room.servers]
        discord = [catalogue.plain("site.room.sources.discord")] if room.channels else []
        return [*servers, *discord, catalogue.plain("site.room.sources.website")]

    async def _append(self, room: Room, said: Said) -> None:
        key = secrets.token_hex(8)
        speaker = Speaker(kind=SpeakerKind.VISITOR, name=said.name)
        event = ChatSaid(at=self._parts.now(), end=site_end(room.id), speaker=speaker, text=said.text)
        source = SourceName(f"site:{room.id}")
        await self._parts.journal.append(
            Draft(id=RecordId(f"{source}:{key}"), source=source, place=key, event=event)
        )
