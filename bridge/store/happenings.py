"""The newest notable facts of each server by their kind, so that pages need not look through the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import AnyEvent, Event, ServerId
from bridge.journal.rows import decode_event, encode_event, names_of
from bridge.store.times import to_ms

KEPT: Final = 50
"""How many of each kind stay for a server."""

EVERYWHERE: Final = ServerId("")
"""Stands for what is of no single server; no server can be called so."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, with the position of its record in the journal."""

    server: ServerId
    position: int
    event: AnyEvent


async def add_happenings(tx: AsyncConnection, happenings: Iterable[Happening]) -> None:
    """Keep the newest of each kind for each server; what is kept already is passed over."""
    sorts: defaultdict[tuple[ServerId, str], list[Happening]] = defaultdict(list)
    for happening in happenings:
        sorts[happening.server, happening.event.kind].append(happening)
    for (server, kind), found in sorts.items():
        found.sort(key=lambda happening: (happening.event.at, happening.position))
        await _add(tx, server, kind, found[-KEPT:])


async def recent_happenings(
    conn: AsyncConnection, server: ServerId, kinds: Sequence[type[Event]], *, most: int
) -> list[Happening]:
    """Return the newest facts of these kinds, the newest first.

    Args:
        conn: A connection that can read.
        server: Whose facts, or :data:`EVERYWHERE`.
        kinds: Which kinds; none: nothing.
        most: How many at most; no more than :data:`KEPT` of a kind are there.
    """
    if not kinds:
        return []
    names = {f"kind{number}": name for number, name in enumerate(names_of(kinds))}
    walks = " UNION ALL ".join(
        f"SELECT at_ms, position, body FROM happenings WHERE server = :server AND kind = :{name}"  # noqa: S608 - our own names
        for name in names
    )
    rows = await conn.execute(
        text(f"{walks} ORDER BY at_ms DESC, position DESC LIMIT :most"),
        names | {"server": server, "most": most},
    )
    return [Happening(server=server, position=row[1], event=decode_event(row[2])) for row in rows]


async def _add(tx: AsyncConnection, server: ServerId, kind: str, happenings: Sequence[Happening]) -> None:
    await tx.execute(
        text("""
            INSERT INTO happenings (server, kind, at_ms, position, body)
            VALUES (:server, :kind, :at_ms, :position, :body)
            ON CONFLICT (server, kind, at_ms, position) DO NOTHING
        """),
        [
            {
                "server": server,
                "kind": kind,
                "at_ms": to_ms(each.event.at),
                "position": each.position,
                "body": encode_event(each.event),
            }
            for each in happenings
        ],
    )
    await tx.execute(
        text("""
            DELETE FROM happenings WHERE server = :server AND kind = :kind AND at_ms < (
                SELECT at_ms FROM happenings WHERE server = :server AND kind = :kind
                ORDER BY at_ms DESC, position DESC LIMIT 1 OFFSET :last
            )
        """),
        {"server": server, "kind": kind, "last": KEPT - 1},
    )
