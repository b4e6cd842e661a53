"""Players who meet the filters of a query, a page at a time, with the figures that a table shows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.activity import activity_index
from bridge.statistics.calendar import Span
from bridge.statistics.filters import Query, Sort
from bridge.store.statistics.accounts import EVERYWHERE
from bridge.store.statistics.conditions import Binder, Frame, condition, index_rows

RECENT_DAYS: Final = 30

Key: TypeAlias = int | float | str


class Place(NamedTuple):
    """A player's place in the order of a query."""

    key: Key
    account: int


class Figures(NamedTuple):
    """A player as the table shows them."""

    account: int
    name: str
    uuid: str | None
    first_ms: int
    last_ms: int
    seconds: int
    recent_s: int  # of the last 30 days
    sessions: int
    activity: float


class Found(NamedTuple):
    """A page of players."""

    players: list[Figures]
    next: Place | None  # where the next page begins
    total: int  # on all pages; 0 behind the last one


async def find_players(
    conn: AsyncConnection, query: Query, frame: Frame, *, after: Place | None = None, most: int
) -> Found:
    """Return a page of the players whom a query finds, in its order, and how many there are in all.

    Args:
        conn: A connection.
        query: Which players, and in which order.
        frame: What it is asked in.
        after: Where the page before ended; None for the first.
        most: How many at most.
    """
    places, total = await places_of(conn, query, frame, after=after, most=most + 1)
    shown = places[:most]
    players = await figures_of(conn, [place.account for place in shown], frame)
    return Found(players, shown[-1] if len(places) > most else None, total)


async def places_of(
    conn: AsyncConnection, query: Query, frame: Frame, *, after: Place | None = None, most: int
) -> tuple[list[Place], int]:
    """Return which players a query finds, in its order, and how many there are in all."""
    bind = Binder()
    key, joined = _key(query.sort, frame, bind)
    falling = query.sort is not Sort.NAME
    # Materialized: the filters are looked at once, for the page and for the count.
    found = f"""
        WITH matching AS MATERIALIZED (
            SELECT {key} AS place, known.account AS account FROM acquaintances AS known {joined}
            WHERE {_where(query, frame, bind)}
        )
    """  # noqa: S608 - constants and placeholders
    beyond = ""
    if after is not None:
        value, number, sign = bind(after.key), bind(after.account), "<" if falling else ">"
        beyond = f"WHERE place {sign} {value} OR (place = {value} AND account > {number})"
    rows = await conn.execute(
        text(f"""
            {found} SELECT account, place, (SELECT count(*) FROM matching) FROM matching {beyond}
            ORDER BY place {"DESC" if falling else "ASC"}, account LIMIT {bind(most)}
        """),  # noqa: S608 - constants and placeholders
        bind.values,
    )
    places, total = [], 0
    for account, place, count in rows:
        places.append(Place(place, int(account)))
        total = int(count)
    return places, total


async def figures_of(conn: AsyncConnection, accounts: Sequence[int], frame: Frame) -> list[Figures]:
    """Return the figures of some players, in the same order; those who are known no more are left out."""
    if not accounts:
        return []
    rows = await conn.execute(_FIGURES, {"accounts": list(accounts)})
    days = await _days_of(conn, accounts, frame)
    found = {
        int(number): Figures(
            account=int(number),
            name=str(name),
            uuid=uuid,
            first_ms=int(first_ms),
            last_ms=int(last_ms),
            seconds=int(seconds),
            recent_s=days[int(number)][0] if int(number) in days else 0,
            sessions=int(starts),
            activity=activity_index(days[int(number)][1:]) if int(number) in days else 0.0,
        )
        for number, name, uuid, first_ms, last_ms, seconds, starts in rows
    }
    return [found[account] for account in accounts if account in found]


async def _days_of(
    conn: AsyncConnection, accounts: Sequence[int], frame: Frame
) -> Mapping[int, tuple[int, ...]]:
    """Return the seconds that players were on in the last 30 days, and in each of the last three weeks."""
    today = frame.today
    rows = await conn.execute(
        _RECENTLY, {"accounts": list(accounts), "today": today, "first": today - RECENT_DAYS + 1}
    )
    return {int(account): tuple(map(int, sums)) for account, *sums in rows}


_FIGURES: Final = text(f"""
    SELECT accounts.number, accounts.name, accounts.uuid, known.first_ms, known.last_ms,
        coalesce(ever.seconds, 0), coalesce(ever.starts, 0)
    FROM accounts
    JOIN acquaintances AS known ON known.server = {EVERYWHERE} AND known.account = accounts.number
    LEFT JOIN player_periods AS ever ON ever.span = {int(Span.ALL)} AND ever.server = {EVERYWHERE}
        AND ever.start = 0 AND ever.account = accounts.number
    WHERE accounts.number IN :accounts
""").bindparams(bindparam("accounts", expanding=True))  # noqa: S608 - constants

_RECENTLY: Final = text(f"""
    SELECT account, sum(seconds),
        sum(CASE WHEN start > :today - 7 AND start <= :today THEN seconds ELSE 0 END),
        sum(CASE WHEN start > :today - 14 AND start <= :today - 7 THEN seconds ELSE 0 END),
        sum(CASE WHEN start > :today - 21 AND start <= :today - 14 THEN seconds ELSE 0 END)
    FROM player_periods WHERE account IN :accounts AND span = {int(Span.DAY)} AND server = {EVERYWHERE}
        AND start BETWEEN :first AND :today
    GROUP BY account
""").bindparams(bindparam("accounts", expanding=True))  # noqa: S608 - constants


def _where(query: Query, frame: Frame, bind: Binder) -> str:
    # Every number is above 0. It lets SQLite walk along the players in the order of everything that is looked
    # up for each; in that of their last times, which it would take, that is four times as slow.
    everybody = f"known.server = {EVERYWHERE} AND known.account > 0"
    return " AND ".join([everybody, *(condition(each, frame, bind) for each in query.filters)])


def _key(sort: Sort, frame: Frame, bind: Binder) -> tuple[str, str]:
    """Return what players are in order of, and what has to be joined for it."""
    if sort is Sort.RECENT_PLAY_TIME:
        rows = f"""
            SELECT account, sum(seconds) AS seconds FROM player_periods
            WHERE span = {int(Span.DAY)} AND server = {EVERYWHERE}
                AND start BETWEEN {bind(frame.today - RECENT_DAYS + 1)} AND {bind(frame.today)}
            GROUP BY account
        """  # noqa: S608 - constants and placeholders
        return "coalesce(lately.seconds, 0)", _joined(rows)
    if sort is Sort.ACTIVITY:
        return "coalesce(lately.activity, 0)", _joined(index_rows(frame.today, bind))
    return _KEYS[sort]


def _joined(rows: str) -> str:
    return f"LEFT JOIN ({rows}) AS lately ON lately.account = known.account"


_EVER: Final = f"""
    LEFT JOIN player_periods AS ever ON ever.span = {int(Span.ALL)} AND ever.server = {EVERYWHERE}
        AND ever.start = 0 AND ever.account = known.account
"""
_KEYS: Final[Mapping[Sort, tuple[str, str]]] = {
    Sort.LAST_SEEN: ("known.last_ms", ""),
    Sort.FIRST_SEEN: ("known.first_ms", ""),
    Sort.NAME: ("lower(accounts.name)", "JOIN accounts ON accounts.number = known.account"),
    Sort.PLAY_TIME: ("coalesce(ever.seconds, 0)", _EVER),
    Sort.SESSIONS: ("coalesce(ever.starts, 0)", _EVER),
}
