"""Which announcements of a NamelessMC site are known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.times import to_ms


async def known_announcements(conn: AsyncConnection, site: str) -> dict[str, str] | None:
    """Return the digests of a site's announcements by their ids; None if it was never looked at."""
    looked = await conn.execute(text("SELECT 1 FROM nameless_sites WHERE site = :site"), {"site": site})
    if looked.one_or_none() is None:
        return None
    rows = await conn.execute(
        text("SELECT id, digest FROM nameless_announcements WHERE site = :site ORDER BY id"), {"site": site}
    )
    return {str(id_): str(digest) for id_, digest in rows}


async def keep_announcements(
    tx: AsyncConnection, site: str, digests: Mapping[str, str], *, at: datetime
) -> None:
    """Note that a site was looked at and what its announcements are; those not named stay known."""
    at_ms = to_ms(at)
    await tx.execute(
        text("""
            INSERT INTO nameless_sites (site, first_looked_at_ms) VALUES (:site, :at_ms)
            ON CONFLICT (site) DO NOTHING
        """),
        {"site": site, "at_ms": at_ms},
    )
    if not digests:
        return
    await tx.execute(
        text("""
            INSERT INTO nameless_announcements (site, id, digest, seen_at_ms)
            VALUES (:site, :id, :digest, :at_ms)
            ON CONFLICT (site, id) DO UPDATE SET
                digest = excluded.digest, seen_at_ms = excluded.seen_at_ms
        """),
        [{"site": site, "id": id_, "digest": digest, "at_ms": at_ms} for id_, digest in digests.items()],
    )
