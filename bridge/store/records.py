"""What pages ask of the journal's table besides what readers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.times import from_ms


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a reader has not read yet."""

    count: int  # records of its kinds; what is more than was asked for is not counted
    since: datetime | None = None  # when the first of them was taken


async def waiting_records(conn: AsyncConnection, kinds: Sequence[str], *, after: int, most: int) -> Waiting:
    """Return how many records of some kinds follow a position, counting up to *most*, and since when.

    Args:
        conn: A connection that can read.
        kinds: As stored; at least one.
        after: The position before the first that counts.
        most: Where counting ends: a reader far behind must not make anybody wait.
    """
    # A walk along the index for each kind: the limit ends the first statement early, the order the second.
    walk = "SELECT {} FROM records WHERE kind = :kind{} AND position > :after"
    counted = " UNION ALL ".join(walk.format("position", number) for number in range(len(kinds)))
    merged = " UNION ALL ".join(
        walk.format("position, recorded_at_ms", number) for number in range(len(kinds))
    )
    parameters = {f"kind{number}": kind for number, kind in enumerate(kinds)} | {"after": after}
    found = await conn.execute(
        text(f"SELECT count(*) FROM ({counted} LIMIT :most) AS waiting"),  # noqa: S608 - our own names
        parameters | {"most": most},
    )
    count = int(found.scalar_one())
    if not count:
        return Waiting(0)
    first = await conn.execute(text(f"{merged} ORDER BY position LIMIT 1"), parameters)
    return Waiting(count, from_ms(int(first.one().recorded_at_ms)))
