"""``POST /hooks/NAME``: judges what another program sends, and answers once it is in the journal."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import msgspec
import structlog
from pydantic import SecretStr

from bridge.config.outside import HookInSettings, HookKind
from bridge.events import HookReceived
from bridge.features.contract import Parts
from bridge.features.hooks_in.bodies import BodyRefused, parsed
from bridge.features.hooks_in.rules import Rules
from bridge.features.hooks_in.senders import delivery_of, event_of, is_genuine, is_ping
from bridge.features.telling import Teller
from bridge.journal import Draft, JournalError, RecordId, SourceName
from bridge.store import StoreError
from bridge.store.hooks import first_delivery, is_recorded
from bridge.website import Request, Response, Site, StreamResponse
from bridge.website.addresses import (
    Address,
    Network,
    address_of,
    forwarded_for,
    networks,
    visitor_of,
)
from bridge.website.pace import Limiter
from bridge.website.signing import SIGNATURE, digest_of, signed_at

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 256 * 1024
WRONG_ONES: Final = 10  # signatures that an address may get wrong
WITHIN_S: Final = 600.0
TRY_AGAIN_S: Final = 30  # when the bridge cannot keep what it is told
_JSON: Final = ("application/json", "application/problem+json")
_FAILURES: Final = MappingProxyType(
    {
        HTTPStatus.NOT_FOUND: "nowhere",
        HTTPStatus.METHOD_NOT_ALLOWED: "method",
        HTTPStatus.INTERNAL_SERVER_ERROR: "internal",
        HTTPStatus.GATEWAY_TIMEOUT: "slow",
    }
)
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Refused(Exception):
    """A request that is not taken; ``key`` names the sentence that says why."""

    def __init__(
        self, status: HTTPStatus, key: str, *, headers: Mapping[str, str] = _NO_HEADERS, **more: object
    ) -> None:
        super().__init__(key)
        self.status, self.key, self.headers, self.more = status, key, headers, more


class HookPages:
    """Takes what hooks are told."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self._proxies = networks(parts.settings.website.trusted_proxies)
        self._hooks = parts.settings.hooks.incoming
        self._allowed = {name: networks(hook.allow) for name, hook in self._hooks.items()}
        # What is sent to no hook is looked at like the rest, so that the time it takes tells nothing either.
        self._nobody = HookInSettings(secret=SecretStr(secrets.token_hex(16)))
        self._wrong = Limiter(WRONG_ONES, WITHIN_S)
        self.configure(Teller(parts.settings, parts.catalogue))
        site.add_post("/hooks/{hook}", self.take)
        site.add_post("/hooks/{hook}/{secret}", self.take)
        site.draw_errors("/hooks/", self._failed)

    def configure(self, teller: Teller) -> None:
        """Word answers and announcements as the settings now say."""
        self._catalogue = teller.catalogue
        self._rules = Rules(teller.settings, teller)

    async def take(self, request: Request) -> StreamResponse:
        """Take one delivery; the answer comes when the facts are on disk."""
        try:
            return await self._taken(request)
        except Refused as exc:
            self._note(request, exc)
            return self._problem(exc)
        except (JournalError, StoreError) as exc:
            log.warning("a hook's delivery cannot be kept; the sender is asked to repeat it", why=str(exc))
            again = {"Retry-After": str(TRY_AGAIN_S)}
            return self._problem(Refused(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", headers=again))

    def _note(self, request: Request, refused: Refused) -> None:
        """Tell the owner of a delivery that cannot be used; of wrong senders and clocks the log says more."""
        if refused.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS):
            name = request.match_info["hook"]
            known = name if name in self._hooks else "(unknown)"
            log.warning("a delivery cannot be used", hook=known, why=refused.key)

    async def _taken(self, request: Request) -> Response:
        sender, visitor = self._origin(request)
        if not self._wrong.would_allow(visitor):
            raise self._shut_out(visitor)
        raw = await _read(request)
        if is_ping(request.content_type, raw):  # whoever asks: the answer tells nothing
            return self._site.json({"accepted": False})
        name = request.match_info["hook"]
        self._check_genuine(request, name, raw, sender, visitor)
        hook = self._hooks[name]
        delivery = delivery_of(hook.kind, request.headers, raw)
        if delivery is None:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "id")
        record = RecordId(f"hook:{name}:{delivery}")
        async with self._parts.store.reading() as conn:
            if await is_recorded(conn, record):
                return self._repeated(name)
        now = self._parts.now()
        _check_clock(hook, request.headers, now)
        drafts = self._drafts(request, name, delivery, raw, now)
        if not await self._is_first(request, name, delivery, now):
            return self._repeated(name)
        await self._parts.journal.append(*drafts)
        log.info("took a hook's delivery", hook=name, announcements=len(drafts) - 1)
        return self._site.json({"accepted": True}, status=HTTPStatus.ACCEPTED)

    def _origin(self, request: Request) -> tuple[Address | None, str]:
        """Return the sender's address, and what stands for it where wrong signatures are counted."""
        peer, forwarded = request.remote, forwarded_for(request.headers)
        return address_of(peer, forwarded, self._proxies), visitor_of(peer, forwarded, self._proxies)

    def _check_genuine(
        self, request: Request, name: str, raw: bytes, sender: Address | None, visitor: str
    ) -> None:
        """See that the hook exists, and that the sender knows its secret and may send.

        Raises:
            Refused: 401, whichever of them it was.
        """
        hook = self._hooks.get(name, self._nobody)
        genuine = is_genuine(hook, request.headers, raw, request.match_info.get("secret"))
        if name not in self._hooks:
            why = "there is no such hook"
        elif not genuine:
            why = "wrong signature" if hook.kind is not HookKind.NAMELESS else "wrong secret in the address"
        elif not _is_allowed(sender, self._allowed[name]):
            why = "the address is not in the hook's list"
        else:
            return
        log.warning("refused a delivery", hook=name if name in self._hooks else "(unknown)", why=why)
        self._wrong.take(visitor)
        if not self._wrong.would_allow(visitor):
            log.warning("an address has sent too many wrong signatures and is not listened to for a while")
        raise Refused(HTTPStatus.UNAUTHORIZED, "signature")

    def _shut_out(self, visitor: str) -> Refused:
        wait_s = self._wrong.take(visitor).reset_s
        return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many", headers={"Retry-After": str(max(wait_s, 1))})

    def _drafts(self, request: Request, name: str, delivery: str, raw: bytes, now: datetime) -> list[Draft]:
        """Return the facts of a delivery.

        Raises:
            Refused: The body is no JSON object that can be used.
        """
        if request.content_type not in _JSON:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "type")
        try:
            body = parsed(raw)
        except BodyRefused as exc:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, exc.key) from exc
        called = event_of(self._hooks[name].kind, request.headers, body)
        event = HookReceived(at=now, hook=name, delivery=delivery, event=called, body=raw.decode())
        source = SourceName(f"hook:{name}")
        received = Draft(id=RecordId(f"{source}:{delivery}"), source=source, place=delivery, event=event)
        return [received, *self._rules.announcements(event, body)]

    async def _is_first(self, request: Request, name: str, delivery: str, now: datetime) -> bool:
        """Tell whether our kind of signature comes for the first time, or with the id it came with then.

        The id is not signed: whoever caught a message could send it again under another one. Later than the
        window allows, the time would give it away.
        """
        hook = self._hooks[name]
        if hook.kind is not HookKind.GENERIC:
            return True
        signature = digest_of(request.headers[SIGNATURE].encode())
        until = now + timedelta(seconds=2 * hook.window_s)
        async with self._parts.store.transaction() as tx:
            return await first_delivery(tx, name, signature, delivery, now=now, until=until) == delivery

    def _repeated(self, name: str) -> Response:
        log.info("a hook's delivery came again", hook=name)
        return self._site.json({"accepted": True, "repeated": True})

    def _problem(self, refused: Refused) -> Response:
        detail = self._catalogue.plain(f"hooks.refused.{refused.key}", most=MOST_BYTES // 1024)
        return _document(refused.status, {"detail": detail, **refused.more}, refused.headers)

    def _failed(self, request: Request, status: int, name: str | None = None) -> Response:  # noqa: ARG002 - the same document for every request
        """Return the problem document for what went wrong on the way to or from :meth:`take`."""
        key = _FAILURES.get(HTTPStatus(status))
        more = {"detail": self._catalogue.plain(f"hooks.refused.{key}")} if key is not None else {}
        return _document(HTTPStatus(status), more, _NO_HEADERS)


def _document(status: HTTPStatus, more: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    """Return a problem document (RFC 9457)."""
    said = {"type": "about:blank", "title": status.phrase, "status": int(status), **more}
    return Response(
        body=msgspec.json.encode(said),
        status=status,
        headers={"Content-Type": "application/problem+json", **headers},
    )


async def _read(request: Request) -> bytes:
    """Return the body as it came, at most 256 KiB of it.

    Raises:
        Refused: It is longer, or packed.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "packed")
    too_large = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
    if (request.content_length or 0) > MOST_BYTES:
        raise too_large
    raw = bytearray()
    async for piece in request.content.iter_any():
        raw += piece
        if len(raw) > MOST_BYTES:
            raise too_large
    return bytes(raw)


def _is_allowed(sender: Address | None, allowed: Sequence[Network]) -> bool:
    return not allowed or (sender is not None and any(sender in network for network in allowed))


def _check_clock(hook: HookInSettings, headers: Mapping[str, str], now: datetime) -> None:
    """See that a message of our kind was signed within the hook's window.

    Raises:
        Refused: 401, with our time: the sender has shown that it knows the secret.
    """
    at_s = signed_at(headers) if hook.kind is HookKind.GENERIC else None
    now_s = int(now.timestamp())
    if at_s is not None and abs(now_s - at_s) > hook.window_s:
        log.warning("a hook's sender has another time than we have", ahead_s=at_s - now_s)
        raise Refused(HTTPStatus.UNAUTHORIZED, "clock", server_time=now_s, window_s=int(hook.window_s))
