"""What readers have under way to the outside, and which outside messages hold which records.

One outside message may hold several records (lines that were merged), and one record may be spread over
several messages (a text too long for one).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import EndId
from bridge.journal.records import ReaderName
from bridge.store.times import from_ms, now_ms


class PendingDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader was sending when it last wrote down: it may have arrived or not."""

    reader: ReaderName
    through: int  # the reader's position once this has arrived
    nonce: str  # how the other side would know it again
    digest: str  # of the content, to compare with what the other side shows
    details: str  # the reader's own, as JSON
    begun_at: datetime


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One outside message that shows a record, or a part of it."""

    position: int  # the record's, in the journal
    end: EndId  # where the message is
    message: str  # the outside's id of it
    part: int = 0  # counts the messages of one record


async def begin_delivery(
    tx: AsyncConnection, reader: ReaderName, *, through: int, nonce: str, digest: str, details: str = "{}"
) -> None:
    """Note what the reader is about to send; takes the place of what it noted before."""
    await tx.execute(
        text("""
            INSERT INTO deliveries (reader, through, nonce, digest, details, begun_at_ms)
            VALUES (:reader, :through, :nonce, :digest, :details, :begun_at_ms)
            ON CONFLICT (reader) DO UPDATE SET
                through = excluded.through, nonce = excluded.nonce, digest = excluded.digest,
                details = excluded.details, begun_at_ms = excluded.begun_at_ms
        """),
        {
            "reader": reader,
            "through": through,
            "nonce": nonce,
            "digest": digest,
            "details": details,
            "begun_at_ms": now_ms(),
        },
    )


async def pending_delivery(conn: AsyncConnection, reader: ReaderName) -> PendingDelivery | None:
    """Return what the reader had under way; None if everything it began has been finished."""
    rows = await conn.execute(
        text("SELECT through, nonce, digest, details, begun_at_ms FROM deliveries WHERE reader = :reader"),
        {"reader": reader},
    )
    if (row := rows.one_or_none()) is None:
        return None
    through, nonce, digest, details, begun_at_ms = row
    return PendingDelivery(
        reader=reader,
        through=through,
        nonce=nonce,
        digest=digest,
        details=details,
        begun_at=from_ms(begun_at_ms),
    )


async def finish_delivery(tx: AsyncConnection, reader: ReaderName) -> None:
    """Note that nothing is under way any more; the position is advanced in the same transaction."""
    await tx.execute(text("DELETE FROM deliveries WHERE reader = :reader"), {"reader": reader})


async def add_copies(tx: AsyncConnection, copies: Sequence[Copy]) -> None:
    """Note which messages show which records; pairs that are known already are passed over."""
    if not copies:
        return
    await tx.execute(
        text("""
            INSERT INTO copies (end_id, message, position, part) VALUES (:end, :message, :position, :part)
            ON CONFLICT (end_id, message, position) DO NOTHING
        """),
        [msgspec.structs.asdict(copy) for copy in copies],
    )


async def copies_of(conn: AsyncConnection, position: int, end: EndId | None = None) -> list[Copy]:
    """Return the messages that show a record, in *end* or everywhere, in the order of their parts."""
    rows = await conn.execute(
        text("""
            SELECT end_id, message, part FROM copies
            WHERE position = :position AND (:anywhere = 1 OR end_id = :end)
            ORDER BY end_id, part, message
        """),
        {"position": position, "end": end or "", "anywhere": int(end is None)},
    )
    return [Copy(position=position, end=EndId(e), message=m, part=part) for e, m, part in rows]


async def positions_copied(conn: AsyncConnection, end: EndId, *, after: int) -> list[int]:
    """Return the records behind a position that an end already has messages of, in order."""
    rows = await conn.execute(
        text("""
            SELECT DISTINCT position FROM copies WHERE position > :after AND end_id = :end ORDER BY position
        """),
        {"after": after, "end": end},
    )
    return [int(position) for (position,) in rows]


async def newest_copy(conn: AsyncConnection, end: EndId) -> str | None:
    """Return the newest message of ours in an end whose ids are snowflakes; None if there is none.

    Snowflakes compare as texts: all have had 19 digits since 2022.
    """
    rows = await conn.execute(text("SELECT MAX(message) FROM copies WHERE end_id = :end"), {"end": end})
    newest: str | None = rows.scalar_one()
    return newest


async def records_of_copy(conn: AsyncConnection, end: EndId, message: str) -> list[int]:
    """Return the positions of the records that a message shows, in order; empty if it is not one of ours."""
    rows = await conn.execute(
        text("""
            SELECT position FROM copies WHERE end_id = :end AND message = :message ORDER BY position
        """),
        {"end": end, "message": message},
    )
    return [int(position) for (position,) in rows]


async def forget_copy(tx: AsyncConnection, end: EndId, message: str) -> None:
    """Note that the message is gone."""
    await tx.execute(
        text("DELETE FROM copies WHERE end_id = :end AND message = :message"),
        {"end": end, "message": message},
    )


async def expire_copies(tx: AsyncConnection, before_position: int) -> int:
    """Forget the messages that show records before a position; return how many."""
    done = await tx.execute(text("DELETE FROM copies WHERE position < :before"), {"before": before_position})
    return done.rowcount
