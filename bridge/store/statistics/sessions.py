"""Sessions: who was on a server from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.days import Stay
from bridge.statistics.lives import Flag, Session

_COLUMNS: Final = "account, began_ms, ended_ms, flags"
_LONG_MS: Final = 79_200_000  # as the index of long ones has it: more than this, less than any day


class Online(NamedTuple):
    """Somebody who is on."""

    name: str
    uuid: str | None
    since_ms: int
    guessed: bool  # since then or longer


async def sessions_from(conn: AsyncConnection, server: int, *, begins_ms: int, ends_ms: int) -> list[Session]:
    """Return the sessions that began from a moment on and before another."""
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM play_sessions
            WHERE server = :server AND began_ms >= :begins AND began_ms < :ends
        """),  # noqa: S608 - constant
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    return [_session(row) for row in rows]


async def sessions_at(conn: AsyncConnection, server: int, keys: Sequence[Session]) -> list[Session]:
    """Return the sessions of the same players that began at the same moments, as they are stored."""
    found: list[Session] = []
    for key in keys:
        rows = await conn.execute(
            text(f"""
                SELECT {_COLUMNS} FROM play_sessions
                WHERE server = :server AND account = :account AND began_ms = :began
            """),  # noqa: S608 - constant
            {"server": server, "account": key.account, "began": key.began_ms},
        )
        found += map(_session, rows)
    return found


async def replace_sessions(
    tx: AsyncConnection, server: int, gone: Iterable[Session], new: Sequence[Session]
) -> None:
    """Take sessions away and put others there."""
    old = [{"server": server, "account": each.account, "began": each.began_ms} for each in gone]
    if old:
        await tx.execute(
            text("""
                DELETE FROM play_sessions
                WHERE server = :server AND account = :account AND began_ms = :began
            """),
            old,
        )
    if new:
        await tx.execute(
            text("""
                INSERT INTO play_sessions (server, account, began_ms, ended_ms, flags, relog)
                VALUES (:server, :account, :began_ms, :ended_ms, :flags, 0)
                ON CONFLICT (server, account, began_ms) DO UPDATE SET
                    ended_ms = excluded.ended_ms, flags = excluded.flags
            """),
            [{"server": server} | each._asdict() | {"flags": int(each.flags)} for each in new],
        )


async def mark_relogs(
    tx: AsyncConnection, server: int, accounts: Sequence[int], *, begins_ms: int, ends_ms: int, within_ms: int
) -> None:
    """Say anew which sessions of some players, begun in a span, go on with the one before.

    Args:
        tx: The transaction.
        server: The number of the server.
        accounts: Whose.
        begins_ms: The first moment of the span.
        ends_ms: The last one.
        within_ms: So soon after the one before it is no new session.
    """
    if not accounts:
        return
    await tx.execute(
        text("""
            UPDATE play_sessions SET relog = CASE WHEN (
                SELECT ended_ms FROM play_sessions AS before
                WHERE before.server = play_sessions.server AND before.account = play_sessions.account
                    AND before.began_ms < play_sessions.began_ms
                ORDER BY began_ms DESC LIMIT 1
            ) >= began_ms - :within THEN 1 ELSE 0 END
            WHERE server = :server AND account IN :accounts AND began_ms BETWEEN :begins AND :ends
        """).bindparams(bindparam("accounts", expanding=True)),
        {
            "server": server,
            "accounts": list(accounts),
            "begins": begins_ms,
            "ends": ends_ms,
            "within": within_ms,
        },
    )


async def stays_between(conn: AsyncConnection, server: int, *, begins_ms: int, ends_ms: int) -> list[Stay]:
    """Return every session that overlaps a span of at most a day, each once.

    Three walks along an index each: those that began in it, those that ended in it, and those so long that
    they can hold all of it. None of them grows with the years.
    """
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS}, relog FROM play_sessions
                WHERE server = :server AND began_ms >= :begins AND began_ms < :ends
            UNION ALL SELECT {_COLUMNS}, relog FROM play_sessions
                WHERE server = :server AND ended_ms > :begins AND ended_ms <= :ends AND began_ms < :begins
            UNION ALL SELECT {_COLUMNS}, relog FROM play_sessions
                WHERE server = :server AND ended_ms - began_ms > {_LONG_MS}
                    AND began_ms < :begins AND ended_ms > :ends
            UNION ALL SELECT {_COLUMNS}, relog FROM play_sessions
                WHERE server = :server AND ended_ms IS NULL AND began_ms < :begins
        """),  # noqa: S608 - constants
        {"server": server, "begins": begins_ms, "ends": ends_ms},
    )
    return [Stay(_session(row[:4]), bool(row[4])) for row in rows]


async def servers_with_players(conn: AsyncConnection) -> list[int]:
    """Return the numbers of the servers on which somebody is."""
    rows = await conn.execute(text("SELECT DISTINCT server FROM play_sessions WHERE ended_ms IS NULL"))
    return [int(server) for (server,) in rows]


async def players_on(conn: AsyncConnection, server: str) -> list[Online]:
    """Return who is on a server, those first who have been there longest."""
    rows = await conn.execute(
        text("""
            SELECT accounts.name, accounts.uuid, play_sessions.began_ms, play_sessions.flags
            FROM play_sessions
            JOIN server_numbers ON server_numbers.number = play_sessions.server
            JOIN accounts ON accounts.number = play_sessions.account
            WHERE server_numbers.server = :server AND play_sessions.ended_ms IS NULL
            ORDER BY play_sessions.began_ms, accounts.name
        """),
        {"server": server},
    )
    return [
        Online(str(name), uuid, int(began_ms), bool(flags & Flag.BEGAN_GUESSED))
        for name, uuid, began_ms, flags in rows
    ]


async def sessions_of_account(conn: AsyncConnection, account: int, *, most: int) -> list[tuple[int, Session]]:
    """Return a player's newest sessions with the number of their server."""
    rows = await conn.execute(
        text(f"""
            SELECT server, {_COLUMNS} FROM play_sessions WHERE account = :account
            ORDER BY began_ms DESC LIMIT :most
        """),  # noqa: S608 - constant
        {"account": account, "most": most},
    )
    return [(int(row[0]), _session(row[1:])) for row in rows]


def _session(row: Any) -> Session:  # noqa: ANN401 - a row of four columns
    account, began_ms, ended_ms, flags = row
    return Session(int(account), int(began_ms), None if ended_ms is None else int(ended_ms), Flag(int(flags)))
