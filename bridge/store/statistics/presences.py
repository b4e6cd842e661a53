"""The facts about who came and went, in the order of time, and when a server was observed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.lives import Fact, What


async def add_facts(tx: AsyncConnection, server: int, facts: Sequence[Fact]) -> None:
    """Keep facts; what is kept already is passed over."""
    if not facts:
        return
    await tx.execute(
        text("""
            INSERT INTO presences (server, at_ms, position, part, what, account, value_ms)
            VALUES (:server, :at_ms, :position, :part, :what, :account, :value_ms)
            ON CONFLICT (server, at_ms, position, part) DO NOTHING
        """),
        [{"server": server} | fact._asdict() for fact in facts],
    )


async def facts_between(conn: AsyncConnection, server: int, *, begins_ms: int, ends_ms: int) -> list[Fact]:
    """Return a server's facts from a moment on and before another, in order."""
    rows = await conn.execute(
        text("""
            SELECT at_ms, position, part, what, account, value_ms FROM presences
            WHERE server = :server AND at_ms >= :begins AND at_ms < :ends
            ORDER BY at_ms, position, part
        """),
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    return [Fact(at_ms, position, part, What(what), *rest) for at_ms, position, part, what, *rest in rows]


async def start_before(conn: AsyncConnection, server: int, at_ms: int) -> int | None:
    """Return when a server last began to start at or before a moment."""
    return await _start(conn, "max(at_ms)", "at_ms <= :at_ms", server, at_ms)


async def start_after(conn: AsyncConnection, server: int, at_ms: int) -> int | None:
    """Return when a server next began to start after a moment."""
    return await _start(conn, "min(at_ms)", "at_ms > :at_ms", server, at_ms)


async def _start(conn: AsyncConnection, which: str, where: str, server: int, at_ms: int) -> int | None:
    row = await conn.execute(
        text(f"SELECT {which} FROM presences WHERE what = 3 AND server = :server AND {where}"),  # noqa: S608 - our own words
        {"server": server, "at_ms": at_ms},
    )
    found = row.scalar_one_or_none()
    return None if found is None else int(found)


async def add_observation(
    tx: AsyncConnection, server: int, begins_ms: int, ends_ms: int, *, hole: bool = False
) -> None:
    """Note that a server was observed from a moment to another; or that it was not, although it should."""
    await tx.execute(
        text("""
            INSERT INTO observations (server, begins_ms, ends_ms, hole)
            VALUES (:server, :begins_ms, :ends_ms, :hole)
            ON CONFLICT (server, begins_ms, ends_ms, hole) DO NOTHING
        """),
        {"server": server, "begins_ms": begins_ms, "ends_ms": ends_ms, "hole": int(hole)},
    )


async def observed(conn: AsyncConnection, server: int) -> list[tuple[int, int]]:
    """Return when a server was observed: intervals in order that neither touch nor overlap."""
    rows = await conn.execute(
        text("SELECT begins_ms, ends_ms, hole FROM observations WHERE server = :server ORDER BY begins_ms"),
        {"server": server},
    )
    found = [(int(begins), int(ends), bool(hole)) for begins, ends, hole in rows]
    watched = _union((begins, ends) for begins, ends, hole in found if not hole and ends >= FOR_EVER)
    read = ((begins, ends) for begins, ends, hole in found if not hole and ends < FOR_EVER)
    holes = ((begins, ends) for begins, ends, hole in found if hole)
    return _union([*_without(watched, _union(holes)), *read])


FOR_EVER = 2**53
"""The end of an observation that goes on, in milliseconds."""


def _union(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begins, ends in sorted(intervals):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((begins, ends))
    return joined


def _without(intervals: Iterable[tuple[int, int]], holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    left: list[tuple[int, int]] = []
    for begins, ends in intervals:
        at = begins
        for hole_begins, hole_ends in holes:
            if hole_ends > at and hole_begins < ends:
                left.append((at, hole_begins))
                at = hole_ends
        left.append((at, ends))
    return [(begins, ends) for begins, ends in left if begins < ends]
