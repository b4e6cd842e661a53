"""What reports ask of the statistics besides the figures of days: deeds of all players, minutes, outages."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId
from bridge.statistics.calendar import Span
from bridge.store.statistics.samples import Uptime


class Deeds(NamedTuple):
    """What all players together did in a period."""

    deaths: int = 0
    advancements: int = 0
    said: int = 0  # lines of chat


class Outages(NamedTuple):
    """How often a server was not there for its players without that being planned, and for how long."""

    times: int = 0
    seconds: int = 0


async def deeds(conn: AsyncConnection, span: Span, server: int, *, start: int) -> Deeds:
    """Return what all players did in a period on a server, or on all of them.

    Args:
        conn: A connection that can read.
        span: How long the period is.
        server: The number of the server.
        start: The number of the period's first day.
    """
    rows = await conn.execute(
        text("""
            SELECT coalesce(sum(deaths), 0), coalesce(sum(advancements), 0), coalesce(sum(said), 0)
            FROM player_periods WHERE span = :span AND server = :server AND start = :start
        """),
        {"span": int(span), "server": server, "start": start},
    )
    return Deeds(*map(int, rows.one()))


async def uptime_of_days(conn: AsyncConnection, server: int, days: range, *, minutes: int) -> Uptime:
    """Return how much of some days a server was up.

    Args:
        conn: A connection that can read.
        server: Its number.
        days: The numbers of the days.
        minutes: How many minutes of them are over.
    """
    rows = await conn.execute(
        text("""
            SELECT coalesce(sum(up), 0), coalesce(sum(down), 0), coalesce(sum(planned), 0) FROM sample_sums
            WHERE span = 1 AND server = :server AND period >= :first AND period < :before
        """),
        {"server": server, "first": days.start, "before": days.stop},
    )
    up, down, planned = map(int, rows.one())
    return Uptime(up, down, planned, minutes)


async def outages(conn: AsyncConnection, server: ServerId, *, begins_ms: int, ends_ms: int) -> Outages:
    """Return the outages of a server that touch a time, and how much of it they took.

    Args:
        conn: A connection that can read.
        server: Its id.
        begins_ms: The first moment.
        ends_ms: The moment after the last, not later than now: one that goes on is counted up to here.
    """
    rows = await conn.execute(
        text("""
            SELECT began_ms, ended_ms FROM incidents
            WHERE server = :server AND planned = 0 AND began_ms < :ends
                AND (ended_ms IS NULL OR ended_ms > :begins)
        """),
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    lengths = [
        min(ends_ms if ended is None else int(ended), ends_ms) - max(int(began), begins_ms)
        for began, ended in rows
    ]
    return Outages(len(lengths), sum(lengths) // 1000)
