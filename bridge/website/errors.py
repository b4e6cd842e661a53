"""Answers instead of an answer: what went wrong and what to do, as a page or as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from bridge.website.limits import REQUEST_LIMIT_S, is_streaming, keep_time_limit
from bridge.website.stream import TooManyStreams

log = structlog.get_logger(__name__)

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

ERRORS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "bad-request",
        401: "sign-in",
        403: "forbidden",
        404: "not-found",
        405: "method",
        413: "too-large",
        415: "bad-request",
        429: "too-fast",
        500: "internal",
        503: "unavailable",
        504: "slow",
    }
)
"""The statuses that have words of their own, below ``site.error`` in the locales."""


class RequestRefused(Exception):
    """A request that gets an error page instead of an answer; *name* chooses other words than the status."""

    def __init__(self, status: HTTPStatus, name: str | None = None) -> None:
        super().__init__(status.phrase)
        self.status, self.name = status, name


def error_name(status: int) -> str:
    """Return the name of an error; one without words of its own is told as the nearest that has."""
    return ERRORS.get(status, "bad-request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal")


class Draw(Protocol):
    """Makes the answer for an error."""

    def __call__(self, request: web.Request, status: int, name: str | None = None) -> web.Response:
        """Return the answer, in the words of *name* where the status has none of its own."""


def answering_errors(draw: Draw, *, limit_s: Callable[[], float] = lambda: REQUEST_LIMIT_S) -> Middleware:
    """Return a middleware that turns refusals, time-outs and mistakes into worded answers."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(limit_s()) as limit:
                keep_time_limit(request, limit)
                return await handler(request)
        except (RequestRefused, TooManyStreams, web.HTTPException, TimeoutError, ConnectionError) as exc:
            name = exc.name if isinstance(exc, RequestRefused) else None
            return _worded(draw(request, _status(exc, request), name), exc)
        except Exception:  # one page must not stop the others
            log.exception("a page failed", route=_route(request))
            if is_streaming(request) and request.transport is not None:
                # Half of an answer is out: only closing the connection tells that it is broken.
                request.transport.abort()
            return draw(request, HTTPStatus.INTERNAL_SERVER_ERROR)

    return middleware


def wants_json(request: web.Request) -> bool:
    """Tell whether a program asks, such as a page's script, rather than a person."""
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _status(exc: Exception, request: web.Request) -> int:
    match exc:
        case RequestRefused() | web.HTTPException():
            return exc.status
        case TooManyStreams():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case TimeoutError():
            log.warning("a request took too long", route=_route(request))
            return HTTPStatus.GATEWAY_TIMEOUT
    return HTTPStatus.BAD_REQUEST  # the browser went away in the middle of its own request


def _worded(answer: web.Response, refused: Exception) -> web.Response:
    """Return our words with what aiohttp's own answer had to say in headers."""
    if isinstance(refused, web.HTTPException):
        for name in ("Allow", "Location"):
            if name in refused.headers:
                answer.headers[name] = refused.headers[name]
    elif isinstance(refused, TooManyStreams):
        answer.headers["Retry-After"] = "10"
    return answer


def _route(request: web.Request) -> str:
    """Return the route without what the visitor put into it."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical if resource is not None else '(unknown)'}"
