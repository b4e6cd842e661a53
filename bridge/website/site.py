"""The web application: routes, errors, and its life cycle."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bridge.config.permissions import Rules
from bridge.config.settings import WebsiteSettings
from bridge.locales import LANGUAGES, Catalogue
from bridge.website.addresses import asked_at
from bridge.website.api import Api, Endpoint, problem
from bridge.website.api.api import DOCS_PATH, TEMPLATES
from bridge.website.api.openapi import DOCUMENT_PATH
from bridge.website.api.problems import API
from bridge.website.api.tokens import Tokens
from bridge.website.assets import Assets, kept
from bridge.website.door import Door
from bridge.website.errors import Draw, Handler, RequestRefused, answering_errors, error_name, wants_json
from bridge.website.files import made_file
from bridge.website.frame import Frame, Visit
from bridge.website.health import HealthCheck, HealthPages
from bridge.website.home import Home, ProvideUpcoming
from bridge.website.identity import Identity, identity_of
from bridge.website.language import COOKIE, add_language_headers, language_of, remember_choice
from bridge.website.limits import IDLE_LIMIT_S, LINGER_S, REQUEST_LIMIT_S
from bridge.website.metrics import Metrics
from bridge.website.pictures import card
from bridge.website.security import add_security_headers, open_to_all, open_to_frames
from bridge.website.sessions import Sessions
from bridge.website.stream import Broadcast, Streams
from bridge.website.unasked import Unasked

log = structlog.get_logger(__name__)

Request: TypeAlias = web.Request
Response: TypeAlias = web.Response
StreamResponse: TypeAlias = web.StreamResponse

_STATIC: Final = Path(__file__).parent / "static"
LONGEST_BODY_BYTES: Final = 64 * 1024
STOP_WITHIN_S: Final = 0.5  # for answers under way; the rest is cut off


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A page in the staff's navigation."""

    path: str
    title: str  # its key in the locales
    place: int


