"""What players did in each day, week and month, and ever."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.calendar import Span, period_of
from bridge.statistics.days import Day, PlayerDay
from bridge.store.statistics.accounts import EVERYWHERE


class Deeds(NamedTuple):
    """What a player does besides being there, to be added."""

    account: int
    day: int
    said: int = 0
    deaths: int = 0
    advancements: int = 0


class DayToMake(NamedTuple):
    """A server's day whose figures are to be made anew."""

    server: int
    day: int


async def mark_days(tx: AsyncConnection, days: Iterable[DayToMake]) -> None:
    """Note that days have to be made anew."""
    rows = [day._asdict() for day in days]
    if rows:
        await tx.execute(
            text("""
                INSERT INTO days_to_make (server, day) VALUES (:server, :day)
                ON CONFLICT (server, day) DO NOTHING
            """),
            rows,
        )


async def days_to_make(conn: AsyncConnection, *, most: int) -> list[DayToMake]:
    """Return some of the days that have to be made anew, the oldest first."""
    rows = await conn.execute(
        text("SELECT server, day FROM days_to_make ORDER BY day, server LIMIT :most"), {"most": most}
    )
    return [DayToMake(int(server), int(day)) for server, day in rows]


async def keep_day(tx: AsyncConnection, which: DayToMake, made: Day) -> None:
    """Put a day's figures in the place of those it had; its week, its month and the whole change with it."""
    server, day = which
    await _change_players(tx, which, made.players)
    await tx.execute(
        text("""
            INSERT INTO days (server, day, seconds, starts, peak, peak_at_ms, observed_s)
            VALUES (:server, :day, :seconds, :starts, :peak, :peak_at_ms, :observed_s)
            ON CONFLICT (server, day) DO UPDATE SET
                seconds = excluded.seconds, starts = excluded.starts, peak = excluded.peak,
                peak_at_ms = excluded.peak_at_ms, observed_s = excluded.observed_s
        """),
        {
            "server": server,
            "day": day,
            "seconds": made.seconds,
            "starts": made.starts,
            "peak": made.peak,
            "peak_at_ms": made.peak_at_ms,
            "observed_s": made.observed_s,
        },
    )
    await tx.execute(text("DELETE FROM hours WHERE server = :server AND day = :day"), which._asdict())
    if made.hours:
        await tx.execute(
            text("""
                INSERT INTO hours (
                    server, begins_ms, day, seconds, peak, players, starts, observed_s, played_s, staffed_s
                ) VALUES (
                    :server, :begins_ms, :day, :seconds, :peak, :players, :starts, :observed_s, :played_s,
                    :staffed_s
                )
            """),
            [which._asdict() | hour._asdict() for hour in made.hours],
        )
    await tx.execute(
        text("DELETE FROM session_lengths WHERE server = :server AND day = :day"), which._asdict()
    )
    lengths = [
        which._asdict() | {"length": length, "sessions": count}
        for length, count in enumerate(made.lengths)
        if count
    ]
    if lengths:
        await tx.execute(
            text("""
                INSERT INTO session_lengths (server, day, length, sessions)
                VALUES (:server, :day, :length, :sessions)
            """),
            lengths,
        )
    await tx.execute(text("DELETE FROM days_to_make WHERE server = :server AND day = :day"), which._asdict())


async def add_deeds(tx: AsyncConnection, server: int, deeds: Iterable[Deeds]) -> None:
    """Add what players did to their days, weeks and months on a server and on all of them."""
    rows = [
        deed._asdict() | {"span": int(span), "server": where, "start": period_of(span, deed.day)}
        for deed in deeds
        for span in Span
        for where in (server, EVERYWHERE)
    ]
    if rows:
        await tx.execute(_ADD_DEEDS, rows)


_ADD_DEEDS: Final = text("""
    INSERT INTO player_periods
        (span, server, start, account, seconds, starts, said, deaths, advancements)
    VALUES (:span, :server, :start, :account, 0, 0, :said, :deaths, :advancements)
    ON CONFLICT (span, server, start, account) DO UPDATE SET
        said = player_periods.said + excluded.said,
        deaths = player_periods.deaths + excluded.deaths,
        advancements = player_periods.advancements + excluded.advancements
""")

_ADD_TIME: Final = text("""
    INSERT INTO player_periods
        (span, server, start, account, seconds, starts, said, deaths, advancements)
    VALUES (:span, :server, :start, :account, :seconds, :starts, 0, 0, 0)
    ON CONFLICT (span, server, start, account) DO UPDATE SET
        seconds = player_periods.seconds + excluded.seconds,
        starts = player_periods.starts + excluded.starts
""")


async def _change_players(tx: AsyncConnection, which: DayToMake, players: dict[int, PlayerDay]) -> None:
    """Add to every period what a day has more, or less, than when it was made last."""
    found = await tx.execute(
        text("""
            SELECT account, seconds, starts FROM player_periods
            WHERE span = 0 AND server = :server AND start = :day
        """),
        which._asdict(),
    )
    before = {int(account): PlayerDay(int(seconds), int(starts)) for account, seconds, starts in found}
    nothing = PlayerDay()
    rows = [
        {
            "span": int(span),
            "server": which.server,
            "start": period_of(span, which.day),
            "account": account,
            "seconds": now.seconds - was.seconds,
            "starts": now.starts - was.starts,
        }
        for account in before.keys() | players.keys()
        if (now := players.get(account, nothing)) != (was := before.get(account, nothing))
        for span in Span
    ]
    if rows:
        await tx.execute(_ADD_TIME, rows)


