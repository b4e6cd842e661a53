"""The web application: routes, the frame around every page, and its life cycle."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

import jinja2
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from bridge.config.settings import WebsiteSettings
from bridge.locales import Catalogue
from bridge.website.health import HealthCheck, HealthPages
from bridge.website.security import add_security_headers
from bridge.website.stream import Broadcast

log = structlog.get_logger(__name__)

Request: TypeAlias = web.Request
Response: TypeAlias = web.Response
StreamResponse: TypeAlias = web.StreamResponse
Handler: TypeAlias = Callable[[Request], Awaitable[StreamResponse]]

_HERE: Final = Path(__file__).parent
LONGEST_BODY_BYTES: Final = 64 * 1024
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class RequestRefused(Exception):
    """A request that gets an error page instead of an answer."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Site:
    """The website; features add pages before :meth:`run` serves them."""

    def __init__(self, settings: WebsiteSettings, catalogue: Catalogue, *, community: str) -> None:
        self.registry = CollectorRegistry()
        self.listening = asyncio.Event()
        self._settings = settings
        self._health = HealthPages()
        self._broadcasts: list[Broadcast] = []
        self._port = settings.port
        self._app = web.Application(client_max_size=LONGEST_BODY_BYTES)
        add_security_headers(self._app, settings.frame_ancestors)
        self._loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(_HERE / "templates")])
        self._pages = jinja2.Environment(
            loader=self._loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
        )
        self._pages.globals.update(
            catalogue=catalogue,
            community=community,
            static=self.static_url,
            language=catalogue.language,
            rooms=(),
        )
        self._static = {path.name: path for path in (_HERE / "static").iterdir()}
        self.add_get("/healthz", self._health.alive)
        self.add_get("/readyz", self._health.ready)
        self.add_get("/metrics", self._metrics)
        self.add_get("/static/{name}", self._serve_static)

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

    def add_get(self, path: str, handler: Handler) -> None:
        """Serve a page."""
        self._app.router.add_get(path, handler)

    def add_post(self, path: str, handler: Handler) -> None:
        """Accept a form."""
        self._app.router.add_post(path, handler)

    def add_templates(self, folder: Path) -> None:
        """Let :meth:`render` find the templates of a feature."""
        self._loader.loaders = [*self._loader.loaders, jinja2.FileSystemLoader(folder)]

    def add_health(self, part: str, check: HealthCheck) -> None:
        """Make ``/readyz`` depend on *part*."""
        self._health.add(part, check)

    def broadcast(self) -> Broadcast:
        """Return a new broadcast that ends with the site."""
        self._broadcasts.append(created := Broadcast())
        return created

    def static_url(self, name: str) -> str:
        """Return the address of a static file; it changes with the content, so browsers may keep it."""
        digest = hashlib.blake2b(self._static[name].read_bytes(), digest_size=6).hexdigest()
        return f"/static/{name}?{digest}"

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - Jinja's own
        """Return a page made from a template."""
        html = self._pages.get_template(template).render(**values)
        return web.Response(text=html, status=status, content_type="text/html")

    def part(self, template: str, **values: Any) -> str:  # noqa: ANN401 - Jinja's own
        """Return a piece of a page made from a template."""
        return self._pages.get_template(template).render(**values)

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

    def show_rooms(self, rooms: Sequence[tuple[str, str]]) -> None:
        """Name the rooms that every page links to, each by its key and title."""
        self._pages.globals["rooms"] = rooms

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            OSError: The address or port cannot be used.
        """
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            tcp = web.TCPSite(runner, self._settings.host, self._settings.port)
            await tcp.start()
            self._port = runner.addresses[0][1]
            self.listening.set()
            log.info("website is up", url=self.url)
            await asyncio.Event().wait()
        finally:
            self.listening.clear()
            for broadcast in self._broadcasts:
                broadcast.close()
            with contextlib.suppress(asyncio.CancelledError):
                await runner.cleanup()

    async def _metrics(self, _request: Request) -> Response:
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": METRICS_TYPE})

    async def _serve_static(self, request: Request) -> StreamResponse:
        path = self._static.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
