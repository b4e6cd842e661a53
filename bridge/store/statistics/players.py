"""What statistics tell of single players, and who of all of them did most."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.calendar import Span
from bridge.statistics.lives import Flag, Session
from bridge.statistics.periods import Period
from bridge.statistics.rankings import By
from bridge.store.statistics.accounts import EVERYWHERE

_LAST_SIGN: Final = "\U0010ffff"
_NEVER_MS: Final = 2**53


class Figures(NamedTuple):
    """What a player did in a period."""

    seconds: int = 0
    starts: int = 0  # sessions that began in it, without relogs
    said: int = 0
    deaths: int = 0
    advancements: int = 0


class Place(NamedTuple):
    """One place in a ranking; who did the same shares it."""

    place: int
    account: int
    name: str
    uuid: str | None
    value: int


class Rank(NamedTuple):
    """A player's place, and how many there are."""

    place: int
    of: int


class On(NamedTuple):
    """A server on which a player is."""

    server: int
    since_ms: int


async def figures_of(
    conn: AsyncConnection, account: int, period: Period, server: int = EVERYWHERE
) -> Figures:
    """Return what a player did in a period on a server, or on all of them; zeros where that is nothing."""
    return (await figures_by_server(conn, account, period)).get(server, Figures())


async def figures_by_server(conn: AsyncConnection, account: int, period: Period) -> dict[int, Figures]:
    """Return what a player did in a period by the number of the server, that of all of them among these."""
    rows = await conn.execute(
        text("""
            SELECT server, seconds, starts, said, deaths, advancements FROM player_periods
            WHERE account = :account AND span = :span AND start = :start
        """),
        {"account": account, "span": int(period.span), "start": period.start},
    )
    return {int(row[0]): Figures(*map(int, row[1:])) for row in rows}


async def days_played(conn: AsyncConnection, account: int, server: int = EVERYWHERE) -> list[int]:
    """Return the numbers of the days on which a player played on a server, or on any, in order."""
    rows = await conn.execute(
        text("""
            SELECT start FROM player_periods
            WHERE account = :account AND span = 0 AND server = :server AND (seconds > 0 OR starts > 0)
            ORDER BY start
        """),
        {"account": account, "server": server},
    )
    return [int(start) for (start,) in rows]


async def plays_on(conn: AsyncConnection, account: int) -> list[On]:
    """Return the servers on which a player is now."""
    # The plus keeps SQLite from walking through all that the player ever played.
    rows = await conn.execute(
        text("""
            SELECT server, began_ms FROM play_sessions
            WHERE ended_ms IS NULL AND +account = :account ORDER BY began_ms
        """),
        {"account": account},
    )
    return [On(int(server), int(began_ms)) for server, began_ms in rows]


class PastStay(NamedTuple):
    """A session of a player, with the number of its server."""

    server: int
    session: Session
    relog: bool  # it goes on with the one before


async def stays_of(
    conn: AsyncConnection, account: int, *, before_ms: int | None = None, most: int
) -> list[PastStay]:
    """Return a player's sessions that began before a moment, the newest first."""
    rows = await conn.execute(
        text("""
            SELECT server, began_ms, ended_ms, flags, relog FROM play_sessions
            WHERE account = :account AND began_ms < :before ORDER BY began_ms DESC LIMIT :most
        """),
        {"account": account, "before": _NEVER_MS if before_ms is None else before_ms, "most": most},
    )
    return [
        PastStay(int(server), Session(account, int(began), ended, Flag(int(flags))), bool(relog))
        for server, began, ended, flags, relog in rows
    ]


async def top(
    conn: AsyncConnection,
    by: By,
    period: Period,
    server: int = EVERYWHERE,
    *,
    without: Collection[int] = (),
    most: int,
) -> list[Place]:
    """Return who did most in a period on a server, or on all of them; who did nothing is left out.

    Args:
        conn: A connection that can read.
        by: Of what.
        period: When.
        server: The number of the server.
        without: The numbers of players who are passed over.
        most: How many at most.
    """
    rows = await conn.execute(_TOP[by, period.span], _ranked(period, server, without) | {"most": most})
    found: list[Place] = []
    for number, (account, name, uuid, value) in enumerate(rows, 1):
        same = found and found[-1].value == value
        found.append(Place(found[-1].place if same else number, int(account), str(name), uuid, int(value)))
    return found


