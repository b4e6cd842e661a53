"""Requests to Discord's HTTP interface: one attempt each, inside the limits, with errors by meaning.

Why not the library's own: it repeats every request up to five times after a 5xx. A webhook has no nonce,
so a repeat after a lost answer can double a line; whether to repeat is for the caller to decide, who can
look first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp
import msgspec
from pydantic import SecretStr

from bridge import __version__
from bridge.discord.errors import DiscordRefused, DiscordUnavailable, TokenRefused
from bridge.discord.limits import Limiter, Route, Usage
from bridge.discord.wire import ErrorPayload, Unreadable, read

_USER_AGENT: Final = f"DiscordBot (https://pypi.org/project/passerelle, {__version__})"
_LARGEST_ANSWER_BYTES: Final = 8 * 1024 * 1024  # a hundred messages with embeds stay far below
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Rejected(DiscordRefused):
    """Discord's answer 4xx, before anybody has said what it means for what was being done.

    Attributes:
        status: The HTTP status.
        fields: The names of the fields that Discord did not accept.
    """

    def __init__(self, route: Route, status: int, error: ErrorPayload) -> None:
        named = f" ({', '.join(sorted(error.errors))})" if error.errors else ""
        super().__init__(
            f"Discord answered {route.name} with {status}, code {error.code}: {error.message}{named}",
            code=error.code,
            reason=error.message,
        )
        self.status = status
        self.fields = frozenset(error.errors)


@dataclass(frozen=True, slots=True)
class Reply:
    """The body of a good answer, and by how many seconds our clock is ahead of Discord's."""

    body: bytes
    ahead_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that goes with a request."""

    name: str
    content_type: str
    content: bytes


class Rest:
    """Sends requests with the bot's token, or with none where the address itself is the secret."""

    def __init__(
        self,
        api_url: str,
        token: SecretStr,
        *,
        timeout_s: float = 15.0,
        limiter: Limiter | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._api_url, self._token = api_url.rstrip("/"), token
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(10.0, timeout_s))
        self._wall = wall
        self._session: aiohttp.ClientSession | None = None
        self._requests = self._limited = self._failed = 0
        self.limiter = limiter or Limiter()
        self.on_token_refused: Callable[[], None] = lambda: None
        self.token_refused = False  # until another token, or another try, is wanted

    @property
    def usage(self) -> Usage:
        """How much of Discord's allowance was used since the start."""
        return Usage(
            requests=self._requests,
            limited=self._limited,
            failed=self._failed,
            waited_s=self.limiter.waited_s,
        )

    async def call(
        self,
        route: Route,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        as_bot: bool = True,
        files: Sequence[Upload] = (),
    ) -> Reply:
        """Make one request, when its limit allows, and return the answer.

        Args:
            route: Where.
            body: What is sent, as JSON.
            query: What stands behind the address.
            as_bot: Whether the bot's token goes with it.
            files: What goes with the body, as ``attachments`` of it name them by their numbers.

        Raises:
            DiscordUnavailable: No answer, an answer 5xx or 429, or a limit that is used up for long.
            TokenRefused: Discord does not accept the bot token.
            Rejected: Any other answer 4xx.
        """
        if as_bot and self.token_refused:  # asking again and again would get our address shut out
            raise TokenRefused
        async with self.limiter.turn(route):
            return await self._attempt(route, _packed(body, files), query, as_bot=as_bot)

    def use_token(self, token: SecretStr) -> None:
        """Try with this token from now on, even if Discord has refused it before."""
        self._token, self.token_refused = token, False

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _attempt(
        self, route: Route, data: aiohttp.Payload | None, query: Mapping[str, str] | None, *, as_bot: bool
    ) -> Reply:
        self._requests += 1
        headers = {"Authorization": f"Bot {self._token.get_secret_value().strip()}"} if as_bot else {}
        try:
            async with self._opened().request(
                route.method, self._api_url + route.path, data=data, params=query, headers=headers
            ) as response:
                content = await _content(response, route)
                self.limiter.note(route, response.headers)
                return self._judged(route, response, content, as_bot=as_bot)
        except (aiohttp.ClientError, OSError) as exc:  # TimeoutError is an OSError
            self._failed += 1
            # The error's own words stay out of ours: some hold the address, and with it a webhook's token.
            raise DiscordUnavailable(
                f"no answer to {route.name}: {type(exc).__name__}",
                outcome_unknown=not isinstance(exc, _NOT_SENT),
            ) from None

    def _judged(
        self, route: Route, response: aiohttp.ClientResponse, content: bytes, *, as_bot: bool
    ) -> Reply:
        status = response.status
        if 200 <= status < 300:
            return Reply(content, self._ahead_s(response.headers.get("Date")))
        error = _error_of(content, status)
        if status == 429:
            raise self._too_many(route, response.headers, error)
        if status >= 500:
            self._failed += 1
            raise DiscordUnavailable(f"Discord answered {route.name} with {status}", outcome_unknown=True)
        if status in {401, 403}:
            self.limiter.note_invalid()
        if status == 401 and as_bot:
            self.token_refused = True
            self.on_token_refused()
            raise TokenRefused
        raise Rejected(route, status, error)

    def _too_many(self, route: Route, headers: Mapping[str, str], error: ErrorPayload) -> DiscordUnavailable:
        self._limited += 1
        retry_after_s = error.retry_after if error.retry_after is not None else _retry_after_s(headers)
        if headers.get("X-RateLimit-Scope") != "shared":  # others' fault: Discord does not count it
            self.limiter.note_invalid()
        # Without Discord's own body it is the firewall in front of it, which means the whole address.
        everywhere = error.is_global or error.retry_after is None
        self.limiter.note_429(route, retry_after_s, everywhere=everywhere)
        return DiscordUnavailable(
            f"Discord's limit for {route.name} is used up for {retry_after_s:.1f} s",
            retry_after_s=retry_after_s,
        )

    def _ahead_s(self, date: str | None) -> float | None:
        try:
            return self._wall() - parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                headers={"User-Agent": _USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _packed(body: object, files: Sequence[Upload]) -> aiohttp.Payload | None:
    """Return a body as it travels: JSON alone, or as the first part before its files."""
    if body is None:
        return None
    data = aiohttp.BytesPayload(msgspec.json.encode(body), content_type="application/json")
    if not files:
        return data
    form = aiohttp.FormData()
    form.add_field("payload_json", data)
    for number, file in enumerate(files):
        form.add_field(f"files[{number}]", file.content, content_type=file.content_type, filename=file.name)
    return form()


async def _content(response: aiohttp.ClientResponse, route: Route) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _LARGEST_ANSWER_BYTES:
            raise DiscordUnavailable(f"the answer to {route.name} is too long", outcome_unknown=True)
    return bytes(content)


def _error_of(content: bytes, status: int) -> ErrorPayload:
    try:
        return read(content, ErrorPayload)
    except Unreadable:
        return ErrorPayload(message=f"HTTP status {status}")


def _retry_after_s(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return 60.0
