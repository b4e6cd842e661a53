"""What the API answers instead of an answer: problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import msgspec
from aiohttp import web

API: Final = "/api/"
"""Every path that is answered with problem documents begins like this."""
PROBLEM_TYPE: Final = "application/problem+json"
_DOCS: Final = "/api/docs#problem-"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its name in the type's address, its title, and what to do about it."""

    name: str
    title: str
    advice: str


PROBLEMS: Final[Mapping[int, ProblemKind]] = MappingProxyType(
    {
        400: ProblemKind(
            "malformed", "The request cannot be read", "Send a body that is JSON, in UTF-8, and only once."
        ),
        401: ProblemKind(
            "unknown-caller",
            "The bridge does not know who asks",
            "Send a token that has not been revoked: 'Authorization: Bearer psl_…'.",
        ),
        403: ProblemKind(
            "forbidden",
            "The caller may not do this",
            "Use a token with the permission that is named beside the operation.",
        ),
        404: ProblemKind(
            "not-found", "There is nothing here", "Check the path and the names in it; capitals count."
        ),
        405: ProblemKind(
            "method", "This path does not take that method", "Use one that the header Allow names."
        ),
        413: ProblemKind("too-large", "The body is too large", "Send at most 64 KiB."),
        415: ProblemKind(
            "media-type", "The body is of another type", "Send JSON with 'Content-Type: application/json'."
        ),
        422: ProblemKind(
            "invalid",
            "Something in the request has a wrong value",
            "Mend what 'errors' names: '#/…' points into the body, '?…' names a parameter.",
        ),
        429: ProblemKind(
            "too-fast", "Too many requests", "Wait for as many seconds as the header Retry-After says."
        ),
        500: ProblemKind(
            "internal",
            "The bridge made a mistake",
            "Try again later; the bridge's own log says what happened.",
        ),
        503: ProblemKind(
            "unavailable", "The bridge cannot answer now", "Try again after a moment, see Retry-After."
        ),
        504: ProblemKind("slow", "The answer took too long", "Try again, with a smaller limit."),
    }
)
"""The problems by their status; each is told at ``/api/docs#problem-NAME``."""


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a request."""

    pointer: str  # a JSON pointer into the body (``#/text``), or the parameter (``?limit``)
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why there is no answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()


class ApiRefused(Exception):
    """A request to the API that gets a problem document instead of an answer."""

    def __init__(self, status: HTTPStatus, detail: str | None = None, *errors: FieldError) -> None:
        super().__init__(detail or status.phrase)
        self.status, self.detail, self.errors = status, detail, errors


def kind_of_problem(status: int) -> ProblemKind:
    """Return what a status is told as; one without words of its own as the nearest that has."""
    return PROBLEMS.get(status) or PROBLEMS[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500]


def type_of_problem(status: int) -> str:
    """Return the address that names a kind of problem and explains it."""
    return _DOCS + kind_of_problem(status).name


def problem(status: int, detail: str | None = None, errors: tuple[FieldError, ...] = ()) -> web.Response:
    """Return the problem document for a status, with *detail* or the usual advice."""
    kind = kind_of_problem(status)
    document = Problem(
        type=type_of_problem(status),
        title=kind.title,
        status=status,
        detail=detail or kind.advice,
        errors=errors,
    )
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="passerelle"'
    return web.Response(
        body=msgspec.json.encode(document), status=status, content_type=PROBLEM_TYPE, headers=headers
    )