async def rank_of(
    conn: AsyncConnection,
    account: int,
    period: Period,
    server: int = EVERYWHERE,
    *,
    without: Collection[int] = (),
) -> Rank | None:
    """Return a player's place by play time among all who were there; None for one who has none."""
    own = (await figures_of(conn, account, period, server)).seconds
    if own == 0 or account in without:
        return None
    rows = await conn.execute(_RANK[period.span], _ranked(period, server, without) | {"own": own})
    more, of = rows.one()
    return Rank(int(more) + 1, max(int(of), int(more) + 1))


async def accounts_ever_named(conn: AsyncConnection, names: Collection[str]) -> frozenset[int]:
    """Return the players who are, or were at any time, called so, in capitals or not."""
    if not names:
        return frozenset()
    rows = await conn.execute(
        text("""
            SELECT account FROM account_names WHERE name IN :names
            UNION SELECT number FROM accounts WHERE lower(name) IN :names
        """).bindparams(bindparam("names", expanding=True)),
        {"names": [name.lower() for name in names]},
    )
    return frozenset(int(account) for (account,) in rows)


async def names_of(conn: AsyncConnection, account: int) -> list[str]:
    """Return the names that a player has had, in small letters, the newest first."""
    rows = await conn.execute(
        text("""
            SELECT name FROM account_names WHERE account = :account
            GROUP BY name ORDER BY max(since_ms) DESC
        """),
        {"account": account},
    )
    return [str(name) for (name,) in rows]


async def names_beginning(
    conn: AsyncConnection, prefix: str, *, without: Collection[int] = (), most: int
) -> list[str]:
    """Return names of players that begin so, in capitals or not, in order."""
    rows = await conn.execute(
        text("""
            SELECT name FROM accounts
            WHERE lower(name) >= lower(:prefix) AND lower(name) < lower(:prefix) || :last
                AND number NOT IN :without
            ORDER BY lower(name) LIMIT :most
        """).bindparams(bindparam("without", expanding=True)),
        {"prefix": prefix, "last": _LAST_SIGN, "without": list(without), "most": most},
    )
    return [str(name) for (name,) in rows]


async def names_seen_last(
    conn: AsyncConnection, *, without: Collection[int] = (), most: int
) -> list[tuple[str, int]]:
    """Return the names of those who played last on any server, and when, the newest first."""
    rows = await conn.execute(
        text("""
            SELECT accounts.name, last.last_ms FROM (
                SELECT account, last_ms FROM acquaintances
                WHERE server = 0 AND account NOT IN :without ORDER BY last_ms DESC LIMIT :most
            ) AS last JOIN accounts ON accounts.number = last.account ORDER BY last.last_ms DESC
        """).bindparams(bindparam("without", expanding=True)),
        {"without": list(without), "most": most},
    )
    return [(str(name), int(last_ms)) for name, last_ms in rows]


def _ranked(period: Period, server: int, without: Collection[int]) -> dict[str, Any]:
    return {"span": int(period.span), "server": server, "start": period.start, "without": list(without)}


def _in(span: Span) -> str:
    # SQLite takes an index of some rows only where the statement has the index's own condition; with the span
    # itself as a number it would take that of all time, which is in another order.
    long = " AND span >= 2" if span >= Span.MONTH else ""
    return f"player_periods WHERE span = :span{long} AND server = :server AND start = :start"


def _top_by(column: By, span: Span) -> TextClause:
    return text(f"""
        SELECT best.account, accounts.name, accounts.uuid, best.value FROM (
            SELECT account, {column} AS value FROM {_in(span)} AND {column} > 0 AND account NOT IN :without
            ORDER BY {column} DESC, account LIMIT :most
        ) AS best JOIN accounts ON accounts.number = best.account ORDER BY best.value DESC, best.account
    """).bindparams(bindparam("without", expanding=True))  # noqa: S608 - a column and a number of ours


def _rank(span: Span) -> TextClause:
    here = _in(span)
    # Few are passed over: counting all along the index and taking those away is quicker than looking at each.
    return text(f"""
        SELECT (SELECT count(*) FROM {here} AND seconds > :own)
                - (SELECT count(*) FROM {here} AND account IN :without AND seconds > :own),
            coalesce((SELECT players FROM periods
                WHERE span = :span AND server = :server AND start = :start), 0)
                - (SELECT count(*) FROM {here} AND account IN :without AND (seconds > 0 OR starts > 0))
    """).bindparams(bindparam("without", expanding=True))  # noqa: S608 - a number of ours


_TOP: Final = {(by, span): _top_by(by, span) for by in By for span in Span}
_RANK: Final = {span: _rank(span) for span in Span}
