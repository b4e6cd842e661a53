"""Players by name, over all servers: page by page, along an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import bindparam, text
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
    conn: AsyncConnection, *, after: str = "", prefix: str = "", server: str | None = None, most: int
) -> list[str]:
    """Return up to *most* names that follow a name, in order, of one server or of all."""
    of_server = "" if server is None else "AND server = :server"
    rows = await conn.execute(
        text(f"""
            SELECT DISTINCT name FROM players
            WHERE name > :after AND name >= :prefix AND name < :beyond {of_server}
            ORDER BY name LIMIT :most
        """),  # noqa: S608 - constants
        {
            "after": after,
            "prefix": prefix,
            "beyond": prefix + _LAST_SIGN,
            "most": most,
        }
        | ({} if server is None else {"server": server}),
    )
    return [str(name) for (name,) in rows]


async def known_players(conn: AsyncConnection, names: Sequence[str]) -> list[KnownPlayer]:
    """Return what all servers together know of players, in order of the names; unknown ones are left out."""
    rows = await conn.execute(
        text("""
            SELECT name, server, uuid, first_seen_ms, last_seen_ms FROM players
            WHERE name IN :names ORDER BY name, server
        """).bindparams(bindparam("names", expanding=True)),
        {"names": list(names)},
    )
    found: dict[str, KnownPlayer] = {}
    for name, server, uuid, first_seen_ms, last_seen_ms in rows:
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
