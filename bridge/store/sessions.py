"""Who is signed in on the website, and which owner's links were used."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.config.access import Bundle
from bridge.store.rows import only
from bridge.store.times import from_ms, to_ms

_COLUMNS: Final = (
    "digest, kind, member, name, avatar_url, bundle, csrf, begun_at_ms, seen_at_ms, checked_at_ms"
)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser."""

    digest: str  # of the secret in the cookie, which is nowhere else
    kind: str  # ``member`` or ``owner``
    member: str
    name: str
    avatar_url: str | None
    bundle: Bundle
    csrf: str
    begun_at: datetime
    seen_at: datetime
    checked_at: datetime  # when the member's roles were last read


async def add_session(tx: AsyncConnection, session: Session) -> None:
    """Keep a new session."""
    await tx.execute(
        text(f"""
            INSERT INTO sessions ({_COLUMNS}) VALUES (:digest, :kind, :member, :name, :avatar_url, :bundle,
                :csrf, :begun_at_ms, :seen_at_ms, :checked_at_ms)
        """),  # noqa: S608 - constant
        {
            "digest": session.digest,
            "kind": session.kind,
            "member": session.member,
            "name": session.name,
            "avatar_url": session.avatar_url,
            "bundle": session.bundle.value,
            "csrf": session.csrf,
            "begun_at_ms": to_ms(session.begun_at),
            "seen_at_ms": to_ms(session.seen_at),
            "checked_at_ms": to_ms(session.checked_at),
        },
    )


async def session_of(conn: AsyncConnection, digest: str) -> Session | None:
    """Return the session whose cookie's secret has this digest; None if there is none."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM sessions WHERE digest = :digest"),  # noqa: S608 - constant
        {"digest": digest},
    )
    return only(rows, _session)


async def touch_session(
    tx: AsyncConnection, digest: str, *, seen_at: datetime, checked_at: datetime, bundle: Bundle
) -> None:
    """Note that a session was used, and what its member may do by now."""
    await tx.execute(
        text("""
            UPDATE sessions SET seen_at_ms = :seen_at_ms, checked_at_ms = :checked_at_ms, bundle = :bundle
            WHERE digest = :digest
        """),
        {
            "digest": digest,
            "seen_at_ms": to_ms(seen_at),
            "checked_at_ms": to_ms(checked_at),
            "bundle": bundle.value,
        },
    )


async def end_session(tx: AsyncConnection, digest: str) -> None:
    """Forget a session."""
    await tx.execute(text("DELETE FROM sessions WHERE digest = :digest"), {"digest": digest})


async def end_sessions_of(tx: AsyncConnection, member: str) -> int:
    """Forget every session of a member and return how many there were."""
    done = await tx.execute(text("DELETE FROM sessions WHERE member = :member"), {"member": member})
    return done.rowcount


async def expire_sessions(tx: AsyncConnection, before: datetime) -> int:
    """Forget the sessions that were last used before a time and return how many."""
    done = await tx.execute(
        text("DELETE FROM sessions WHERE seen_at_ms < :before"), {"before": to_ms(before)}
    )
    return done.rowcount


async def use_link(tx: AsyncConnection, digest: str, *, until: datetime, now: datetime) -> bool:
    """Use up an owner's link; False if it was used before. Links that are over are forgotten."""
    await tx.execute(text("DELETE FROM login_links WHERE until_ms < :now"), {"now": to_ms(now)})
    done = await tx.execute(
        text("INSERT INTO login_links (digest, until_ms) VALUES (:digest, :until) ON CONFLICT DO NOTHING"),
        {"digest": digest, "until": to_ms(until)},
    )
    return done.rowcount == 1


def _session(row: Row[Any]) -> Session:
    digest, kind, member, name, avatar_url, bundle, csrf, begun_at_ms, seen_at_ms, checked_at_ms = tuple(row)
    return Session(
        digest=digest,
        kind=kind,
        member=member,
        name=name,
        avatar_url=avatar_url,
        bundle=Bundle(bundle),
        csrf=csrf,
        begun_at=from_ms(begun_at_ms),
        seen_at=from_ms(seen_at_ms),
        checked_at=from_ms(checked_at_ms),
    )
