"""The feeds: what is new on a server, and what was announced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from bridge.events import AnnouncementMade, Event, ServerId
from bridge.features.contract import Parts
from bridge.features.news.atom import TYPE, Entry, Feed, atom, tag
from bridge.features.news.entries import Editor
from bridge.features.telling import Teller
from bridge.store.announcements import removed_among
from bridge.store.happenings import EVERYWHERE, recent_happenings
from bridge.website import Briefly, Request, Site, StreamResponse, made_file, open_to_all

MOST: Final = 40  # entries
KEEP_FOR_S: Final = 60
NEWS: Final = "/feeds/news.atom"


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a feed is about."""

    path: str
    page: str  # that tells the same to people
    title: str
    server: ServerId
    kinds: tuple[type[Event], ...]


class FeedPages:
    """Serves the feeds."""

    def __init__(self, parts: Parts, site: Site, teller: Callable[[], Teller]) -> None:
        self._parts, self._site, self._community = parts, site, teller
        self._since = parts.now()
        self.kept: Briefly[tuple[bytes, datetime]] = Briefly()
        site.add_feed(NEWS, "news.title")
        site.add_get(NEWS, self.news)
        site.add_get("/feeds/servers/{server}.atom", self.server)

    async def news(self, request: Request) -> StreamResponse:
        """Tell what was announced."""
        editor = self._editor(request)
        title = editor.teller.catalogue.plain("news.title")
        return await self._answer(
            request, editor, _Subject(NEWS, "/", title, EVERYWHERE, (AnnouncementMade,))
        )

    async def server(self, request: Request) -> StreamResponse:
        """Tell what is new on one server."""
        server, editor = ServerId(request.match_info["server"]), self._editor(request)
        if server not in self._parts.servers:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        title = editor.teller.server_title(server)
        path, page = f"/feeds/servers/{server}.atom", f"/servers/{server}"
        return await self._answer(request, editor, _Subject(path, page, title, server, editor.kinds))

    def _editor(self, request: Request) -> Editor:
        settings = self._community().settings
        public = (settings.website.public_url or "").rstrip("/") or None
        host = urlsplit(public).hostname if public else None
        teller = Teller(settings, self._site.catalogue(self._site.language(request)))
        return Editor(teller, public, host or "localhost")

    async def _answer(self, request: Request, editor: Editor, subject: _Subject) -> StreamResponse:
        async def make() -> tuple[bytes, datetime]:
            feed = self._feed(editor, subject, await self._entries(editor, subject))
            return atom(feed), feed.updated

        body, updated = await self.kept.get((subject.path, editor.teller.catalogue.language), make)
        open_to_all(request)
        return made_file(request, body, TYPE, max_age_s=KEEP_FOR_S, modified=updated)

    async def _entries(self, editor: Editor, subject: _Subject) -> list[Entry]:
        async with self._parts.store.reading() as conn:
            found = await recent_happenings(conn, subject.server, subject.kinds, most=MOST)
            removed = await removed_among(conn, [happening.position for happening in found])
        told = (editor.entry(happening) for happening in found if happening.position not in removed)
        return [entry for entry in told if entry is not None]

    def _feed(self, editor: Editor, subject: _Subject, entries: list[Entry]) -> Feed:
        community, public = editor.teller.settings.community.name, editor.public_url
        return Feed(
            id=tag(editor.authority, subject.path.removeprefix("/").removesuffix(".atom")),
            title=f"{subject.title} · {community}",
            author=community,
            language=editor.teller.catalogue.language,
            updated=entries[0].at if entries else self._since,
            entries=entries,
            own_url=None if public is None else public + subject.path,
            page_url=None if public is None else public + subject.page,
        )
