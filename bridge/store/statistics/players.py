"""What statistics tell of single players, and who of all of them did most."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.periods import Period
from bridge.store.statistics.accounts import EVERYWHERE

_LAST_SIGN: Final = "\U0010ffff"


class Figures(NamedTuple):
    """What a player did in a period."""

    seconds: int = 0
    starts: int = 0  # sessions that began in it, without relogs
    said: int = 0
    deaths: int = 0
    advancements: int = 0


class By(StrEnum):
    """What players are compared by; the values are columns."""

    SECONDS = "seconds"
    DEATHS = "deaths"
    ADVANCEMENTS = "advancements"
    SAID = "said"


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
    rows = await conn.execute(_TOP[by], _ranked(period, server, without) | {"most": most})
    found: list[Place] = []
    for number, (account, name, uuid, value) in enumerate(rows, 1):
        same = found and found[-1].value == value
        found.append(Place(found[-1].place if same else number, int(account), str(name), uuid, int(value)))
    return found


async def rank_of(
    conn: AsyncConnection,
    account: int,
    by: By,
    period: Period,
    server: int = EVERYWHERE,
    *,
    without: Collection[int] = (),
) -> Rank | None:
    """Return a player's place among all who did anything of a kind; None for one who has none."""
    own = getattr(await figures_of(conn, account, period, server), by)
    if own == 0 or account in without:
        return None
    rows = await conn.execute(_RANK[by], _ranked(period, server, without) | {"own": own})
    more, of = rows.one()
    return Rank(int(more) + 1, int(of))


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


def _top_by(column: By) -> TextClause:
    return text(f"""
        SELECT best.account, accounts.name, accounts.uuid, best.value FROM (
            SELECT account, {column} AS value FROM player_periods
            WHERE span = :span AND server = :server AND start = :start AND {column} > 0
                AND account NOT IN :without
            ORDER BY {column} DESC, account LIMIT :most
        ) AS best JOIN accounts ON accounts.number = best.account ORDER BY best.value DESC, best.account
    """).bindparams(bindparam("without", expanding=True))  # noqa: S608 - one of our columns


def _rank_by(column: By) -> TextClause:
    return text(f"""
        SELECT coalesce(sum(CASE WHEN {column} > :own THEN 1 ELSE 0 END), 0), count(*) FROM player_periods
        WHERE span = :span AND server = :server AND start = :start AND {column} > 0
            AND account NOT IN :without
    """).bindparams(bindparam("without", expanding=True))  # noqa: S608 - same


_TOP: Final = {by: _top_by(by) for by in By}
_RANK: Final = {by: _rank_by(by) for by in By}
