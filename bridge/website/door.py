"""The one place that decides who may come in: it knows who sends a request and asks the permission table."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, Self, TypeAlias
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bridge.config.access import Permission
from bridge.config.permissions import Rule, Rules, Who
from bridge.config.settings import BridgeSettings
from bridge.store import Store
from bridge.store.audit import AuditEntry, add_audit_entry
from bridge.website.addresses import forwarded_for, networks, visitor_of
from bridge.website.api.problems import API
from bridge.website.api.tokens import Tokens
from bridge.website.errors import Handler, RequestRefused
from bridge.website.identity import VISITOR, Identity, IdentityKind, identity_of, remember_identity
from bridge.website.secrets import site_key
from bridge.website.security import is_own_form
from bridge.website.sessions import Sessions

log = structlog.get_logger(__name__)

AddressOf: TypeAlias = Callable[[web.Request], str]

_A_DAY_S: Final = 86_400
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOK_AGAIN_S: Final = 15.0  # at whoever reads a stream


class Door:
    """Lets requests in, or refuses them; also keeps the audit log of what those inside do."""

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        *,
        address_of: AddressOf,
        hosts: tuple[str, ...] = (),
        rules: Rules | None = None,
    ) -> None:
        """Make a door.

        Args:
            store: Where the audit log is kept.
            sessions: Who is signed in.
            address_of: Tells from where a request comes.
            hosts: Our own names besides the one that is asked for, with ports.
            rules: Who may use what, where packages add to the table.
        """
        self.sessions = sessions
        self.rules = rules or Rules()
        self._key = secrets.token_bytes(32)  # until the site's own is read
        self.tokens = Tokens(store, recheck=lambda: sessions.recheck)
        self.address_of = address_of
        self._store, self._hosts = store, hosts

    @classmethod
    def of(cls, settings: BridgeSettings, store: Store, rules: Rules | None = None) -> Self:
        """Make the door that the settings describe; the site's key lies beside the database."""
        public = urlsplit(settings.website.public_url or "")
        proxies = networks(settings.website.trusted_proxies)
        sessions = Sessions(
            store, store.path.parent, idle_s=settings.staff.idle_s, secure=public.scheme == "https"
        )

        def address_of(request: web.Request) -> str:
            return visitor_of(request.remote, forwarded_for(request.headers), proxies)

        return cls(store, sessions, hosts=(public.netloc,), address_of=address_of, rules=rules)

    def load(self) -> None:
        """Read the site's key; blocks, so it is called in a thread.

        Raises:
            KeyUnusable: It cannot be read.
        """
        self._key = hmac.digest(site_key(self.sessions.folder), b"forms", "sha256")

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer for those who may come in.

        Raises:
            RequestRefused: 401, 403 or 503.
        """
        name = _name_of(request)
        if name is None:  # no such page: the router's own answer
            return await handler(request)
        rule = self.rules.get(name)
        if rule is None:
            log.error("a page is not in the permission table and stays closed", page=name)
            raise RequestRefused(HTTPStatus.NOT_FOUND)
        identity = await self._who(request)
        remember_identity(request, identity)
        _check(rule, identity)
        if request.method not in _SAFE:
            await self._check_form(request, rule, identity)
        if not isinstance(rule.who, Permission):
            return await handler(request)
        return await self._watched(request, handler, rule)

    async def audit(
        self,
        request: web.Request,
        action: str,
        target: str = "",
        was: str | None = None,
        became: str | None = None,
        *,
        who: Identity | None = None,
    ) -> None:
        """Note in the audit log what the sender of a request did.

        Raises:
            StoreError: It cannot be kept; then it must not be done either.
        """
        identity = who or identity_of(request)
        entry = AuditEntry(
            at=datetime.now(UTC),
            who=f"{identity.kind}:{identity.id}" if identity.id else str(identity.kind),
            who_name=identity.name,
            action=action,
            target=target,
            address=self.address_of(request),
            was=was,
            became=became,
        )
        async with self._store.transaction() as tx:
            await add_audit_entry(tx, entry)

    async def _who(self, request: web.Request, *, used: bool = True) -> Identity:
        authorization = request.headers.get("Authorization")
        if authorization is not None and request.path.startswith(API):
            identity = await self.tokens.identity_of_token(authorization)
            if identity is None:
                raise RequestRefused(HTTPStatus.UNAUTHORIZED)
            return identity
        return await self.sessions.identity(request, used=used)

    async def _check_form(self, request: web.Request, rule: Rule, identity: Identity) -> None:
        """See that what changes something was sent by our own page, or by a program with its own secret.

        Raises:
            RequestRefused: 403.
        """
        if rule.who is Who.SENDERS or identity.kind is IdentityKind.TOKEN:
            return
        if not is_own_form(request.headers, hosts=(request.host, *self._hosts)):
            raise RequestRefused(HTTPStatus.FORBIDDEN, "form")
        given = request.headers.get("X-CSRF-Token") or await _field(request, "csrf")
        if not any(hmac.compare_digest(good.encode(), given.encode()) for good in self._form_tokens(request)):
            raise RequestRefused(HTTPStatus.FORBIDDEN, "form")

    def form_token(self, request: web.Request) -> str:
        """Return what a form must send back to show that it is ours."""
        return self._form_tokens(request)[0]

    def _form_tokens(self, request: web.Request) -> list[str]:
        """Return the tokens that are good now, the newest first.

        A visitor's is made of their address and the day, so that it needs no cookie, which a page inside
        another site's frame would not get; another site cannot read it, as it would be answered for its own.
        """
        if own := identity_of(request).csrf:
            return [own]
        address, today = self.address_of(request), int(time.time()) // _A_DAY_S
        return [
            hmac.new(self._key, f"form {address} {day}".encode(), "sha256").hexdigest()[:32]
            for day in (today, today - 1)
        ]

    async def _watched(self, request: web.Request, handler: Handler, rule: Rule) -> web.StreamResponse:
        """Answer for as long as the sender may read the answer: streams last for hours."""
        watch = asyncio.create_task(self._watch(request, rule))
        try:
            return await handler(request)
        finally:
            watch.cancel()

    async def _watch(self, request: web.Request, rule: Rule) -> None:
        while True:
            await asyncio.sleep(_LOOK_AGAIN_S)
            try:
                # A page that lies open is no use of a session, or that would never end.
                _check(rule, await self._who(request, used=False))
            except RequestRefused:
                log.info("a stream ends: its reader may not read it any more", page=_name_of(request))
                if request.transport is not None:
                    request.transport.abort()
                return
            except Exception:  # cannot be told now: looked at again in a moment
                log.exception("whether a stream's reader may still read it is unknown")


def _check(rule: Rule, identity: Identity) -> None:
    """Compare what somebody may do with what is needed.

    Raises:
        RequestRefused: 401 for a visitor who would have to sign in, 403 for others.
    """
    if isinstance(rule.who, Permission):
        allowed = identity.may(rule.who)
    else:
        allowed = rule.who is not Who.SIGNED_IN or identity.signed_in
    if not allowed and identity.unchecked:
        raise RequestRefused(HTTPStatus.SERVICE_UNAVAILABLE, "roles")
    if not allowed:
        raise RequestRefused(HTTPStatus.UNAUTHORIZED if identity is VISITOR else HTTPStatus.FORBIDDEN)


async def _field(request: web.Request, name: str) -> str:
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    with suppress(ValueError, LookupError):  # bytes that are no text, or in an encoding that is none
        return str((await request.post()).get(name, ""))
    return ""


def _name_of(request: web.Request) -> str | None:
    """Return the request's route as the permission table names it; None if there is no such route."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return f"{method} {resource.canonical}"
