"""The one way out to other programs' web addresses, which people write into settings and feeds redirect to.

An address may lead into our own network by its name, by a redirect, or by an answer of the DNS that is
another one a moment later. So what is judged is the address that a connection is being made to, each time
one is made, and not the text of the URL.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from bridge import __version__
from bridge.website.internet import is_public

_USER_AGENT: Final = f"Passerelle/{__version__}"
_ENCODINGS: Final = "gzip, deflate"  # what the standard library takes apart in pieces
_CONNECT_S: Final = 10.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})
_KEEPING_BODY: Final = frozenset({307, 308})
# What another host may be told after a redirect; any other header may be a key or a signature.
_HARMLESS: Final = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

_WORDS: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        aiohttp.ClientConnectorDNSError: "the host's name was not found",
        aiohttp.ClientConnectorCertificateError: "the host's certificate is not trusted",
        aiohttp.ClientSSLError: "no encrypted connection could be made",
        aiohttp.ServerDisconnectedError: "the connection was closed before an answer came",
        aiohttp.ClientPayloadError: "the answer broke off or cannot be decompressed",
        aiohttp.ClientResponseError: "the answer is not HTTP",
    }
)


class OutgoingError(Exception):
    """No usable answer; the words hold neither the address nor anything secret."""


class AddressRefused(OutgoingError):
    """The address leads to this machine, into a private network or nowhere: nothing was sent there."""


class TooLarge(OutgoingError):
    """The answer is longer than allowed; the rest was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        status: The HTTP status, whatever it is.
        headers: By name, in capitals or not.
        body: Decompressed.
        url: Where the answer came from, after redirects.
        moved: The same, if permanent redirects alone led there; None without a redirect.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = field(repr=False)  # as some hold a secret
    moved: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    url: URL = field(repr=False)
    headers: CIMultiDict[str] = field(repr=False)
    body: bytes | None


class Outgoing:
    """Sends requests to web addresses; also an async context manager that closes its connections.

    No proxies, no cookies, no passwords of the environment.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        most_bytes: int = 2 * 1024 * 1024,
        timeout_s: float = 20.0,
        redirects: int = 0,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Prepare to send; nothing is opened yet.

        Args:
            allow_private: Whether addresses of this machine and of private networks may be reached.
            most_bytes: How long a body may be once it is decompressed.
            timeout_s: How long a request may take, with its redirects, to its last byte.
            redirects: How many are followed; with 0 the redirect itself is the answer.
            resolver: Looks names up; the system's way when not given.
        """
        self._allow_private = allow_private
        self._most_bytes = most_bytes
        self._timeout_s = timeout_s
        self._redirects = redirects
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, body: bytes | None = None
    ) -> Answer:
        """Make one request and return the answer, whatever its status.

        A request is not repeated: after an error the other side may or may not have acted on it.

        Raises:
            AddressRefused: The address, or one that it redirects to, must not be reached.
            TooLarge: The body is longer than allowed.
            OutgoingError: No answer in time, a broken one, too many redirects, or no web address.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._followed(_prepared(method, url, headers, body))
        except TimeoutError:
            raise OutgoingError(f"no complete answer within {self._timeout_s:g} s") from None
        except UnicodeError:
            raise OutgoingError("the host's name cannot be one") from None
        except (aiohttp.ClientError, OSError) as exc:
            # The error's own words stay out of ours: they hold the address, which may be a secret.
            raise _error_of(exc) from None

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _followed(self, request: _Request) -> Answer:
        only_permanent = True
        for followed in range(self._redirects + 1):
            answer = await self._once(request)
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or location is None or self._redirects == 0:
                return replace(answer, moved=answer.url if followed and only_permanent else None)
            only_permanent = only_permanent and answer.status in _PERMANENT
            request = _redirected(request, answer.status, location)
        raise OutgoingError(f"redirects more than {self._redirects} times")

    async def _once(self, request: _Request) -> Answer:
        async with self._opened().request(
            request.method,
            request.url,
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
        ) as response:
            return Answer(
                status=response.status,
                headers=CIMultiDictProxy(CIMultiDict(response.headers)),
                body=await self._body(response),
                url=str(request.url),
            )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._most_bytes:
                response.close()  # nobody waits for the rest
                raise TooLarge(f"the answer is longer than {_size(self._most_bytes)}")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Resolver(
                        self._resolver or aiohttp.ThreadedResolver(), allow_private=self._allow_private
                    ),
                    socket_factory=self._socket,
                    use_dns_cache=False,
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(_CONNECT_S, self._timeout_s)),
                headers={"User-Agent": _USER_AGENT, "Accept-Encoding": _ENCODINGS},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket of a connection; the address it will be connected to is judged here."""
        family, kind, protocol, _, address = info
        if not self._allow_private:
            _judge(str(address[0]))
        return socket.socket(family, kind, protocol)


