"""Players by name, over all servers: page by page, along an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId
from bridge.store.times import from_ms

_LAST_SIGN: Final = "\U0010ffff"


class KnownPlayer(msgspec.Struct, frozen=True, kw_only=True):
    """A player by the name that servers know."""

    name: str
    uuid: str | None
    servers: tuple[ServerId, ...]  # in order of their ids
    first_seen: datetime
    last_seen: datetime


async def player_names(
    conn: AsyncConnection,
    *,
    after: str = "",
    prefix: str = "",
    server: str | None = None,
    without: Collection[str] = (),
    most: int,
) -> list[str]:
    """Return up to *most* names that follow a name, in order and in small letters, of one server or of all.

    Args:
        conn: A connection that can read.
        after: A name as this function gives it; those that follow it are returned.
        prefix: How the names begin, in capitals or not.
        server: Only names that this server has seen.
        without: Names that are passed over, in capitals or not.
        most: How many at most.
    """
    of_server = "" if server is None else "server = :server AND"
    # One lower bound: of two, SQLite might begin at the wrong one and pass over half of the index.
    begin = "> :after" if after > prefix.lower() else ">= lower(:prefix)"
    rows = await conn.execute(
        text(f"""
            SELECT DISTINCT lower(name) AS folded FROM players
            WHERE {of_server} lower(name) {begin} AND lower(name) < lower(:prefix) || :last
                AND lower(name) NOT IN :without
            ORDER BY folded LIMIT :most
        """).bindparams(bindparam("without", expanding=True)),  # noqa: S608 - constants
        {
            "after": after,
            "prefix": prefix,
            "last": _LAST_SIGN,
            "most": most,
            "server": server,
            "without": [name.lower() for name in without],
        },
    )
    return [str(name) for (name,) in rows]


async def known_players(conn: AsyncConnection, names: Sequence[str]) -> list[KnownPlayer]:
    """Return what all servers together know of the players with these names, given in small letters.

    They are in order of their names; names that nobody has are left out. Names that differ in capitals only,
    which servers without accounts can have, are players of their own.
    """
    rows = await conn.execute(
        text("""
            SELECT name, server, uuid, first_seen_ms, last_seen_ms FROM players
            WHERE lower(name) IN :names ORDER BY lower(name), name, server
        """).bindparams(bindparam("names", expanding=True)),
        {"names": list(names)},
    )
    return _together(rows.all())


async def player_by_name(conn: AsyncConnection, name: str) -> KnownPlayer | None:
    """Return the player of a name, in other capitals if there is none in these; None if there is none."""
    rows = await conn.execute(
        text("""
            SELECT name, server, uuid, first_seen_ms, last_seen_ms FROM players
            WHERE lower(name) = lower(:name) ORDER BY name, server
        """),
        {"name": name},
    )
    found = _together(rows.all())
    return max(found, key=lambda player: (player.name == name, player.last_seen), default=None)


def _together(rows: Sequence[Row[Any]]) -> list[KnownPlayer]:
    found: dict[str, KnownPlayer] = {}
    for row in rows:
        name, server, uuid, first_seen_ms, last_seen_ms = tuple(row)
        one = KnownPlayer(
            name=name,
            uuid=uuid,
            servers=(ServerId(server),),
            first_seen=from_ms(first_seen_ms),
            last_seen=from_ms(last_seen_ms),
        )
        found[name] = _joined(found[name], one) if name in found else one
    return list(found.values())


def _joined(first: KnownPlayer, other: KnownPlayer) -> KnownPlayer:
    newest = max(first, other, key=lambda player: player.last_seen)
    return KnownPlayer(
        name=first.name,
        uuid=newest.uuid or first.uuid or other.uuid,
        servers=(*first.servers, *other.servers),
        first_seen=min(first.first_seen, other.first_seen),
        last_seen=newest.last_seen,
    )