async def count_periods(
    tx: AsyncConnection, server: int, bounds: Sequence[tuple[Span, int, int, int]]
) -> None:
    """Count anew how many players were there in some periods, and how many of them for the first time.

    Args:
        tx: The transaction.
        server: The number of the server, or that of all.
        bounds: Of each period its span, its first day, its first moment and the first moment after it.
    """
    await tx.execute(
        text("""
            INSERT INTO periods (span, server, start, players, newcomers) VALUES (
                :span, :server, :start,
                (SELECT count(*) FROM player_periods WHERE span = :span AND server = :server
                    AND start = :start AND (seconds > 0 OR starts > 0)),
                (SELECT count(*) FROM acquaintances WHERE server = :server
                    AND first_ms >= :begins_ms AND first_ms < :ends_ms)
            ) ON CONFLICT (span, server, start) DO UPDATE SET
                players = excluded.players, newcomers = excluded.newcomers
        """),
        [
            {"span": int(span), "server": server, "start": start, "begins_ms": begins, "ends_ms": ends}
            for span, start, begins, ends in bounds
        ],
    )


class Acquaintance(NamedTuple):
    """When a player was first and last on a server."""

    account: int
    first_ms: int
    last_ms: int


async def acquaintances(
    conn: AsyncConnection, server: int, accounts: Sequence[int]
) -> dict[int, Acquaintance]:
    """Return since when a server, or any, knows some players."""
    rows = await conn.execute(
        text("""
            SELECT account, first_ms, last_ms FROM acquaintances
            WHERE server = :server AND account IN :accounts
        """).bindparams(bindparam("accounts", expanding=True)),
        {"server": server, "accounts": list(accounts)},
    )
    return {int(row[0]): Acquaintance(*map(int, row)) for row in rows}


async def keep_acquaintances(tx: AsyncConnection, server: int, accounts: Sequence[int]) -> None:
    """Take from their sessions when some players were first and last on a server, and on any."""
    keys = [{"server": server, "account": account} for account in accounts]
    if not keys:
        return
    await tx.execute(
        text("DELETE FROM acquaintances WHERE account = :account AND server IN (:server, 0)"), keys
    )
    await tx.execute(
        text("""
            INSERT INTO acquaintances (server, account, first_ms, last_ms)
            SELECT first.server, first.account, first.began_ms, coalesce(last.ended_ms, last.began_ms)
            FROM (SELECT * FROM play_sessions WHERE server = :server AND account = :account
                    ORDER BY began_ms LIMIT 1) AS first,
                (SELECT * FROM play_sessions WHERE server = :server AND account = :account
                    ORDER BY began_ms DESC LIMIT 1) AS last
        """),
        keys,
    )
    await tx.execute(
        text("""
            INSERT INTO acquaintances (server, account, first_ms, last_ms)
            SELECT 0, account, min(first_ms), max(last_ms) FROM acquaintances
            WHERE account = :account AND server <> 0 GROUP BY account
        """),
        [{"account": account} for account in accounts],
    )


async def count_cohorts(
    tx: AsyncConnection, server: int, week: int, months: Sequence[tuple[int, int, int]]
) -> None:
    """Count anew how many of those who first came in each month were there in a week.

    Args:
        tx: The transaction.
        server: The number of the server, or that of all.
        week: The number of its first day.
        months: Of each month its first day, its first moment and the first moment after it.
    """
    await tx.execute(
        text("DELETE FROM cohorts WHERE server = :server AND week = :week"), {"server": server, "week": week}
    )
    found = await tx.execute(
        text("""
            SELECT first_ms FROM player_periods JOIN acquaintances
                ON acquaintances.server = player_periods.server
                AND acquaintances.account = player_periods.account
            WHERE span = 1 AND player_periods.server = :server AND start = :week
                AND (seconds > 0 OR starts > 0)
        """),
        {"server": server, "week": week},
    )
    firsts = sorted(int(first_ms) for (first_ms,) in found)
    rows = [
        {"server": server, "week": week, "month": month, "players": count}
        for month, begins_ms, ends_ms in months
        if (count := bisect_left(firsts, ends_ms) - bisect_left(firsts, begins_ms))
    ]
    if rows:
        await tx.execute(
            text("""
                INSERT INTO cohorts (server, week, month, players)
                VALUES (:server, :week, :month, :players)
            """),
            rows,
        )


async def first_acquaintance(conn: AsyncConnection, server: int) -> int | None:
    """Return the moment at which anybody was first on a server; None if nobody ever was."""
    row = await conn.execute(
        text("SELECT min(first_ms) FROM acquaintances WHERE server = :server"), {"server": server}
    )
    found = row.scalar_one_or_none()
    return None if found is None else int(found)


async def mark_all_days(tx: AsyncConnection) -> None:
    """Note that every day has to be made anew."""
    await tx.execute(
        text("""
            INSERT INTO days_to_make (server, day) SELECT server, day FROM days
            WHERE true ON CONFLICT (server, day) DO NOTHING
        """)
    )