class Site:
    """The website; features add pages before :meth:`run` serves them."""

    def __init__(
        self,
        settings: WebsiteSettings,
        catalogue: Catalogue,
        *,
        community: str,
        time_zone: str = "UTC",
        door: Door | None = None,
    ) -> None:
        """Make a site that serves nothing yet; without a door everybody is a visitor and may see all."""
        self.listening = asyncio.Event()
        self.request_limit_s = REQUEST_LIMIT_S
        self.streams = Streams()
        self._settings, self._port = settings, settings.port
        self._health = HealthPages()
        self._assets = Assets()
        self._frame = Frame(self._assets)
        self.home = Home()
        self.metrics = Metrics()
        self._feeds: list[tuple[str, str]] = []
        self._broadcasts: list[Broadcast] = []
        self._drawn: dict[str, Draw] = {}
        errors = answering_errors(self._draw_error, limit_s=lambda: self.request_limit_s)
        self._unasked = Unasked()
        middlewares = [
            self._unasked.middleware,
            _keep_pages,
            errors,
            *([door.middleware] if door is not None else []),
        ]
        self._app = web.Application(client_max_size=LONGEST_BODY_BYTES, middlewares=middlewares)
        self._door = door
        if door is not None:
            door.sessions.take_worthless_cookies(self._app)
        self._staff_pages: list[StaffPage] = []
        add_security_headers(self._app, (), forms_lead_to=_sign_in_origin(settings))
        add_language_headers(self._app, secure=(settings.public_url or "").startswith("https:"))
        self.speak(catalogue, community=community, time_zone=time_zone)
        self.add_get("/healthz", self._health.alive)
        self.add_get("/readyz", self._health.ready)
        self.add_get("/metrics", self.metrics.page)
        self.add_get("/static/{name}", self._assets.serve)
        self.add_get("/card.png", _card)
        self.api = Api(self.address_of, door.rules if door is not None else Rules())
        self.add_templates(TEMPLATES)
        self.add_get(DOCUMENT_PATH, self.api.document)
        self.add_get(DOCS_PATH, self._api_docs)

    @property
    def url(self) -> str:
        """Where the site answers, without a slash at the end."""
        return f"http://{self._settings.host}:{self._port}"

    @property
    def routes(self) -> frozenset[str]:
        """Every route as ``METHOD /path``, to be compared with the permission table."""
        return frozenset(
            f"{route.method} {route.resource.canonical}"
            for route in self._app.router.routes()
            if route.resource is not None and route.method != "HEAD"
        )

    def speak(self, catalogue: Catalogue, *, community: str, time_zone: str) -> None:
        """Word pages for this community: in its language with these sentences, in others with our own."""
        self._catalogue = catalogue
        others = {
            language: Catalogue.load(language) for language in LANGUAGES if language != catalogue.language
        }
        self._catalogues = others | {catalogue.language: catalogue}
        self._frame.speak(self._catalogues, community=community, time_zone=time_zone)

    def language(self, request: Request) -> str:
        """Return the language in which a visitor is answered."""
        return language_of(request, self._catalogues, self._catalogue.language)

    def catalogue(self, language: str) -> Catalogue:
        """Return the sentences of a language that :meth:`language` gave."""
        return self._catalogues[language]

    def add_get(self, path: str, handler: Handler) -> None:
        """Serve a page."""
        self._app.router.add_get(path, handler)

    def add_post(self, path: str, handler: Handler) -> None:
        """Accept a form."""
        self._app.router.add_post(path, handler)

    def draw_errors(self, prefix: str, draw: Draw) -> None:
        """Let *draw* make the answers for errors of the paths that begin with *prefix*."""
        self._drawn[prefix] = draw

    def add_api(self, endpoint: Endpoint[Any, Any, Any]) -> None:
        """Serve an endpoint of the JSON API, and tell of it in its document."""
        handler = self.api.add(endpoint)
        add = self.add_get if endpoint.method == "GET" else self.add_post
        add(endpoint.path, handler)

    def add_staff_page(self, path: str, title: str, handler: Handler, *, place: int = 100) -> None:
        """Serve a page for staff and list it in their navigation, for those who may see it.

        Args:
            path: Its address.
            title: The key of its title in the locales.
            handler: What makes it.
            place: Pages with smaller numbers come first; those with the same, as they are listed.
        """
        self.add_get(path, handler)
        self._staff_pages.append(StaffPage(path, title, place))
        self._staff_pages.sort(key=lambda page: page.place)

    def staff_pages(self, request: Request) -> list[StaffPage]:
        """Return the staff pages that the sender of a request may see, in the order of their listing."""
        if self._door is None:
            return []
        held, rules = identity_of(request).permissions, self._door.rules
        return [page for page in self._staff_pages if rules.may_use(f"GET {page.path}", held)]

    @property
    def sessions(self) -> Sessions:
        """Who is signed in; only for a site with a door."""
        return self._the_door.sessions

    @property
    def tokens(self) -> Tokens:
        """The tokens of other programs; only for a site with a door."""
        return self._the_door.tokens

    async def audit(
        self,
        request: Request,
        action: str,
        target: str = "",
        was: str | None = None,
        became: str | None = None,
        *,
        who: Identity | None = None,
    ) -> None:
        """Note in the audit log what the sender of a request, or *who* they turned out to be, does.

        Raises:
            StoreError: It cannot be kept; then it must not be done either.
        """
        await self._the_door.audit(request, action, target, was, became, who=who)

    def address_of(self, request: Request) -> str:
        """Return from where a request comes, by our own proxies' word if there is a door."""
        return self._door.address_of(request) if self._door is not None else request.remote or "unknown"

    @property
    def _the_door(self) -> Door:
        if self._door is None:
            raise RuntimeError("this site was made without a door")
        return self._door

    def add_templates(self, folder: Path) -> None:
        """Let :meth:`render` find the templates of a feature."""
        self._frame.add_templates(folder)

    def add_health(self, part: str, check: HealthCheck) -> None:
        """Make ``/readyz`` depend on *part*."""
        self._health.add(part, check)

    def add_feed(self, path: str, title: str) -> None:
        """Let every page name a feed.

        Args:
            path: Its address.
            title: The key of its title in the locales.
        """
        self._feeds.append((path, title))
        self._frame.let_pages_know(feeds=tuple(self._feeds))

    def add_upcoming(self, provide: ProvideUpcoming) -> None:
        """Let a feature tell on the first page what comes next."""
        self.home.add_upcoming(provide)

    def broadcast(self) -> Broadcast:
        """Return a new broadcast that ends with the site."""
        self._broadcasts.append(created := Broadcast(self.streams))
        return created

    def render(
        self,
        template: str,
        *,
        request: Request,
        status: int = 200,
        path: str | None = None,
        **values: Any,  # noqa: ANN401 - Jinja's own
    ) -> Response:
        """Return a page made from a template, in the visitor's language.

        Args:
            template: The name of the file.
            request: What is answered.
            status: How the answer begins.
            path: Where the page is to be found again, if not where the request went.
            values: What the template needs.
        """
        language = self.language(request)
        remember_choice(request, self._catalogues)
        known = {
            "visit": self._visit(request, path),
            "me": identity_of(request),
            "staff_pages": self.staff_pages(request),
            "csrf": self._door.form_token(request) if self._door is not None else "",
        }
        html = self._frame.render(template, language=language, **known, **values)
        response = web.Response(text=html, status=status, content_type="text/html")
        if identity_of(request).signed_in:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def part(self, template: str, *, language: str, **values: Any) -> str:  # noqa: ANN401 - Jinja's own
        """Return a piece of a page made from a template."""
        return self._frame.render(template, language=language, **values)

    def _visit(self, request: Request, path: str | None) -> Visit:
        """Return where a visitor is; two slashes at the beginning would lead to somebody else's site."""
        query = () if path is not None else tuple(request.query.items())
        return Visit(
            path="/" + (path or request.rel_url.raw_path).lstrip("/"),
            query=tuple((name, value) for name, value in query if name != COOKIE),
            public_url=(self._settings.public_url or "").rstrip("/") or None,
        )

    def json(self, value: object, *, status: int = 200) -> Response:
        """Return plain values as JSON."""
        return web.json_response(value, status=status)

    def see(self, path: str) -> Response:
        """Send the browser to another page after a form."""
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})

    def refuse(self, status: HTTPStatus) -> NoReturn:
        """End the request with an error page.

        Raises:
            RequestRefused: Always.
        """
        raise RequestRefused(status)

    def open_to_frames(self, request: Request) -> None:
        """Let the answer be shown in frames on the sites that ``website.frame-ancestors`` names."""
        open_to_frames(request, self._settings.frame_ancestors)

    def link_players(self, *, linked: bool) -> None:
        """Say whether players have pages that their names lead to."""
        self._frame.let_pages_know(players_have_pages=linked)

    def link_leaderboard(self, *, linked: bool) -> None:
        """Say whether everybody may see who played most."""
        self._frame.let_pages_know(leaderboard=linked)

    def show_rooms(self, rooms: Sequence[tuple[str, str]]) -> None:
        """Name the rooms that every page links to, each by its key and title."""
        self._frame.let_pages_know(rooms=tuple(rooms))

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            OSError: The address or port cannot be used.
        """
        await asyncio.to_thread(self._load)
        self.streams.closing = False
        runner = web.AppRunner(
            self._app,
            access_log=None,
            shutdown_timeout=STOP_WITHIN_S,
            handler_cancellation=True,
            lingering_time=LINGER_S,
            keepalive_timeout=IDLE_LIMIT_S,  # also for the first request: aiohttp would wait for an hour
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._settings.host, self._settings.port).start()
            self._port = runner.addresses[0][1]
            self.listening.set()
            log.info("website is up", url=self.url)
            await self._unasked.watch(runner, limit_s=IDLE_LIMIT_S)
        finally:
            self.listening.clear()
            self.streams.closing = True
            for broadcast in self._broadcasts:
                broadcast.close()
            with contextlib.suppress(asyncio.CancelledError):
                await runner.cleanup()

    def _load(self) -> None:
        if self._door is not None:
            self._door.load()
        self._assets.load(_STATIC)
        self._frame.load()

    def _draw_error(self, request: Request, status: int, name: str | None = None) -> Response:
        """Return an error in words, for a person or for a program."""
        if request.path.startswith(API):
            return problem(status)
        for prefix, draw in self._drawn.items():
            if request.path.startswith(prefix):
                return draw(request, status, name)
        name = name or error_name(status)
        if wants_json(request):
            title = self.catalogue(self.language(request)).plain(f"site.error.{name}")
            return self.json({"error": name, "message": title}, status=status)
        return self.render("error.html", request=request, status=status, code=status, name=name)

    async def _api_docs(self, request: Request) -> Response:
        """Show people what the API can do."""
        address = (self._settings.public_url or "").rstrip("/") or asked_at(request.headers, self.url)
        return self.render("api.html", request=request, address=address, **self.api.page())


def _sign_in_origin(settings: WebsiteSettings) -> tuple[str, ...]:
    """Return where the sign-in form leads to, besides our own pages."""
    if settings.sign_in is None:
        return ()
    address = urlsplit(settings.sign_in.authorize_url)
    return (f"{address.scheme}://{address.netloc}",)


@web.middleware
async def _keep_pages(request: Request, handler: Handler) -> StreamResponse:
    return kept(request, await handler(request))


async def _card(request: Request) -> Response:
    """Show the picture that stands beside a link to us elsewhere."""
    open_to_all(request)
    return made_file(request, card(), "image/png", max_age_s=86_400)
