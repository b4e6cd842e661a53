"""The API of a site: its endpoints, how they are answered, how often, and the document about them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeAlias

from aiohttp import web

from bridge.config.permissions import Rules
from bridge.website.api.answers import answered, answered_bytes
from bridge.website.api.docs import ApiPage, read_document
from bridge.website.api.endpoint import ApiCall, Endpoint, Nothing
from bridge.website.api.openapi import DOCUMENT_PATH, openapi, openapi_json
from bridge.website.api.problems import ApiRefused, problem
from bridge.website.api.reading import read_body, read_query, read_values
from bridge.website.identity import IdentityKind, identity_of
from bridge.website.pace import Allowance, Limiter

DOCS_PATH: Final = "/api/docs"
TEMPLATES: Final = Path(__file__).parent / "templates"
MOST_REQUESTS: Final = 600
PER_S: Final = 60.0
"""So many requests in any so many seconds; they may follow each other at once."""

AnyEndpoint: TypeAlias = Endpoint[Any, Any, Any]


class Api:
    """Answers for the endpoints that features add."""

    def __init__(self, address_of: Callable[[web.Request], str], rules: Rules) -> None:
        """Make an API without endpoints.

        Args:
            address_of: Tells from where a request comes, for callers without a token.
            rules: Who may use what, for the document.
        """
        self.limiter = Limiter(MOST_REQUESTS, PER_S)
        self.endpoints: list[AnyEndpoint] = []
        self._address_of, self._rules = address_of, rules
        self._document: bytes | None = None
        self._page: ApiPage | None = None

    def add(self, endpoint: AnyEndpoint) -> Callable[[web.Request], Any]:
        """Take an endpoint into the document, and return what answers its requests."""
        self.endpoints.append(endpoint)
        self._document = self._page = None

        async def handler(request: web.Request) -> web.StreamResponse:
            return await self._answer(endpoint, request)

        return handler

    async def document(self, request: web.Request) -> web.Response:
        """Answer with the OpenAPI document."""
        if self._document is None:
            self._document = openapi_json(self.endpoints, self._rules)
        return await answered_bytes(request, self._document)

    def page(self) -> dict[str, Any]:
        """Return what the template of the page about the API needs."""
        if self._page is None:
            self._page = read_document(openapi(self.endpoints, self._rules))
        return {"api": self._page, "document": DOCUMENT_PATH}

    async def _answer(self, endpoint: AnyEndpoint, request: web.Request) -> web.StreamResponse:
        allowance = self.limiter.take(self._caller(request))
        if allowance.allowed:
            response = await _answered(endpoint, request)
        else:
            response = problem(HTTPStatus.TOO_MANY_REQUESTS)
            response.headers["Retry-After"] = str(max(allowance.reset_s, 1))
        if not response.prepared:
            _tell(response, allowance)
        return response

    def _caller(self, request: web.Request) -> str:
        """Return whose requests are counted together: a token's, a member's, or those from one address."""
        identity = identity_of(request)
        if identity.kind is IdentityKind.VISITOR:
            return f"address:{self._address_of(request)}"
        return f"{identity.kind}:{identity.id}"


async def _answered(endpoint: AnyEndpoint, request: web.Request) -> web.StreamResponse:
    try:
        answer = await endpoint.handler(
            ApiCall(
                request=request,
                identity=identity_of(request),
                values=read_values(request.match_info, endpoint.values),
                query=read_query(request.query, endpoint.query),
                body=await read_body(request, endpoint.body) if endpoint.takes_body else Nothing(),
            )
        )
    except ApiRefused as exc:
        return problem(exc.status, exc.detail, exc.errors)
    if isinstance(answer, web.StreamResponse):
        return answer
    return await answered(request, answer, status=endpoint.status)


def _tell(response: web.StreamResponse, allowance: Allowance) -> None:
    response.headers["RateLimit-Limit"] = str(allowance.limit)
    response.headers["RateLimit-Remaining"] = str(allowance.remaining)
    response.headers["RateLimit-Reset"] = str(allowance.reset_s)
