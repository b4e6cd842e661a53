"""What the journal holds of servers' pasts: which files were imported, and which times are told already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId, ServerObserved, kind_of
from bridge.journal.records import RecordId, SourceName, import_source
from bridge.journal.rows import decode_event
from bridge.store.times import from_ms


async def observed(conn: AsyncConnection, server: ServerId) -> list[tuple[RecordId, ServerObserved]]:
    """Return what was told of whole stretches of a server's past, with the ids of their records."""
    rows = await conn.execute(
        text("SELECT id, body FROM records WHERE source = :source AND kind = :kind ORDER BY position"),
        {"source": import_source(server), "kind": kind_of(ServerObserved)},
    )
    found = ((RecordId(id_), decode_event(body)) for id_, body in rows)
    return [(id_, event) for id_, event in found if isinstance(event, ServerObserved)]


async def span_of(conn: AsyncConnection, source: SourceName) -> tuple[datetime, datetime] | None:
    """Return from when to when a source's facts are; None if it has none."""
    rows = await conn.execute(
        text("SELECT min(at_ms), max(at_ms) FROM records WHERE source = :source"), {"source": source}
    )
    first, last = rows.one()
    return None if first is None else (from_ms(first), from_ms(last))
