"""The tokens with which other programs use the API; their secrets are kept as digests only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.rows import only
from bridge.store.times import from_ms, from_ms_or_none, to_ms

_COLUMNS: Final = "id, name, digest, scopes, made_by, made_at_ms, used_at_ms, revoked_at_ms"


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """One token, without its secret."""

    id: str
    name: str
    digest: str
    scopes: tuple[str, ...]  # names of permissions
    made_by: str  # ``member:ID`` or ``owner``
    made_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


async def add_token(tx: AsyncConnection, token: ApiToken) -> None:
    """Keep a new token."""
    await tx.execute(
        text("""
            INSERT INTO api_tokens (id, name, digest, scopes, made_by, made_at_ms)
            VALUES (:id, :name, :digest, :scopes, :made_by, :made_at_ms)
        """),
        {
            "id": token.id,
            "name": token.name,
            "digest": token.digest,
            "scopes": " ".join(token.scopes),
            "made_by": token.made_by,
            "made_at_ms": to_ms(token.made_at),
        },
    )


async def token_by_digest(conn: AsyncConnection, digest: str) -> ApiToken | None:
    """Return the token whose secret has this digest, also when it is revoked; None if there is none."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM api_tokens WHERE digest = :digest"),  # noqa: S608 - constant
        {"digest": digest},
    )
    return only(rows, _token)


async def token_by_id(conn: AsyncConnection, token: str) -> ApiToken | None:
    """Return the token of that id; None if there is none."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM api_tokens WHERE id = :id"),  # noqa: S608 - constant
        {"id": token},
    )
    return only(rows, _token)


async def tokens_listed(conn: AsyncConnection) -> list[ApiToken]:
    """Return all tokens, the newest first, revoked ones too."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM api_tokens ORDER BY made_at_ms DESC, id")  # noqa: S608 - constant
    )
    return [_token(row) for row in rows]


async def use_token(tx: AsyncConnection, token: str, *, at: datetime) -> None:
    """Note when a token was used last; the time never goes back."""
    await tx.execute(
        text("""
            UPDATE api_tokens SET used_at_ms = :at_ms
            WHERE id = :id AND (used_at_ms IS NULL OR used_at_ms < :at_ms)
        """),
        {"id": token, "at_ms": to_ms(at)},
    )


async def revoke_token(tx: AsyncConnection, token: str, *, at: datetime) -> bool:
    """Revoke a token for good; False if there is none, or it was revoked before."""
    done = await tx.execute(
        text("UPDATE api_tokens SET revoked_at_ms = :at_ms WHERE id = :id AND revoked_at_ms IS NULL"),
        {"id": token, "at_ms": to_ms(at)},
    )
    return done.rowcount > 0


def _token(row: Row[Any]) -> ApiToken:
    token, name, digest, scopes, made_by, made_at_ms, used_at_ms, revoked_at_ms = tuple(row)
    return ApiToken(
        id=token,
        name=name,
        digest=digest,
        scopes=tuple(scopes.split()),
        made_by=made_by,
        made_at=from_ms(made_at_ms),
        used_at=from_ms_or_none(used_at_ms),
        revoked_at=from_ms_or_none(revoked_at_ms),
    )
