"""Counts that outlive a restart, such as repeats that could not be ruled out."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def bump(tx: AsyncConnection, name: str, by: int = 1) -> int:
    """Add *by* to the counter and return its new total; a new counter begins at 0."""
    row = await tx.execute(
        text("""
            INSERT INTO counters (name, total) VALUES (:name, :by)
            ON CONFLICT (name) DO UPDATE SET total = counters.total + excluded.total
            RETURNING total
        """),
        {"name": name, "by": by},
    )
    return int(row.scalar_one())


async def counters(conn: AsyncConnection) -> dict[str, int]:
    """Return all counters by name."""
    rows = await conn.execute(text("SELECT name, total FROM counters ORDER BY name"))
    return {str(name): int(total) for name, total in rows}
