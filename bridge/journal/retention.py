"""What was said and what hooks were told, blanked when its time is over; and samples, which go altogether."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, text

from bridge.events import HookReceived, ServerSampled, kind_of
from bridge.journal.rows import blanked, decode_event, encode_event
from bridge.store import Store
from bridge.store.times import to_ms

HOOKS_STAY: Final = timedelta(hours=2)
"""So long what a hook was told stays at least: a command for a console waits up to an hour for its server."""

_IN_ONE_TRANSACTION: Final = 500  # some milliseconds, so that chat never waits for housekeeping


async def blank_chat(store: Store, before: datetime) -> int:
    """Blank what was said before a time, some at a time, and return how many records changed.

    Raises:
        StoreError: The store could not be read or written; what is done stays done.
    """
    total = 0
    while changed := await _blank_some(store, to_ms(before)):
        total += changed
    return total


async def drop_samples(store: Store, before: datetime, *, readers: Sequence[str]) -> int:
    """Remove samples of servers from before a time, some at a time, and return how many.

    Only what all these readers have read goes, and never the last record: positions are counted from it.

    Raises:
        StoreError: The store could not be read or written; what is done stays done.
    """
    total = 0
    while removed := await _drop_some(store, to_ms(before), readers):
        total += removed
    return total


async def _drop_some(store: Store, before_ms: int, readers: Sequence[str]) -> int:
    statement = text("""
        DELETE FROM records WHERE position IN (
            SELECT position FROM records WHERE kind = :kind
                AND position <= (SELECT coalesce(min(position), 0) FROM readers WHERE name IN :readers)
                AND position < (SELECT max(position) FROM records)
            ORDER BY position LIMIT :most
        ) AND at_ms < :before
    """).bindparams(bindparam("readers", expanding=True))
    values = {"kind": kind_of(ServerSampled), "before": before_ms, "readers": list(readers)}
    async with store.transaction() as tx:
        done = await tx.execute(statement, values | {"most": _IN_ONE_TRANSACTION})
    return int(done.rowcount)


async def _blank_some(store: Store, before_ms: int) -> int:
    async with store.reading() as conn:
        rows = await conn.execute(
            text("""
                SELECT position, body FROM records
                WHERE perishable = 1 AND at_ms < :before
                    AND (kind <> :hooks OR recorded_at_ms < :hooks_before)
                ORDER BY at_ms LIMIT :most
            """),
            {
                "before": before_ms,
                "hooks": kind_of(HookReceived),
                "hooks_before": time.time_ns() // 1_000_000 - HOOKS_STAY // timedelta(milliseconds=1),
                "most": _IN_ONE_TRANSACTION,
            },
        )
    changed = [
        {"position": position, "body": encode_event(blanked(decode_event(body)))} for position, body in rows
    ]
    if changed:
        async with store.transaction() as tx:
            await tx.execute(
                text("UPDATE records SET body = :body, perishable = 0 WHERE position = :position"), changed
            )
    return len(changed)
