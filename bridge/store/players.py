"""The players that servers have seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId
from bridge.store.rows import only
from bridge.store.times import from_ms, to_ms

_COLUMNS: Final = "server, name, uuid, first_seen_ms, last_seen_ms, last_position"


class Player(msgspec.Struct, frozen=True, kw_only=True):
    """A player as one server knows them."""

    server: ServerId
    name: str
    uuid: str | None
    first_seen: datetime
    last_seen: datetime
    last_position: int  # of the newest record that told of them


async def see_player(
    tx: AsyncConnection, server: ServerId, name: str, *, uuid: str | None, at: datetime, position: int
) -> None:
    """Note that a record told of a player; seeing the same record again changes nothing.

    A known UUID stays when *uuid* is None; facts may come in any order of time.
    """
    await see_players(
        tx,
        [Player(server=server, name=name, uuid=uuid, first_seen=at, last_seen=at, last_position=position)],
    )


async def see_players(tx: AsyncConnection, players: Sequence[Player]) -> None:
    """Note that records told of some players, each named once; as :func:`see_player` does."""
    if not players:
        return
    await tx.execute(
        text("""
            INSERT INTO players (server, name, uuid, first_seen_ms, last_seen_ms, last_position)
            VALUES (:server, :name, :uuid, :first_ms, :last_ms, :position)
            ON CONFLICT (server, name) DO UPDATE SET
                uuid = coalesce(excluded.uuid, players.uuid),
                first_seen_ms = CASE WHEN excluded.first_seen_ms < players.first_seen_ms
                    THEN excluded.first_seen_ms ELSE players.first_seen_ms END,
                last_seen_ms = CASE WHEN excluded.last_seen_ms > players.last_seen_ms
                    THEN excluded.last_seen_ms ELSE players.last_seen_ms END,
                last_position = CASE WHEN excluded.last_position > players.last_position
                    THEN excluded.last_position ELSE players.last_position END
        """),
        [
            {
                "server": each.server,
                "name": each.name,
                "uuid": each.uuid,
                "first_ms": to_ms(each.first_seen),
                "last_ms": to_ms(each.last_seen),
                "position": each.last_position,
            }
            for each in players
        ],
    )


async def player(conn: AsyncConnection, server: ServerId, name: str) -> Player | None:
    """Return what is known of a player on a server; None if the server has never seen them."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM players WHERE server = :server AND name = :name"),  # noqa: S608 - constant
        {"server": server, "name": name},
    )
    return only(rows, _player)


async def players_named(conn: AsyncConnection, name: str) -> list[Player]:
    """Return what each server knows of a player of that name, in capitals or not, the last seen first."""
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM players WHERE lower(name) = lower(:name)
            ORDER BY last_seen_ms DESC, server, name
        """),  # noqa: S608 - constant
        {"name": name},
    )
    return [_player(row) for row in rows]


async def is_players_name(conn: AsyncConnection, name: str) -> bool:
    """Tell whether any server has seen a player of that name, in capitals or not."""
    rows = await conn.execute(
        text("SELECT 1 FROM players WHERE lower(name) = lower(:name) LIMIT 1"), {"name": name}
    )
    return rows.one_or_none() is not None


async def uuid_of(conn: AsyncConnection, name: str) -> str | None:
    """Return the UUID that any server last told for a name; None if none did."""
    # The spelling is compared below: beside "name = :name" SQLite puts that value into lower(name) and then
    # finds no index for it.
    rows = await conn.execute(
        text("""
            SELECT name, uuid FROM players WHERE lower(name) = lower(:name) AND uuid IS NOT NULL
            ORDER BY last_seen_ms DESC
        """),
        {"name": name},
    )
    return next((str(uuid) for found, uuid in rows if found == name), None)


def _player(row: Row[Any]) -> Player:
    server, name, uuid, first_seen_ms, last_seen_ms, last_position = tuple(row)
    return Player(
        server=ServerId(server),
        name=name,
        uuid=uuid,
        first_seen=from_ms(first_seen_ms),
        last_seen=from_ms(last_seen_ms),
        last_position=last_position,
    )