class _Resolver(AbstractResolver):
    """Refuses a name as soon as one of its addresses is refused, before any of the others is tried."""

    def __init__(self, inner: AbstractResolver, *, allow_private: bool) -> None:
        self._inner, self._allow_private = inner, allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; AddressRefused if one must not be reached."""
        found = await self._inner.resolve(host, port, family)
        if not self._allow_private:
            for each in found:
                _judge(each["host"])
        return found

    async def close(self) -> None:
        """Close what looks names up."""
        await self._inner.close()


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long an answer asks us to stay away, in seconds: by a number, or by a date; else 0."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdecimal():
        return float(told[:9])
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return 0.0
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max((at - now).total_seconds(), 0.0)


def _judge(address: str) -> None:
    if not is_public(address):
        raise AddressRefused(
            "the address leads to this machine or into a private network; "
            "set allow-private to true if that is meant"
        )


def _prepared(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> _Request:
    address, sent = _web_address(url), CIMultiDict(headers)
    if address.user is not None:  # as a header it is left out when a redirect leads elsewhere
        pair = f"{address.user}:{address.password or ''}".encode()
        sent.setdefault("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    return _Request(method=method, url=_without_user(address), headers=sent, body=body)


def _redirected(request: _Request, status: int, location: str) -> _Request:
    try:
        target = _without_user(_web_address(str(request.url.join(URL(location)))))
    except ValueError:
        raise OutgoingError("redirects to what is no web address") from None
    method, body, headers = request.method, request.body, request.headers.copy()
    if status not in _KEEPING_BODY and method not in {"GET", "HEAD"}:  # as browsers do
        method, body = "GET", None
        headers.popall("Content-Type", None)
    if target.origin() != request.url.origin():
        if body is not None:
            raise OutgoingError("redirects what was sent to another host")
        headers = CIMultiDict((name, value) for name, value in headers.items() if name.lower() in _HARMLESS)
    return _Request(method=method, url=target, headers=headers, body=body)


def _web_address(url: str) -> URL:
    try:
        address = URL(url)
    except ValueError:
        raise OutgoingError("the address is no web address") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise OutgoingError("the address does not begin with http:// or https:// and a host")
    return address.with_fragment(None)


def _without_user(address: URL) -> URL:
    return address.with_user(None) if address.user is not None else address


def _error_of(exc: Exception) -> OutgoingError:
    if isinstance(exc, aiohttp.InvalidURL):  # 2130706433 and other ways to hide an address
        return AddressRefused("the host is neither a name nor an address in its usual form")
    for kind, words in _WORDS.items():
        if isinstance(exc, kind):
            return OutgoingError(words)
    if isinstance(exc, aiohttp.ClientConnectorError) and exc.errno:
        return OutgoingError(f"no connection: {os.strerror(exc.errno)}")
    return OutgoingError(f"no answer: {type(exc).__name__}")


def _size(count: int) -> str:
    return f"{count // 1024} KiB" if count >= 1024 else f"{count} bytes"
