"""Who is signed in: an encrypted cookie in the browser, the session itself in the store."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from aiohttp import web

from bridge.config.access import Bundle, permissions_of
from bridge.store import Store, StoreError
from bridge.store.sessions import (
    Session,
    add_session,
    end_session,
    end_sessions_of,
    expire_sessions,
    session_of,
    touch_session,
)
from bridge.website.identity import VISITOR, Identity, IdentityKind
from bridge.website.secrets import site_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

log = structlog.get_logger(__name__)

CHECK_EVERY: Final = timedelta(seconds=30)
"""How old what is known of a member's roles may be."""
TRUST_FOR: Final = timedelta(minutes=5)
"""How long it is believed while Discord cannot be asked."""
_TOUCH_EVERY: Final = timedelta(minutes=1)
_WORTHLESS: Final = web.RequestKey("worthless", bool)  # the cookie that came with a request
_NONCE_BYTES: Final = 12
_SECRET_BYTES: Final = 32


class Unchecked(Exception):
    """A member's roles cannot be read now."""


Recheck = Callable[[str], Awaitable[Bundle | None]]
"""Returns what a member may do by now, None for one who has left; raises Unchecked when nobody can tell."""


class Sessions:
    """Begins, recognises and ends sessions."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        idle_s: float,
        secure: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make the sessions of a site.

        Args:
            store: Where they are kept.
            folder: Where the site's key is kept.
            idle_s: How long a session lives without a request.
            secure: Whether the pages are reached over TLS, so that the cookie needs it.
            now: The clock, in UTC.
        """
        self.recheck: Recheck | None = None
        self.idle_s = idle_s
        self.folder = folder
        self._store, self._secure, self._now = store, secure, now
        self._box: AESGCM | None = None
        self._known: dict[str, Session] = {}  # those of recent requests, by digest
        self._checking: dict[str, asyncio.Lock] = {}
        self._ended = 0  # how often sessions were ended, for those that are being read meanwhile

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers bind one with this prefix to our host and to TLS."""
        return "__Host-passerelle" if self._secure else "passerelle"

    async def begin(
        self,
        request: web.Request,
        response: web.StreamResponse,
        *,
        kind: IdentityKind,
        member: str,
        name: str,
        avatar_url: str | None,
        bundle: Bundle,
    ) -> None:
        """Begin a session for the browser that gets *response*; one that it had before ends.

        Raises:
            StoreError: It cannot be kept.
            KeyUnusable: The site's key cannot be read.
        """
        await self.end(request, response)
        value, _ = await self.open(kind=kind, member=member, name=name, avatar_url=avatar_url, bundle=bundle)
        response.set_cookie(self.cookie, value, path="/", httponly=True, secure=self._secure, samesite="Lax")

    async def open(
        self, *, kind: IdentityKind, member: str, name: str, avatar_url: str | None, bundle: Bundle
    ) -> tuple[str, Session]:
        """Keep a new session; return the value of its cookie, and the session.

        Raises:
            StoreError: It cannot be kept.
            KeyUnusable: The site's key cannot be read.
        """
        secret, now = secrets.token_bytes(_SECRET_BYTES), self._now()
        session = Session(
            digest=_digest(secret),
            kind=kind.value,
            member=member,
            name=name,
            avatar_url=avatar_url,
            bundle=bundle,
            csrf=secrets.token_urlsafe(24),
            begun_at=now,
            seen_at=now,
            checked_at=now,
        )
        idle_since = now - timedelta(seconds=self.idle_s)
        for digest in [digest for digest, known in self._known.items() if known.seen_at < idle_since]:
            self._forget(digest)  # browsers that never came back
        # Known before it is kept, so that whoever ends all of a member's sessions meanwhile finds this one.
        self._known[session.digest] = session
        async with self._store.transaction() as tx:
            await expire_sessions(tx, idle_since)
            await add_session(tx, session)
        return await self._sealed(secret), session

    async def end(self, request: web.Request, response: web.StreamResponse) -> None:
        """End the session of the browser that sent *request*, if it has one."""
        digest = await self._digest_of(request)
        if digest is None:
            return
        async with self._store.transaction() as tx:
            await end_session(tx, digest)
        self._ended += 1
        self._forget(digest)
        self._take_cookie(response)

    async def end_all(self, member: str) -> int:
        """End every session of a member and return how many there were."""
        async with self._store.transaction() as tx:
            count = await end_sessions_of(tx, member)
        self._ended += 1
        for digest in [digest for digest, known in self._known.items() if known.member == member]:
            self._forget(digest)
        return count

    async def identity(self, request: web.Request, *, used: bool = True) -> Identity:
        """Return who the cookie of a request belongs to; a visitor when it is none of ours or too old.

        Args:
            request: Whose cookie.
            used: Whether the session is used by that, and so stays longer.
        """
        digest = await self._digest_of(request)
        session = None if digest is None else await self._live(digest, used=used)
        if session is None:
            return _nobody(request)
        if session.kind != IdentityKind.MEMBER:
            return _identity(session)
        try:
            checked = await self._checked(session)
        except Unchecked as exc:
            log.warning("roles cannot be read, so nobody is let in by them", why=str(exc))
            return replace(_identity(session), bundle=None, permissions=frozenset(), unchecked=True)
        return _nobody(request) if checked is None else _identity(checked)

    def take_worthless_cookies(self, app: web.Application) -> None:
        """Let the pages of *app* take cookies back that belong to no session, or not to one any more."""

        async def prepare(request: web.Request, response: web.StreamResponse) -> None:
            given = self.cookie in request.cookies and self.cookie not in response.cookies
            if given and request.get(_WORTHLESS, False) and response.content_type == "text/html":
                # By hand: what del_cookie() notes is written before this is called.
                self._take_cookie(taking := web.Response())
                response.headers.add("Set-Cookie", taking.cookies[self.cookie].OutputString())

        app.on_response_prepare.append(prepare)

    async def _live(self, digest: str, *, used: bool) -> Session | None:
        session = self._known.get(digest) or await self._stored(digest)
        now = self._now()
        if session is None or now - session.seen_at > timedelta(seconds=self.idle_s):
            self._forget(digest)
            return None
        if used and now - session.seen_at > _TOUCH_EVERY:
            return await self._keep(session, seen_at=now)
        return session

    async def _stored(self, digest: str) -> Session | None:
        """Read a session, to be known from now on; one that ends meanwhile must not come back by that."""
        while True:
            ended = self._ended
            async with self._store.reading() as conn:
                session = await session_of(conn, digest)
            if ended == self._ended:
                break
        if session is not None:
            self._known[digest] = session
        return session

    async def _checked(self, session: Session) -> Session | None:
        """Return the session with what its member may do by now; None if that is nothing any more."""
        lock = self._checking.setdefault(session.digest, asyncio.Lock())
        async with lock:  # a page and its stream ask once
            session = self._known.get(session.digest, session)
            age = self._now() - session.checked_at
            if self.recheck is None or age < CHECK_EVERY:
                return session
            try:
                bundle = await self.recheck(session.member)
            except Unchecked:
                if age < TRUST_FOR:
                    return session
                raise
            if bundle is None:
                log.info("a session ends: its member has left the guild", member=session.member)
                await self.end_all(session.member)
                return None
            if bundle is not session.bundle:
                log.info("a member's roles changed", member=session.member, bundle=bundle.value)
            return await self._keep(session, checked_at=self._now(), bundle=bundle)

    async def _keep(self, session: Session, **changes: object) -> Session | None:
        """Store a change of a session; None if it has ended since somebody looked."""
        if session.digest not in self._known:
            return None
        changed = msgspec.structs.replace(session, **changes)
        self._known[session.digest] = changed
        try:
            async with self._store.transaction() as tx:
                await touch_session(
                    tx,
                    changed.digest,
                    seen_at=changed.seen_at,
                    checked_at=changed.checked_at,
                    bundle=changed.bundle,
                )
        except StoreError as exc:  # it counts until a restart, and then roles are asked for again
            log.warning("a session's use cannot be kept", problem=str(exc))
        return changed

    def _take_cookie(self, response: web.StreamResponse) -> None:
        response.del_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _forget(self, digest: str) -> None:
        self._known.pop(digest, None)
        self._checking.pop(digest, None)

    async def _digest_of(self, request: web.Request) -> str | None:
        """Return the digest of the secret in the request's cookie; None if it is none that we sealed."""
        value = request.cookies.get(self.cookie)
        if not value or len(value) > 200:
            return None
        try:
            sealed = base64.urlsafe_b64decode(value)
        except (binascii.Error, ValueError):
            return None
        secret = await self._opened(sealed)
        return None if secret is None else _digest(secret)

    async def _sealed(self, secret: bytes) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = (await self._open_box()).encrypt(nonce, secret, None)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    async def _opened(self, sealed: bytes) -> bytes | None:
        if len(sealed) < _NONCE_BYTES + _SECRET_BYTES:
            return None
        box = await self._open_box()  # read in a thread, and with it the library that the next line names
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 8 MB, for sites where somebody signs in

        try:
            return box.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag:
            return None

    async def _open_box(self) -> AESGCM:
        if self._box is None:
            self._box = await asyncio.to_thread(_make_box, self.folder)
        return self._box


def _make_box(folder: Path) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

    return AESGCM(hmac.digest(site_key(folder), b"session cookie", "sha256"))


def _nobody(request: web.Request) -> Identity:
    request[_WORTHLESS] = True
    return VISITOR


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


def _identity(session: Session) -> Identity:
    return Identity(
        kind=IdentityKind(session.kind),
        id=session.member,
        name=session.name,
        avatar_url=session.avatar_url,
        bundle=session.bundle,
        permissions=permissions_of(session.bundle),
        csrf=session.csrf,
    )
