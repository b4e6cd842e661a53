"""Tokens for other programs: made by staff, shown once, never stronger than who made them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

import structlog

from bridge.config.access import Permission, permissions_of
from bridge.store import Store, StoreError
from bridge.store.tokens import (
    ApiToken,
    add_token,
    revoke_token,
    token_by_digest,
    token_by_id,
    tokens_listed,
    use_token,
)
from bridge.website.errors import RequestRefused
from bridge.website.identity import Identity, IdentityKind
from bridge.website.sessions import CHECK_EVERY, TRUST_FOR, Recheck, Unchecked

log = structlog.get_logger(__name__)

PREFIX: Final = "psl_"
LONGEST_NAME: Final = 60  # characters
_SECRET_BYTES: Final = 32
_LONGEST_HEADER: Final = 200  # characters; ours have 54
_NOTE_EVERY: Final = timedelta(minutes=1)
_MOST_KNOWN: Final = 10_000


class TokenRefused(Exception):
    """A token that may not be made; ``reason`` is ``name``, ``scopes`` or ``beyond``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made, and its secret, which nobody can see again."""

    token: ApiToken
    secret: str

    def __repr__(self) -> str:
        """Return what may stand in a log."""
        return f"NewToken({self.token.id})"


@dataclass(frozen=True, slots=True)
class _Maker:
    """What the maker of a token may do, and when that was asked; None: they have left."""

    held: frozenset[Permission] | None
    at: datetime


class Tokens:
    """Makes, recognises and revokes tokens."""

    def __init__(
        self,
        store: Store,
        *,
        recheck: Callable[[], Recheck | None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make the tokens of a site.

        Args:
            store: Where they are kept.
            recheck: Returns what tells what a member may do by now; without it, tokens keep their scopes.
            now: The clock, in UTC.
        """
        self._store, self._recheck, self._now = store, recheck, now
        self._used: dict[str, datetime] = {}
        self._makers: dict[str, _Maker] = {}

    async def create(self, name: str, scopes: Iterable[Permission], *, maker: Identity) -> NewToken:
        """Make a token that may do what *scopes* name.

        Raises:
            TokenRefused: No name, one that is too long, no scope, or one that the maker does not hold.
            StoreError: It cannot be kept.
        """
        name, wanted = " ".join(name.split()), frozenset(scopes)
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise TokenRefused("name")
        if not wanted:
            raise TokenRefused("scopes")
        if not wanted <= maker.permissions or not maker.signed_in:
            raise TokenRefused("beyond")
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        token = ApiToken(
            id=secrets.token_hex(6),
            name=name,
            digest=_digest(secret),
            scopes=tuple(sorted(scope.value for scope in wanted)),
            made_by=f"{maker.kind}:{maker.id}" if maker.id else str(maker.kind),
            made_at=self._now(),
        )
        async with self._store.transaction() as tx:
            await add_token(tx, token)
        return NewToken(token, secret)

    async def revoke(self, token: str) -> ApiToken | None:
        """End a token at once and return it; None if there is none of that id, or it was revoked before.

        Raises:
            StoreError: That cannot be kept.
        """
        async with self._store.transaction() as tx:
            if not await revoke_token(tx, token, at=self._now()):
                return None
            return await token_by_id(tx, token)

    async def listed(self) -> list[ApiToken]:
        """Return all tokens, the newest first, revoked ones too."""
        async with self._store.reading() as conn:
            return await tokens_listed(conn)

    async def identity_of_token(self, header: str) -> Identity | None:
        """Return who sends the header ``Authorization``; None if it holds no token that is good.

        Raises:
            RequestRefused: 503: what its maker may do cannot be read for some minutes.
        """
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        ours = secret.startswith(PREFIX) and secret.isascii() and len(header) <= _LONGEST_HEADER
        if scheme.lower() != "bearer" or not ours:
            return None
        async with self._store.reading() as conn:
            token = await token_by_digest(conn, _digest(secret))
        if token is None or token.revoked_at is not None:
            return None
        held = await self._held_by(token.made_by)
        if held is None:
            return None
        await self._note_use(token)
        return Identity(
            kind=IdentityKind.TOKEN, id=token.id, name=token.name, permissions=_scopes(token) & held
        )

    async def _held_by(self, maker: str) -> frozenset[Permission] | None:
        """Return what the maker of a token may do by now; None if they have left."""
        kind, _, member = maker.partition(":")
        recheck = self._recheck()
        if kind != IdentityKind.MEMBER or recheck is None:
            return frozenset(Permission)
        known, now = self._makers.get(member), self._now()
        if known is not None and now - known.at < CHECK_EVERY:
            return known.held
        try:
            bundle = await recheck(member)
        except Unchecked as exc:
            if known is not None and now - known.at < TRUST_FOR:
                return known.held
            log.warning("a token's maker cannot be asked for, so it is not let in", why=str(exc))
            raise RequestRefused(HTTPStatus.SERVICE_UNAVAILABLE) from exc
        held = None if bundle is None else permissions_of(bundle)
        if len(self._makers) >= _MOST_KNOWN:
            del self._makers[next(iter(self._makers))]
        self._makers[member] = _Maker(held, now)
        return held

    async def _note_use(self, token: ApiToken) -> None:
        now = self._now()
        last = self._used.get(token.id) or token.used_at
        if last is not None and now - last < _NOTE_EVERY:
            return
        self._used[token.id] = now
        try:
            async with self._store.transaction() as tx:
                await use_token(tx, token.id, at=now)
        except StoreError as exc:  # only a date on a page of staff's
            log.warning("when a token was used cannot be kept", token=token.id, problem=str(exc))


def _scopes(token: ApiToken) -> frozenset[Permission]:
    """Return a token's permissions; those of a newer bridge mean nothing here."""
    known = {permission.value for permission in Permission}
    return frozenset(Permission(scope) for scope in token.scopes if scope in known)


def _digest(secret: str) -> str:
    # Of 32 random bytes, which nobody can guess: a slow hash would protect nothing further.
    return hashlib.sha256(secret.encode()).hexdigest()
