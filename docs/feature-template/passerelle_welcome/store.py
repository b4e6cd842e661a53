"""Its table and the SQL functions for it; typed values come out.

The *tx* or *conn* comes in, so that the caller decides what belongs into one transaction. Names of
tables begin with the feature's, because all features share one database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import PlayerJoined, ServerId
from bridge.store.times import from_ms, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A player, and when a server saw them first."""

    server: ServerId
    player: str
    at: datetime


async def make_table(tx: AsyncConnection) -> None:
    """Make the table if it is not there yet.

    A built-in feature writes a numbered migration instead (``bridge/store/migrations/versions``).
    """
    await tx.execute(
        text("""
            CREATE TABLE IF NOT EXISTS welcome_newcomers (
                server TEXT NOT NULL,
                player TEXT NOT NULL,
                at_ms BIGINT NOT NULL,
                PRIMARY KEY (server, player)
            )
        """)
    )


async def note_player(tx: AsyncConnection, event: PlayerJoined) -> bool:
    """Note that a player came; return whether the server had never seen them."""
    rows = await tx.execute(
        text("""
            INSERT INTO welcome_newcomers (server, player, at_ms) VALUES (:server, :player, :at_ms)
            ON CONFLICT (server, player) DO NOTHING
            RETURNING player
        """),
        {"server": event.server, "player": event.player, "at_ms": to_ms(event.at)},
    )
    return rows.one_or_none() is not None


async def newest(conn: AsyncConnection, server: ServerId, *, most: int) -> list[Newcomer]:
    """Return the players whom a server saw first most recently, newest first."""
    rows = await conn.execute(
        text("""
            SELECT player, at_ms FROM welcome_newcomers WHERE server = :server
            ORDER BY at_ms DESC, player LIMIT :most
        """),
        {"server": server, "most": most},
    )
    return [Newcomer(server=server, player=str(player), at=from_ms(int(at_ms))) for player, at_ms in rows]
