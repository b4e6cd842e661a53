"""Queries that staff have kept under a name, as JSON: the store does not look into them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.rows import only
from bridge.store.times import from_ms, to_ms


class SavedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query with its name."""

    number: int
    name: str
    made_by: str  # a name, for people
    made_at: datetime
    body: str


async def add_saved_query(tx: AsyncConnection, name: str, body: str, *, made_by: str, at: datetime) -> None:
    """Keep a query."""
    await tx.execute(
        text("""
            INSERT INTO saved_queries (number, name, made_by, made_at_ms, body) VALUES (
                (SELECT coalesce(max(number), 0) + 1 FROM saved_queries), :name, :made_by, :made_at_ms, :body)
        """),
        {"name": name, "made_by": made_by, "made_at_ms": to_ms(at), "body": body},
    )


async def saved_queries(conn: AsyncConnection, *, most: int) -> list[SavedQuery]:
    """Return what was kept, in order of the names."""
    rows = await conn.execute(
        text("""
            SELECT number, name, made_by, made_at_ms, body FROM saved_queries
            ORDER BY lower(name), number LIMIT :most
        """),
        {"most": most},
    )
    return [_saved(row) for row in rows]


async def saved_query(conn: AsyncConnection, number: int) -> SavedQuery | None:
    """Return one of them; None if there is none."""
    rows = await conn.execute(
        text("SELECT number, name, made_by, made_at_ms, body FROM saved_queries WHERE number = :number"),
        {"number": number},
    )
    return only(rows, _saved)


async def count_saved_queries(conn: AsyncConnection) -> int:
    """Return how many there are."""
    return int((await conn.execute(text("SELECT count(*) FROM saved_queries"))).scalar_one())


async def rename_saved_query(tx: AsyncConnection, number: int, name: str) -> None:
    """Give one another name."""
    await tx.execute(
        text("UPDATE saved_queries SET name = :name WHERE number = :number"), {"number": number, "name": name}
    )


async def drop_saved_query(tx: AsyncConnection, number: int) -> None:
    """Forget one."""
    await tx.execute(text("DELETE FROM saved_queries WHERE number = :number"), {"number": number})


def _saved(row: Row[Any]) -> SavedQuery:
    number, name, made_by, made_at_ms, body = tuple(row)
    return SavedQuery(
        number=int(number), name=name, made_by=made_by, made_at=from_ms(int(made_at_ms)), body=body
    )
