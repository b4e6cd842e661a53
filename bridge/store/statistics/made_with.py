"""The settings that went into the statistics; with others all is made anew, from the journal's beginning."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_DERIVED: Final = (
    "presences",
    "play_sessions",
    "observations",
    "days_to_make",
    "days",
    "hours",
    "session_lengths",
    "cohorts",
    "player_periods",
    "periods",
    "acquaintances",
)


async def made_with(conn: AsyncConnection) -> dict[str, str]:
    """Return the settings by which the statistics were made; none before the first time."""
    rows = await conn.execute(text("SELECT name, value FROM made_with"))
    return {str(name): str(value) for name, value in rows}


async def begin_anew(tx: AsyncConnection, reader: str, settings: dict[str, str]) -> None:
    """Empty the tables, let a reader begin at the beginning, and note the settings from now on."""
    for table in _DERIVED:
        await tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
    await tx.execute(text("UPDATE readers SET position = 0 WHERE name = :name"), {"name": reader})
    await tx.execute(text("DELETE FROM made_with"))
    await tx.execute(
        text("INSERT INTO made_with (name, value) VALUES (:name, :value)"),
        [{"name": name, "value": value} for name, value in settings.items()],
    )


async def note(tx: AsyncConnection, name: str, value: str) -> None:
    """Note one setting with which the statistics are made from now on."""
    await tx.execute(
        text("""
            INSERT INTO made_with (name, value) VALUES (:name, :value)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """),
        {"name": name, "value": value},
    )
