"""The pretend site: an HTTP server on loopback in the hands of a test or a demo."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TypeVar

from aiohttp import web

from bridge.simulator.nameless.errors import ApiError
from bridge.simulator.nameless.faults import FaultKind, Faults
from bridge.simulator.nameless.routes import Content, Routes
from bridge.simulator.nameless.values import JsonObject, Received

T = TypeVar("T")

_API: Final = "/api/v2/"
_PAGE: Final = "<!doctype html><html><head><title>Stonebridge</title></head><body><h1>{}</h1></body></html>"


class SimNameless(Content):
    """A NamelessMC site: its content, its switches, and what it was asked.

    Args:
        key: The API key.
        pretty_urls: Whether ``/api/v2/…`` works; ``index.php?route=…`` always does.
        host: The address to listen on.
    """

    def __init__(
        self, *, key: str = "simulated-api-key", pretty_urls: bool = True, host: str = "127.0.0.1"
    ) -> None:
        super().__init__()
        self.key = key
        self.pretty_urls = pretty_urls
        self.api_enabled = True
        self.strips_authorization = False  # as some hosts do, so that only X-API-Key is left
        self.faults = Faults()
        self.received: list[Received] = []
        self._host, self._port = host, 0
        self._routes = Routes(self, lambda: self.url)
        self._runner: web.ServerRunner | None = None
        self._news = asyncio.Condition()

    @property
    def url(self) -> str:
        """The site's address."""
        return f"http://{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after :meth:`stop` on the same port again.

        Raises:
            OSError: The port is taken.
        """
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        self.faults.clear()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def asked(self, route: str) -> list[Received]:
        """Return what was asked of a route, oldest first."""
        return [one for one in self.received if one.route == route]

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = 5.0) -> T:
        """Return what *predicate* gives as soon as it is true; asked after every request.

        Raises:
            TimeoutError: It was not true within *timeout_s*.
        """
        async with asyncio.timeout(timeout_s), self._news:
            while not (value := predicate()):
                await self._news.wait()
            return value

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._answer(request)
        finally:
            async with self._news:
                self._news.notify_all()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        pretty = request.path.startswith(_API)
        asked = request.path if pretty else request.query.get("route", "")
        if (pretty and not self.pretty_urls) or not asked.startswith(_API):
            return _page("Not found", status=404)
        if not pretty and request.path != "/index.php":
            return _page("Not found", status=404)
        route = asked.removeprefix(_API).rstrip("/")
        fault = self.faults.take(route)
        if fault is not None:
            return await self._failed(fault, request)
        try:
            return _json(await self._handled(request, route, pretty=pretty))
        except ApiError as exc:
            return _json(exc.body, status=exc.status)

    async def _handled(self, request: web.BaseRequest, route: str, *, pretty: bool) -> JsonObject:
        body = _object(await request.read())
        key, key_from = self._key_of(request)
        query = {name: value for name, value in request.query.items() if name != "route"}
        self.received.append(
            Received(
                method=request.method, route=route, query=query, body=body, pretty=pretty, key_from=key_from
            )
        )
        if not self.api_enabled:
            raise ApiError("nameless:api_is_disabled")
        handler, keyed = self._routes.find(request.method, route)
        if keyed:
            self._check(key)
        return handler(query, body or {})

    def _key_of(self, request: web.BaseRequest) -> tuple[str | None, str | None]:
        """Return the key and the header it came in; the second header counts only without the first."""
        if "Authorization" in request.headers and not self.strips_authorization:
            scheme, _, key = request.headers["Authorization"].strip().partition(" ")
            return (key if scheme.lower() == "bearer" else ""), "Authorization"
        if "X-API-Key" in request.headers:
            return request.headers["X-API-Key"], "X-API-Key"
        return None, None

    def _check(self, key: str | None) -> None:
        if key is None:
            raise ApiError("nameless:missing_api_key", "Missing authorization header", status=401)
        if not key:
            raise ApiError("nameless:missing_api_key", "Authorization header not in expected format")
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            raise ApiError("nameless:invalid_api_key", status=401)

    async def _failed(self, fault: FaultKind, request: web.BaseRequest) -> web.StreamResponse:
        match fault:
            case FaultKind.ERROR:
                return _json({"error": "nameless:unknown_error", "meta": "a scripted fault"}, status=500)
            case FaultKind.CRASH:
                return _page("Internal server error", status=500)
            case FaultKind.HTML:
                return _page("Welcome")
            case FaultKind.GARBAGE:
                return _json({"users": 7, "announcements": "none", "nameless_version": []})
            case FaultKind.REDIRECT:
                return web.Response(status=301, headers={"Location": "https://www.example.org/elsewhere"})
            case FaultKind.HANG:
                await self.faults.hold()
            case FaultKind.DROP:
                pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)


def _object(body: bytes) -> JsonObject | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None  # PHP's json_decode gives null
    return value if isinstance(value, dict) else None


def _json(body: JsonObject, *, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/json", charset="UTF-8"
    )


def _page(words: str, *, status: int = 200) -> web.Response:
    return web.Response(status=status, text=_PAGE.format(words), content_type="text/html")
