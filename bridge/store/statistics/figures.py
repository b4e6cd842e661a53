"""What staff ask of the statistics: periods, curves, hours of the week, lengths, cohorts."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.calendar import Span


class Counted(NamedTuple):
    """How many players were there in a period, and how many of them for the first time."""

    start: int  # the number of its first day
    players: int
    newcomers: int


class DayRow(NamedTuple):
    """One day of one server, or of all."""

    day: int
    seconds: int
    starts: int
    peak: int
    peak_at_ms: int | None


class HourRow(NamedTuple):
    """One hour of one server, or of all."""

    begins_ms: int
    seconds: int
    peak: int
    players: int
    starts: int
    observed_s: int
    played_s: int
    staffed_s: int


class Returned(NamedTuple):
    """How many of those who first came in a month were there in a week."""

    week: int
    month: int
    players: int


class Lapsed(NamedTuple):
    """A player who came often and comes no more."""

    name: str
    last_ms: int
    seconds: int  # of play in the time looked at


_HOUR: Final = "begins_ms, seconds, peak, players, starts, observed_s, played_s, staffed_s"


async def counted(
    conn: AsyncConnection, span: Span, server: int, *, first: int, before: int
) -> list[Counted]:
    """Return how many players came in each period that begins from a day on and before another."""
    rows = await conn.execute(
        text("""
            SELECT start, players, newcomers FROM periods
            WHERE span = :span AND server = :server AND start >= :first AND start < :before ORDER BY start
        """),
        {"span": int(span), "server": server, "first": first, "before": before},
    )
    return [Counted(*row) for row in rows]


async def days_between(conn: AsyncConnection, server: int, *, first: int, before: int) -> list[DayRow]:
    """Return the days from one on and before another; days on which nothing happened can be missing."""
    rows = await conn.execute(
        text("""
            SELECT day, seconds, starts, peak, peak_at_ms FROM days
            WHERE server = :server AND day >= :first AND day < :before ORDER BY day
        """),
        {"server": server, "first": first, "before": before},
    )
    return [DayRow(*row) for row in rows]


async def hours_between(conn: AsyncConnection, server: int, *, begins_ms: int, ends_ms: int) -> list[HourRow]:
    """Return the hours that begin from a moment on and before another."""
    rows = await conn.execute(
        text(f"""
            SELECT {_HOUR} FROM hours
            WHERE server = :server AND begins_ms >= :begins AND begins_ms < :ends ORDER BY begins_ms
        """),  # noqa: S608 - constant
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    return [HourRow(*row) for row in rows]


async def lengths_between(conn: AsyncConnection, server: int, *, first: int, before: int) -> dict[int, int]:
    """Return how many of the sessions of some days were how long, by the place in ``LENGTHS_S``."""
    rows = await conn.execute(
        text("""
            SELECT length, sum(sessions) FROM session_lengths
            WHERE server = :server AND day >= :first AND day < :before GROUP BY length
        """),
        {"server": server, "first": first, "before": before},
    )
    return {int(length): int(sessions) for length, sessions in rows}


async def returned(conn: AsyncConnection, server: int, *, first_month: int) -> list[Returned]:
    """Return in which weeks how many came of those who first came in a month, from a month on."""
    rows = await conn.execute(
        text("""
            SELECT week, month, players FROM cohorts WHERE server = :server AND month >= :first
            ORDER BY month, week
        """),
        {"server": server, "first": first_month},
    )
    return [Returned(*row) for row in rows]


async def weekly_play(conn: AsyncConnection, server: int, *, before: int, weeks: int) -> dict[int, list[int]]:
    """Return the seconds that each player played in each of the last weeks of seven days, the newest first.

    Args:
        conn: A connection that can read.
        server: The number of the server, or that of all.
        before: The number of the day with which the newest week ends, itself not counted.
        weeks: How many; who did not play in them is not told.
    """
    rows = await conn.execute(
        text("""
            SELECT account, (:before - 1 - start) / 7 AS week, sum(seconds) FROM player_periods
            WHERE span = 0 AND server = :server AND start >= :first AND start < :before
            GROUP BY account, week
        """),
        {"server": server, "first": before - 7 * weeks, "before": before},
    )
    played: dict[int, list[int]] = {}
    for account, week, seconds in rows:
        played.setdefault(int(account), [0] * weeks)[int(week)] += int(seconds)
    return played


async def lapsed(
    conn: AsyncConnection,
    server: int,
    *,
    last_ms: tuple[int, int],
    weeks: tuple[int, int],
    least_s: int,
    most: int,
) -> list[Lapsed]:
    """Return who played a lot in some weeks and was last there a while ago, those first who played most.

    Args:
        conn: A connection that can read.
        server: The number of the server, or that of all.
        last_ms: From when to when they were last there.
        weeks: The first days of the first week that is looked at and of the first that is not.
        least_s: So much they have played in those weeks.
        most: How many to return.
    """
    rows = await conn.execute(
        text("""
            SELECT accounts.name, acquaintances.last_ms, sum(player_periods.seconds) AS played
            FROM acquaintances
            JOIN player_periods ON player_periods.account = acquaintances.account
                AND player_periods.span = 1 AND player_periods.start >= :first_week
                AND player_periods.start < :week_after AND player_periods.server = :server
            JOIN accounts ON accounts.number = acquaintances.account
            WHERE acquaintances.server = :server
                AND acquaintances.last_ms >= :from_ms AND acquaintances.last_ms < :until_ms
            GROUP BY acquaintances.account, accounts.name, acquaintances.last_ms
            HAVING sum(player_periods.seconds) >= :least_s
            ORDER BY played DESC LIMIT :most
        """),
        {
            "server": server,
            "from_ms": last_ms[0],
            "until_ms": last_ms[1],
            "first_week": weeks[0],
            "week_after": weeks[1],
            "least_s": least_s,
            "most": most,
        },
    )
    return [Lapsed(str(name), int(last), int(seconds)) for name, last, seconds in rows]


class FirstWeeks(NamedTuple):
    """A newcomer: when they first came, and when they were last there."""

    account: int
    first_ms: int
    last_ms: int


async def newcomers_between(
    conn: AsyncConnection, server: int, *, begins_ms: int, ends_ms: int
) -> list[FirstWeeks]:
    """Return who was there for the first time from a moment on and before another."""
    rows = await conn.execute(
        text("""
            SELECT account, first_ms, last_ms FROM acquaintances
            WHERE server = :server AND first_ms >= :begins AND first_ms < :ends
        """),
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    return [FirstWeeks(*map(int, row)) for row in rows]


async def days_of_newcomers(
    conn: AsyncConnection, server: int, *, begins_ms: int, ends_ms: int
) -> list[tuple[int, int, int]]:
    """Return of each newcomer of a time their number, when they first came, and a day on which they played.

    A newcomer stands there once for each of these days.
    """
    rows = await conn.execute(
        text("""
            SELECT acquaintances.account, acquaintances.first_ms, player_periods.start
            FROM acquaintances
            JOIN player_periods ON player_periods.account = acquaintances.account
                AND player_periods.span = 0 AND player_periods.server = :server
                AND (player_periods.seconds > 0 OR player_periods.starts > 0)
            WHERE acquaintances.server = :server
                AND acquaintances.first_ms >= :begins AND acquaintances.first_ms < :ends
        """),
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    return [(int(account), int(first_ms), int(start)) for account, first_ms, start in rows]
