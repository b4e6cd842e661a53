"""Rooms for programs: which there are, what was said in them, and a way to speak."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal

import msgspec

from bridge.config.access import Permission
from bridge.events import ChatSaid, RoomId, Speaker, SpeakerKind, site_end
from bridge.features.contract import Parts
from bridge.features.rooms.views import Viewer, event_of
from bridge.features.rooms.visitors import LONGEST_NAME, LONGEST_TEXT, shown
from bridge.features.routes import Room, Routes
from bridge.features.telling import Teller
from bridge.journal import Draft, RecordId, SourceName
from bridge.store.lines import Line, recent_lines
from bridge.website import Request, Site
from bridge.website.api import (
    ApiCall,
    ApiRefused,
    Cursor,
    Endpoint,
    FieldError,
    Nothing,
    Paged,
    cursor_of,
    next_page,
    position_of,
)
from bridge.website.identity import Identity

TAG: Final = "Rooms"
_LONGEST_KEY: Final = 200  # characters of an Idempotency-Key


class ListedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room: servers, channels and a page that share a conversation."""

    id: Annotated[str, msgspec.Meta(description="Its name in paths.")]
    title: Annotated[str, msgspec.Meta(description="What people call it.")]
    servers: Annotated[tuple[str, ...], msgspec.Meta(description="The ids of its servers.")]
    website: Annotated[
        Literal["off", "read", "write"],
        msgspec.Meta(description="What visitors of the website may do in it."),
    ]


class RoomList(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms that the caller may read."""

    rooms: tuple[ListedRoom, ...]


class RoomLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a conversation, as it now reads."""

    position: Annotated[
        int, msgspec.Meta(description="Its record's place in the journal; below 0: it was imported.")
    ]
    at: datetime
    form: Annotated[
        Literal["said", "emote", "broadcast"],
        msgspec.Meta(description="emote: what somebody does; broadcast: said to all, with authority."),
    ]
    source: Annotated[
        Literal["game", "discord", "website", "console"], msgspec.Meta(description="From where.")
    ]
    name: Annotated[str, msgspec.Meta(description="Who said it, by the name that may be shown.")]
    text: Annotated[str, msgspec.Meta(description="What was said, as plain text.")]
    html: Annotated[str, msgspec.Meta(description="The same as safe HTML.")]
    reply_to: Annotated[str | None, msgspec.Meta(description="Who is answered.")]
    edited: bool


class RoomLines(Paged, frozen=True, kw_only=True):
    """Lines, oldest first; `next` leads to those before them."""

    lines: tuple[RoomLine, ...]


class Spoken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be said."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT, description="In one line.")]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was said."""

    id: Annotated[str, msgspec.Meta(description="The id of its record.")]
    name: Annotated[str, msgspec.Meta(description="The name under which it was said.")]
    text: Annotated[str, msgspec.Meta(description="The text, without what nobody should see.")]


class RoomPath(msgspec.Struct, frozen=True):
    """Which room."""

    room: Annotated[str, msgspec.Meta(description="Its id.")]


class LinesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500, description="How many at most.")] = 100
    cursor: Cursor | None = None


_LINE: Final = RoomLine(
    position=1042,
    at=datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
    form="said",
    source="game",
    name="Nora",
    text="hello",
    html="hello",
    reply_to=None,
    edited=False,
)


