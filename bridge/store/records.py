"""What pages ask of the journal's table besides what readers read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.times import from_ms


async def last_position(conn: AsyncConnection) -> int:
    """Return the position of the newest record; 0 if there is none."""
    rows = await conn.execute(text("SELECT coalesce(max(position), 0) FROM records"))
    return int(rows.scalar_one())


async def first_record_after(conn: AsyncConnection, position: int) -> datetime | None:
    """Return when the first record after a position was taken; None if there is none."""
    rows = await conn.execute(
        text("SELECT recorded_at_ms FROM records WHERE position > :position ORDER BY position LIMIT 1"),
        {"position": position},
    )
    found = rows.scalar_one_or_none()
    return None if found is None else from_ms(int(found))
