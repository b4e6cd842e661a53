"""The first page, a page for each server, and what other sites show of them: pictures, badges and cards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeVar

import structlog
from markupsafe import Markup

from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.servers import ServerView, State, view
from bridge.features.status.badge import LONGEST_LABEL, badge
from bridge.features.status.logic import Verdict, playing, verdict
from bridge.features.status.recent import Deed, recent_deeds
from bridge.features.status.uptime import uptime_told
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.store import StoreError
from bridge.website import Briefly, Request, Site, StreamResponse, made_file, open_to_all
from bridge.website.colours import coloured
from bridge.website.pictures import default_icon

log = structlog.get_logger(__name__)

_Found = TypeVar("_Found")

BADGE_FOR_S: Final = 60
ICON_FOR_S: Final = 300


class StatusPages:
    """Serves how the servers are; what many ask for at once is made once a second."""

    def __init__(self, parts: Parts, site: Site, teller: Callable[[], Teller]) -> None:
        self._parts, self._site, self._community = parts, site, teller
        self.kept: Briefly[Markup] = Briefly()
        site.add_templates(Path(__file__).parent / "templates")
        site.add_get("/", self.home)
        site.add_get("/servers/{server}", self.server)
        site.add_get("/servers/{server}/icon.png", self.icon)
        site.add_get("/badge/{server}.svg", self.badge)
        site.add_get("/embed/{server}", self.embed)

    async def home(self, request: Request) -> StreamResponse:
        """Show how every server is, what was said last and what comes next."""
        language = self._site.language(request)
        content = await self.kept.get(("home", language), lambda: self._home(language))
        views = self._views(language)
        return self._site.render(
            "status.html",
            request=request,
            content=content,
            sentence=sentence(verdict(views), views, self._site.catalogue(language)),
            playing=playing(views),
        )

    async def server(self, request: Request) -> StreamResponse:
        """Show one server."""
        server, language = self._server(request), self._site.language(request)
        content = await self.kept.get((server, language), lambda: self._page(server, language))
        shown = self._view(server, language)
        return self._site.render(
            "server-page.html",
            request=request,
            content=content,
            view=shown,
            sentence=sentence(verdict([shown]), [shown], self._site.catalogue(language)),
        )

    async def icon(self, request: Request) -> StreamResponse:
        """Show a server's picture, or a block of grass for one that has none."""
        server = self._server(request)
        shown = view(self._parts.servers[server], self._community(), now=self._parts.now())
        picture = shown.icon or default_icon()
        open_to_all(request)
        return made_file(request, picture, "image/png", max_age_s=ICON_FOR_S)

    async def badge(self, request: Request) -> StreamResponse:
        """Show in two words how a server is."""
        server, language = self._server(request), self._site.language(request)
        shown = self._view(server, language)
        picture = badge(
            request.query.get("label", shown.title)[:LONGEST_LABEL],
            _in_short(shown, self._site.catalogue(language)),
            shown.state,
            rounded=request.query.get("style") != "flat-square",
        )
        open_to_all(request)
        return made_file(request, picture, "image/svg+xml; charset=utf-8", max_age_s=BADGE_FOR_S)

    async def embed(self, request: Request) -> StreamResponse:
        """Show a server as a card for a frame on another page."""
        server = self._server(request)
        shown = self._view(server, self._site.language(request))
        answer = self._site.render("embed.html", request=request, view=shown, show_players=self._names)
        self._site.open_to_frames(request)
        return answer

    @property
    def _names(self) -> bool:
        return self._community().settings.website.show_players

    def _server(self, request: Request) -> ServerId:
        server = ServerId(request.match_info["server"])
        if server not in self._parts.servers:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        return server

    def _teller(self, language: str) -> Teller:
        return Teller(self._community().settings, self._site.catalogue(language))

    def _view(self, server: ServerId, language: str) -> ServerView:
        return view(self._parts.servers[server], self._teller(language), now=self._parts.now())

    def _views(self, language: str) -> list[ServerView]:
        return [self._view(server, language) for server in self._parts.servers]

    async def _home(self, language: str) -> Markup:
        views = self._views(language)
        amount = verdict(views)
        return self._part(
            "home.html",
            language,
            views=views,
            verdict=amount,
            sentence=sentence(amount, views, self._site.catalogue(language)),
            playing=playing(views),
            upcoming=await self._or_nothing(self._site.home.upcoming(language)),
            pieces=await self._or_nothing(self._site.home.parts(language)),
        )

    async def _page(self, server: ServerId, language: str) -> Markup:
        shown = self._view(server, language)
        deeds: list[Deed] = await self._or_nothing(
            recent_deeds(self._parts.store, server, self._teller(language))
        )
        uptime = await self._or_nothing(
            uptime_told(self._parts.store, server, self._site.catalogue(language), now=self._parts.now())
        )
        return self._part("one-server.html", language, view=shown, deeds=deeds, uptime=uptime)

    def _part(self, template: str, language: str, **values: object) -> Markup:
        made = self._site.part(
            template, language=language, show_players=self._names, coloured=coloured, **values
        )
        return Markup(made)  # noqa: S704 - from our own template, which escapes

    async def _or_nothing(self, wanted: Awaitable[list[_Found]]) -> list[_Found]:
        """Return what the database tells; how the servers are is shown even when it cannot be read."""
        try:
            return await wanted
        except StoreError as exc:
            log.warning("a page is shown without what the database tells", problem=str(exc))
            return []


def sentence(amount: Verdict, views: list[ServerView], catalogue: Catalogue) -> str:
    """Return the verdict in words; a lone server is called by its name."""
    if len(views) == 1:
        return catalogue.plain(f"status.one-{amount.state}", server=views[0].title)
    return catalogue.plain(amount.key, count=amount.count)


def _in_short(shown: ServerView, catalogue: Catalogue) -> str:
    if shown.state is not State.UP or shown.online is None:
        return catalogue.plain(f"status.badge.{shown.state}")
    if shown.maximum is None:
        return catalogue.plain("status.badge.counted", online=shown.online)
    return catalogue.plain("status.badge.full", online=shown.online, max=shown.maximum)
