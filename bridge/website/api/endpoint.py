"""One thing that the API does, with the types of what it takes and gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, Literal, TypeAlias, TypeVar

import msgspec
from aiohttp import web

from bridge.website.identity import Identity


class Nothing(msgspec.Struct, frozen=True):
    """No parameters, no body, or nothing in the path."""


QueryT = TypeVar("QueryT", bound=msgspec.Struct)
BodyT = TypeVar("BodyT", bound=msgspec.Struct)
ValuesT = TypeVar("ValuesT", bound=msgspec.Struct)
Answer: TypeAlias = msgspec.Struct | web.StreamResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall(Generic[QueryT, BodyT, ValuesT]):
    """One request to an endpoint, checked: who asks, and for what."""

    request: web.Request
    identity: Identity
    query: QueryT
    body: BodyT
    values: ValuesT  # from the path


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[QueryT, BodyT, ValuesT]):
    """A method and a path below ``/api/v1``, what they do, and an example of what they answer.

    The handler returns a value of the example's type, or one that is encoded the same. Who may call it
    stands in the permission table. What it cannot answer it refuses with
    :class:`~bridge.website.api.problems.ApiRefused`, with one of the *problems*.
    """

    method: Literal["GET", "POST"]
    path: str
    handler: Callable[[ApiCall[QueryT, BodyT, ValuesT]], Awaitable[Answer]]
    summary: str
    tag: str
    example: msgspec.Struct
    # Most take nothing; mypy has no way to write a default for a type that is still open.
    query: type[QueryT] = Nothing  # type: ignore[assignment]
    body: type[BodyT] = Nothing  # type: ignore[assignment]
    values: type[ValuesT] = Nothing  # type: ignore[assignment]
    details: str = ""
    problems: tuple[HTTPStatus, ...] = ()
    status: HTTPStatus = HTTPStatus.OK
    stream: bool = False  # answers with server-sent events, each with data of the example's type

    @property
    def name(self) -> str:
        """Its name in the permission table."""
        return f"{self.method} {self.path}"

    @property
    def answer(self) -> type[msgspec.Struct]:
        """The type of what it answers."""
        return type(self.example)

    @property
    def takes_body(self) -> bool:
        """Whether a body has to be sent."""
        return self.body is not Nothing
