"""How far each reader has read.

Names are plain text here: the journal's package imports this module while it is being built itself.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def add_reader(tx: AsyncConnection, name: str, position: int) -> int:
    """Note a reader that begins after *position*, unless it is known; return where it goes on."""
    row = await tx.execute(
        text("""
            INSERT INTO readers (name, position) VALUES (:name, :position)
            ON CONFLICT (name) DO UPDATE SET position = readers.position
            RETURNING position
        """),
        {"name": name, "position": position},
    )
    return int(row.scalar_one())


async def advance_reader(tx: AsyncConnection, name: str, through: int) -> None:
    """Store that a reader is done with everything up to *through*; positions never go back."""
    await tx.execute(
        text("UPDATE readers SET position = :through WHERE name = :name AND position < :through"),
        {"name": name, "through": through},
    )


async def reader_position(conn: AsyncConnection, name: str) -> int | None:
    """Return up to where a reader is done; None if there is no such reader."""
    row = await conn.execute(text("SELECT position FROM readers WHERE name = :name"), {"name": name})
    position = row.scalar_one_or_none()
    return None if position is None else int(position)


async def reader_positions(conn: AsyncConnection) -> dict[str, int]:
    """Return every reader's position, for the staff page and the metrics."""
    rows = await conn.execute(text("SELECT name, position FROM readers ORDER BY name"))
    return {str(name): int(position) for name, position in rows}