class RoomsApi:
    """The endpoints about rooms."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self.configure(Teller(parts.settings, parts.catalogue), Routes.of(parts.settings))
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/rooms",
                handler=self.rooms,
                summary="The rooms that the caller may read.",
                details="Rooms that are closed to visitors need the permission `rooms.read`.",
                tag=TAG,
                example=RoomList(
                    rooms=(ListedRoom(id="main", title="The square", servers=("survival",), website="write"),)
                ),
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/rooms/{room}/lines",
                handler=self.lines,
                summary="What was said in a room: the newest lines, oldest first.",
                details="Rooms that are closed to visitors need the permission `rooms.read`.",
                tag=TAG,
                example=RoomLines(lines=(_LINE,), next="/api/v1/rooms/main/lines?limit=1&cursor=MTA0Mg"),
                query=LinesQuery,
                values=RoomPath,
            )
        )
        site.add_api(
            Endpoint(
                method="POST",
                path="/api/v1/rooms/{room}/lines",
                handler=self.say,
                summary="Say something in a room.",
                details="It is said under the caller's own name: the token's, or the member's. With the "
                "header Idempotency-Key, sending the same twice says it once.",
                tag=TAG,
                example=Said(id="site:main:9f2c5b7a", name="Shop", text="Nora has a new rank."),
                body=Spoken,
                values=RoomPath,
                status=HTTPStatus.CREATED,
            )
        )

    def configure(self, teller: Teller, routes: Routes) -> None:
        """Tell of rooms as the settings now say."""
        self._teller = teller
        self._rooms = {room.id: room for room in routes.rooms}

    async def rooms(self, call: ApiCall[Nothing, Nothing, Nothing]) -> RoomList:
        """Return the rooms that the caller may read."""
        return RoomList(
            rooms=tuple(
                ListedRoom(id=room.id, title=room.title, servers=room.servers, website=room.settings.website)
                for room in self._rooms.values()
                if _may_read(room, call.identity)
            )
        )

    async def lines(self, call: ApiCall[LinesQuery, Nothing, RoomPath]) -> RoomLines:
        """Return a page of what was said in a room.

        Raises:
            ApiRefused: 404: there is no such room for the caller; 422: a cursor of something else.
        """
        room, query = self._room(call.values, call.identity), call.query
        before = None if query.cursor is None else position_of(query.cursor)
        async with self._parts.store.reading() as conn:
            lines = await recent_lines(conn, sorted(room.ends), most=query.limit, before=before)
        more = len(lines) == query.limit
        viewer = Viewer(room, self._teller)
        return RoomLines(
            lines=tuple(_line(viewer, line) for line in lines),
            next=next_page(call.request, cursor_of(lines[0].position) if more else None),
        )

    async def say(self, call: ApiCall[Nothing, Spoken, RoomPath]) -> Said:
        """Say something in a room under the caller's name.

        Raises:
            ApiRefused: 404: there is no such room for the caller; 422: nothing would be left of the text.
            JournalError: It could not be kept, so it is not said.
        """
        room = self._room(call.values, call.identity)
        text = shown(call.body.text)
        if not text:
            catalogue = self._site.catalogue(self._site.language(call.request))
            error = FieldError(pointer="#/text", detail=catalogue.plain("site.room.refused.empty"))
            raise ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, error)
        name = shown(call.identity.name)[:LONGEST_NAME]
        source = SourceName(f"site:{room.id}")
        key = _key(call.request, call.identity)
        speaker = Speaker(kind=SpeakerKind.VISITOR, name=name)
        event = ChatSaid(at=self._parts.now(), end=site_end(room.id), speaker=speaker, text=text)
        draft = Draft(id=RecordId(f"{source}:{key}"), source=source, place=key, event=event)
        await self._parts.journal.append(draft)
        return Said(id=draft.id, name=name, text=text)

    def _room(self, path: RoomPath, identity: Identity) -> Room:
        room = self._rooms.get(RoomId(path.room))
        if room is None or not _may_read(room, identity):
            raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no room of that id that the caller may read.")
        return room


def _may_read(room: Room, identity: Identity) -> bool:
    return room.settings.website != "off" or identity.may(Permission.ROOMS_READ)


def _key(request: Request, identity: Identity) -> str:
    """Return what tells one line from another: by the caller's own key, else at random."""
    given = request.headers.get("Idempotency-Key", "")[:_LONGEST_KEY]
    if not given:
        return secrets.token_hex(8)
    return hashlib.sha256(f"{identity.kind}:{identity.id}:{given}".encode(errors="replace")).hexdigest()[:32]


def _line(viewer: Viewer, line: Line) -> RoomLine:
    view = viewer.of_line(line)
    return RoomLine(
        position=view.position,
        at=view.at,
        form=view.form,  # type: ignore[arg-type] # a line is none of the notices
        source=view.source,  # type: ignore[arg-type] # the views name these four
        name=view.name,
        text=viewer.teller.said(event_of(line)).plain,
        html=str(view.html),
        reply_to=view.reply,
        edited=view.edited,
    )
