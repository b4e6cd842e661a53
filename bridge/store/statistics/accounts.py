"""Players and servers as numbers: millions of rows are about them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId

EVERYWHERE = 0
"""The number that stands for all servers together."""


class Account(NamedTuple):
    """A player, whatever they were called when."""

    number: int
    uuid: str | None
    name: str  # the newest


class Naming(NamedTuple):
    """From when on a name was whose."""

    since_ms: int
    account: int


async def number_of_server(tx: AsyncConnection, server: ServerId) -> int:
    """Return the number of a server, giving it one if it has none."""
    row = await tx.execute(
        text("""
            INSERT INTO server_numbers (number, server)
            VALUES ((SELECT coalesce(max(number), 0) + 1 FROM server_numbers), :server)
            ON CONFLICT (server) DO UPDATE SET server = excluded.server RETURNING number
        """),
        {"server": server},
    )
    return int(row.scalar_one())


async def numbers_of_servers(conn: AsyncConnection) -> dict[ServerId, int]:
    """Return the number of each server of which there are statistics."""
    rows = await conn.execute(text("SELECT server, number FROM server_numbers"))
    return {ServerId(server): int(number) for server, number in rows}


async def account_of_uuid(conn: AsyncConnection, uuid: str) -> int | None:
    """Return the player with this UUID."""
    row = await conn.execute(text("SELECT number FROM accounts WHERE uuid = :uuid"), {"uuid": uuid})
    found = row.scalar_one_or_none()
    return None if found is None else int(found)


async def add_account(tx: AsyncConnection, name: str, uuid: str | None, at_ms: int) -> int:
    """Add a player and return their number."""
    row = await tx.execute(
        text("""
            INSERT INTO accounts (number, uuid, name, named_ms)
            VALUES ((SELECT coalesce(max(number), 0) + 1 FROM accounts), :uuid, :name, :at_ms)
            RETURNING number
        """),
        {"uuid": uuid, "name": name, "at_ms": at_ms},
    )
    return int(row.scalar_one())


async def name_account(
    tx: AsyncConnection, account: int, name: str, at_ms: int, *, uuid: str | None = None
) -> None:
    """Note that a player was called so at a moment; the newest name is the one they are shown by."""
    await tx.execute(
        text("""
            UPDATE accounts SET
                uuid = coalesce(uuid, :uuid),
                name = CASE WHEN named_ms <= :at_ms THEN :name ELSE name END,
                named_ms = CASE WHEN named_ms <= :at_ms THEN :at_ms ELSE named_ms END
            WHERE number = :account
        """),
        {"account": account, "name": name, "at_ms": at_ms, "uuid": uuid},
    )


async def is_anonymous(conn: AsyncConnection, account: int) -> bool:
    """Tell whether nobody has told the UUID of a player yet."""
    row = await conn.execute(text("SELECT uuid FROM accounts WHERE number = :account"), {"account": account})
    return row.scalar_one_or_none() is None


async def add_naming(tx: AsyncConnection, name: str, naming: Naming) -> None:
    """Note that a name was somebody's from a moment on."""
    await tx.execute(
        text("""
            INSERT INTO account_names (name, since_ms, account) VALUES (:name, :since_ms, :account)
            ON CONFLICT (name, since_ms) DO NOTHING
        """),
        {"name": name, "since_ms": naming.since_ms, "account": naming.account},
    )


async def namings(conn: AsyncConnection, name: str) -> list[Naming]:
    """Return whose a name was, one after the other; names are in small letters here."""
    rows = await conn.execute(
        text("SELECT since_ms, account FROM account_names WHERE name = :name ORDER BY since_ms"),
        {"name": name},
    )
    return [Naming(int(since_ms), int(account)) for since_ms, account in rows]


async def account_named(conn: AsyncConnection, name: str) -> Account | None:
    """Return the player who has, or last had, a name, in capitals or not."""
    rows = await conn.execute(
        text("""
            SELECT number, uuid, name FROM accounts WHERE lower(name) = lower(:name)
            ORDER BY named_ms DESC LIMIT 1
        """),
        {"name": name},
    )
    row = rows.one_or_none()
    if row is not None:
        return _account(row)
    known = await namings(conn, name.lower())
    found = await accounts_of(conn, [known[-1].account]) if known else {}
    return next(iter(found.values()), None)


async def accounts_named(conn: AsyncConnection, names: Collection[str]) -> frozenset[int]:
    """Return the players who are called so now, in capitals or not."""
    if not names:
        return frozenset()
    rows = await conn.execute(
        text("SELECT number FROM accounts WHERE lower(name) IN :names").bindparams(
            bindparam("names", expanding=True)
        ),
        {"names": [name.lower() for name in names]},
    )
    return frozenset(int(number) for (number,) in rows)


async def accounts_of(conn: AsyncConnection, numbers: list[int]) -> dict[int, Account]:
    """Return players by their numbers."""
    if not numbers:
        return {}
    rows = await conn.execute(
        text("SELECT number, uuid, name FROM accounts WHERE number IN :numbers").bindparams(
            bindparam("numbers", expanding=True)
        ),
        {"numbers": numbers},
    )
    return {account.number: account for account in map(_account, rows)}


def _account(row: Any) -> Account:  # noqa: ANN401 - a row of three columns
    number, uuid, name = row
    return Account(int(number), uuid, str(name))
