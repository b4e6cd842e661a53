"""What other programs have sent, and what could not be delivered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.journal.records import Record, RecordId
from bridge.journal.rows import COLUMNS, record_of
from bridge.store.counters import bump
from bridge.store.rows import only
from bridge.store.times import from_ms, to_ms


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A record that a hook was not given, after all tries."""

    id: int
    hook: str
    position: int  # the record's, in the journal
    kind: str
    problem: str  # what went wrong the last time, in words
    tries: int
    begun_at: datetime
    set_aside_at: datetime
    again: bool = False  # somebody wants it to be sent once more


SET_ASIDE: Final = "hooks.set-aside"
"""How often something was put aside, among the counters."""

_COLUMNS: Final = "id, hook, position, kind, problem, tries, begun_at_ms, set_aside_at_ms, again"


async def is_recorded(conn: AsyncConnection, record: RecordId) -> bool:
    """Tell whether the journal has a record of this id."""
    rows = await conn.execute(text("SELECT 1 FROM records WHERE id = :id"), {"id": record})
    return rows.one_or_none() is not None


async def record_at(conn: AsyncConnection, position: int) -> Record | None:
    """Return the record at a position; None if there is none.

    Raises:
        JournalError: It cannot be read.
    """
    rows = await conn.execute(
        text(f"SELECT {COLUMNS} FROM records WHERE position = :position"),  # noqa: S608 - constant
        {"position": position},
    )
    return only(rows, record_of)


async def first_delivery(
    tx: AsyncConnection, hook: str, signature: str, delivery: str, *, now: datetime, until: datetime
) -> str:
    """Return the delivery that a signature came with first, which is this one if it is new.

    Args:
        tx: A write transaction.
        hook: The hook's name.
        signature: It, or a digest of it.
        delivery: The id that it comes with now.
        now: Signatures that were to be remembered until before are forgotten.
        until: How long this one is remembered.
    """
    await tx.execute(text("DELETE FROM hook_signatures WHERE until_ms < :now"), {"now": to_ms(now)})
    await tx.execute(
        text("""
            INSERT INTO hook_signatures (hook, signature, delivery, until_ms)
            VALUES (:hook, :signature, :delivery, :until) ON CONFLICT (hook, signature) DO NOTHING
        """),
        {"hook": hook, "signature": signature, "delivery": delivery, "until": to_ms(until)},
    )
    rows = await tx.execute(
        text("SELECT delivery FROM hook_signatures WHERE hook = :hook AND signature = :signature"),
        {"hook": hook, "signature": signature},
    )
    return str(rows.scalar_one())


async def put_aside(
    tx: AsyncConnection,
    hook: str,
    record: Record,
    *,
    problem: str,
    tries: int,
    begun_at: datetime,
    at: datetime,
) -> None:
    """Keep a record as not delivered; the reader's position is advanced in the same transaction.

    One that was put aside before is kept with what went wrong now, and nobody's wish to send it again.
    Ids are never given out again: a page that somebody opened before must not mean another record.
    """
    id_ = await bump(tx, SET_ASIDE)
    await tx.execute(
        text("""
            INSERT INTO set_aside
                (id, hook, position, kind, problem, tries, begun_at_ms, set_aside_at_ms, again)
            VALUES (:id, :hook, :position, :kind, :problem, :tries, :begun_at, :at, 0)
            ON CONFLICT (hook, position) DO UPDATE SET
                problem = excluded.problem, tries = set_aside.tries + excluded.tries,
                set_aside_at_ms = excluded.set_aside_at_ms, again = 0
        """),
        {
            "id": id_,
            "hook": hook,
            "position": record.position,
            "kind": record.event.kind,
            "problem": problem,
            "tries": tries,
            "begun_at": to_ms(begun_at),
            "at": to_ms(at),
        },
    )


async def set_aside(
    conn: AsyncConnection, hook: str | None = None, *, after: int = 0, most: int = 100
) -> list[SetAside]:
    """Return what could not be delivered, in the order in which it was first put aside.

    Args:
        conn: A connection that can read.
        hook: Only what was for this one.
        after: Only what follows the one of this id, to page on.
        most: How many at most.
    """
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM set_aside
            WHERE id > :after AND (:all_hooks = 1 OR hook = :hook) ORDER BY id LIMIT :most
        """),  # noqa: S608 - constant
        {"after": after, "all_hooks": int(hook is None), "hook": hook or "", "most": most},
    )
    return [_set_aside(row) for row in rows]


async def set_aside_counts(conn: AsyncConnection) -> dict[str, int]:
    """Return how much could not be delivered to each hook; those without any are not named."""
    rows = await conn.execute(text("SELECT hook, COUNT(*) FROM set_aside GROUP BY hook ORDER BY hook"))
    return {str(hook): int(count) for hook, count in rows}


async def next_again(conn: AsyncConnection, hook: str) -> SetAside | None:
    """Return the first of what somebody wants to be sent to a hook once more; None if there is none."""
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM set_aside WHERE hook = :hook AND again = 1 ORDER BY position LIMIT 1
        """),  # noqa: S608 - constant
        {"hook": hook},
    )
    return only(rows, _set_aside)


async def retry(tx: AsyncConnection, id_: int) -> SetAside | None:
    """Let something be sent once more, after what is being sent now; None if it is no longer there."""
    rows = await tx.execute(
        text(f"UPDATE set_aside SET again = 1 WHERE id = :id RETURNING {_COLUMNS}"),  # noqa: S608 - constant
        {"id": id_},
    )
    return only(rows, _set_aside)


async def drop(tx: AsyncConnection, id_: int) -> SetAside | None:
    """Forget something that could not be delivered, and return it; None if it is no longer there."""
    rows = await tx.execute(
        text(f"DELETE FROM set_aside WHERE id = :id RETURNING {_COLUMNS}"),  # noqa: S608 - constant
        {"id": id_},
    )
    return only(rows, _set_aside)


def _set_aside(row: Row[Any]) -> SetAside:
    id_, hook, position, kind, problem, tries, begun_at_ms, set_aside_at_ms, again = tuple(row)
    return SetAside(
        id=id_,
        hook=hook,
        position=position,
        kind=kind,
        problem=problem,
        tries=tries,
        begun_at=from_ms(begun_at_ms),
        set_aside_at=from_ms(set_aside_at_ms),
        again=bool(again),
    )
