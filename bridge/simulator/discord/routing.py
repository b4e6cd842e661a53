"""Which function answers which request of the REST API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import ApiError, NotSimulated
from bridge.simulator.discord.forms import MessageForm, Upload, read_form, unknown_fields
from bridge.simulator.discord.limits import Limit, RateLimits, Refusal
from bridge.simulator.discord.oauth import Grant
from bridge.simulator.discord.values import JsonObject

_SYMBOLIC: Final = frozenset({"token", "emoji"})  # path parameters that are not ids


class Limited(Exception):
    """A request hit a limit that its headers do not show."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"limited for {refusal.retry_after_s} s")
        self.refusal = refusal


class Reply(msgspec.Struct, frozen=True):
    """What a route answers; *body* None means no content."""

    status: int
    body: object = None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, taken apart."""

    core: Core
    params: dict[str, str]
    query: Mapping[str, str]
    body: object = None
    uploads: list[Upload] = []
    form_fields: Mapping[str, str] | None = None  # of a body that is no JSON but an HTML form
    authorization: str = ""
    grant: Grant | None = None  # whose token it is, if it is no bot's

    def id(self, name: str) -> Snowflake:
        """Return a path parameter as an id."""
        return Snowflake(self.params[name])

    def switch(self, name: str) -> bool:
        """Return a query parameter that is on or off."""
        return self.query.get(name, "").lower() in {"1", "true"}

    def object(self, *known: str) -> JsonObject:
        """Return the body; fields outside *known* are reported as not simulated, unless none is given.

        Raises:
            ApiError: 50035, the body is not an object.
        """
        body = {} if self.body is None else self.body
        if not isinstance(body, dict):
            raise not_a_body()
        if known and (strange := set(body) - set(known)):
            self.report(strange)
        return body

    def form(self) -> MessageForm:
        """Return the body as a checked message.

        Raises:
            ApiError: What is wrong with it.
        """
        body = self.object()
        if strange := unknown_fields(body):
            self.report(strange)
        return read_form(body, self.uploads, self.core.names)

    def report(self, fields: set[str]) -> None:
        """Note fields of the body that the simulator does not know."""
        self.core.note(NotSimulated(f"fields {sorted(fields)} in the body of a request to {self.params}"))


def not_a_body() -> ApiError:
    """Return the refusal of a body that has the wrong type."""
    problem = {"code": "DICT_TYPE_CONVERT", "message": "Only dictionaries may be used in a DictType"}
    return ApiError(400, 50035, "Invalid Form Body", {"_errors": [problem]})


Handler: TypeAlias = Callable[[Call], Reply]
LimitOf: TypeAlias = Callable[[RateLimits], Limit | None]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method and path; *major* names the parameters that have buckets of their own."""

    method: str
    path: str
    handler: Handler
    limit: LimitOf | None = None
    bucket: str = ""
    major: tuple[str, ...] = ()
    authorized: bool = True  # needs the bot's token
    scope: str | None = None  # or a member's, with this scope
    overall: bool = True  # counts towards the bot's limit over all routes


class Router:
    """Finds the route of a request."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes: dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]] = {}
        for route in routes:
            parts = tuple(route.path.strip("/").split("/"))
            self._routes.setdefault((route.method, len(parts)), []).append((parts, route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and its path parameters; None if the simulator has none."""
        parts = path.strip("/").split("/")
        for pattern, route in self._routes.get((method, len(parts)), ()):
            params = _match(pattern, parts)
            if params is not None:
                return route, params
        return None


def _match(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str] | None:
    params: dict[str, str] = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected[0] != "{":
            if expected != part:
                return None
            continue
        name = expected[1:-1]
        if name not in _SYMBOLIC and not part.isdecimal():
            return None
        params[name] = part
    return params
