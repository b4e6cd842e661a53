"""What was announced where, for the pages of rooms: without what was removed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import AnnouncementMade, EndId, channel_end, server_end
from bridge.store.times import to_ms


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement with its record's position in the journal."""

    position: int
    event: AnnouncementMade


_event_of: Final = msgspec.json.Decoder(AnnouncementMade).decode


def ends_told(event: AnnouncementMade) -> frozenset[EndId]:
    """Return the ends of rooms in which an announcement is told."""
    return frozenset({*map(channel_end, event.channels), *map(server_end, event.servers)})


async def add_announcement(tx: AsyncConnection, position: int, event: AnnouncementMade) -> None:
    """Keep an announcement; does nothing if it is kept already, or told nowhere."""
    body = msgspec.json.encode(event).decode()
    rows = [{"end": end, "position": position, "body": body} for end in sorted(ends_told(event))]
    if not rows:
        return
    await tx.execute(
        text("""
            INSERT INTO announcements (end_id, position, body) VALUES (:end, :position, :body)
            ON CONFLICT (end_id, position) DO NOTHING
        """),
        rows,
    )


async def remove_announcement(tx: AsyncConnection, position: int, *, at: datetime) -> bool:
    """Mark an announcement as removed everywhere; False if there is none, or it was removed before."""
    done = await tx.execute(
        text("""
            UPDATE announcements SET removed_at_ms = :at_ms
            WHERE position = :position AND removed_at_ms IS NULL
        """),
        {"position": position, "at_ms": to_ms(at)},
    )
    return done.rowcount > 0


async def recent_announcements(
    conn: AsyncConnection, ends: Sequence[EndId], *, most: int, through: int
) -> list[Announcement]:
    """Return the newest announcements told in any of the ends, each once, oldest first.

    Args:
        conn: A connection that can read.
        ends: Usually those of one room.
        most: How many at most.
        through: The last position that is looked at.
    """
    if not ends:
        return []
    # As for lines: a walk for each end stops early, where IN would sort all that was ever announced there.
    walks = " UNION ".join(
        f"SELECT position, body FROM announcements WHERE end_id = :end{number}"  # noqa: S608 - constant and a number
        " AND removed_at_ms IS NULL AND position <= :through"
        for number in range(len(ends))
    )
    parameters = {f"end{number}": end for number, end in enumerate(ends)}
    rows = await conn.execute(
        text(f"{walks} ORDER BY position DESC LIMIT :most"), parameters | {"most": most, "through": through}
    )
    return [Announcement(position=position, event=_event_of(body)) for position, body in rows][::-1]


async def removed_among(conn: AsyncConnection, positions: Sequence[int]) -> frozenset[int]:
    """Return which of these positions are of announcements that were removed since."""
    rows = await conn.execute(
        text("""
            SELECT DISTINCT position FROM announcements
            WHERE position IN :positions AND removed_at_ms IS NOT NULL
        """).bindparams(bindparam("positions", expanding=True)),
        {"positions": list(positions)},
    )
    return frozenset(int(position) for (position,) in rows)


async def removed_announcements(
    conn: AsyncConnection, ends: Sequence[EndId], *, first: int, last: int
) -> list[int]:
    """Return the positions from *first* to *last* of announcements that were removed since, in order."""
    rows = await conn.execute(
        text("""
            SELECT DISTINCT position FROM announcements
            WHERE position BETWEEN :first AND :last AND end_id IN :ends AND removed_at_ms IS NOT NULL
            ORDER BY position
        """).bindparams(bindparam("ends", expanding=True)),
        {"first": first, "last": last, "ends": list(ends)},
    )
    return [int(position) for (position,) in rows]
