"""What the game itself has counted of players: one player's figures, top lists, what was added in some days.

Values are in the game's own units; ``in_unit`` of :mod:`bridge.statistics.vanilla` makes seconds and metres.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId
from bridge.statistics.vanilla import PLAY_TIME, DayFigures
from bridge.store.statistics.accounts import EVERYWHERE
from bridge.store.times import from_ms, from_ms_or_none

_FIGURES: Final = msgspec.json.Decoder(dict[str, int])
_NUMBER: Final = "(SELECT number FROM server_numbers WHERE server = :server)"
_COLUMNS: Final = ", ".join(DayFigures._fields)


class PlayerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a server has counted of a player, and the moment it stands for."""

    server: ServerId
    at: datetime
    figures: Mapping[str, int]


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """One place in a top list."""

    uuid: str
    name: str | None  # where the server's cache of names told it
    value: int


class PlayTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a player has played on a server by the game's own count."""

    server: ServerId
    at: datetime  # the moment it stands for
    ticks: int


class Advancement(msgspec.Struct, frozen=True, kw_only=True):
    """An advancement that a player has made."""

    server: ServerId
    key: str  # ``minecraft:story/mine_stone``
    at: datetime | None  # where the file told it


async def figures_of(conn: AsyncConnection, uuid: str) -> list[PlayerFigures]:
    """Return all that each server has counted of a player, in the order of the servers' ids."""
    rows = await conn.execute(
        text("""
            SELECT servers.server, figures.at_ms, figures.body
            FROM vanilla_players AS players
            JOIN vanilla_figures AS figures ON figures.player = players.number
            JOIN server_numbers AS servers ON servers.number = figures.server
            WHERE players.uuid = :uuid ORDER BY servers.server
        """),
        {"uuid": uuid},
    )
    return [
        PlayerFigures(server=ServerId(server), at=from_ms(at_ms), figures=_FIGURES.decode(body))
        for server, at_ms, body in rows
    ]


async def play_times(conn: AsyncConnection, uuid: str) -> list[PlayTime]:
    """Return how long a player has played on each server by the game's own count."""
    rows = await conn.execute(
        text("""
            SELECT servers.server, figures.at_ms, coalesce(rankings.value, 0)
            FROM vanilla_players AS players
            JOIN vanilla_figures AS figures ON figures.player = players.number
            JOIN server_numbers AS servers ON servers.number = figures.server
            LEFT JOIN vanilla_rankings AS rankings ON rankings.server = figures.server
                AND rankings.key = (SELECT number FROM vanilla_keys WHERE key = :key)
                AND rankings.player = players.number
            WHERE players.uuid = :uuid ORDER BY servers.server
        """),
        {"uuid": uuid, "key": PLAY_TIME},
    )
    return [
        PlayTime(server=ServerId(server), at=from_ms(at_ms), ticks=int(ticks))
        for server, at_ms, ticks in rows
    ]


async def top_players(
    conn: AsyncConnection,
    key: str,
    *,
    server: ServerId | None = None,
    without: Collection[str] = (),
    most: int,
) -> list[Ranked]:
    """Return who has most of something, the first one first.

    Args:
        conn: A connection that can read.
        key: One of what :func:`bridge.statistics.vanilla.ranked` keeps.
        server: On which server; on all of them together when None.
        without: The UUIDs of players who are left out.
        most: How many at most.
    """
    number, of_server = _place(server)
    # Equal ones are in the order of the index, so that only what is shown is looked at.
    rows = await conn.execute(
        text(f"""
            SELECT players.uuid, players.name, best.value
            FROM (
                SELECT player, value FROM vanilla_rankings
                WHERE server = {number} AND key = (SELECT number FROM vanilla_keys WHERE key = :key)
                    AND player NOT IN (SELECT number FROM vanilla_players WHERE uuid IN :without)
                ORDER BY value DESC, player DESC LIMIT :most
            ) AS best
            JOIN vanilla_players AS players ON players.number = best.player
            ORDER BY best.value DESC, best.player DESC
        """).bindparams(bindparam("without", expanding=True)),  # noqa: S608 - constants
        {"key": key, "without": list(without), "most": most, **of_server},
    )
    return [Ranked(uuid=uuid, name=name, value=int(value)) for uuid, name, value in rows]


async def ranked_keys(conn: AsyncConnection, server: ServerId | None = None) -> list[str]:
    """Return the keys for which there is a top list, in order, of a server or of all."""
    number, of_server = _place(server)
    rows = await conn.execute(
        text(f"""
            SELECT key FROM vanilla_keys WHERE EXISTS (
                SELECT 1 FROM vanilla_rankings AS rankings
                WHERE rankings.server = {number} AND rankings.key = vanilla_keys.number
            ) ORDER BY key
        """),  # noqa: S608 - constants
        of_server,
    )
    return [str(key) for (key,) in rows]


async def gained(
    conn: AsyncConnection, server: ServerId, *, first_day: int, last_day: int
) -> dict[str, DayFigures]:
    """Return by UUID what players added to their main figures in some days, both days included.

    Who had no file before the first day is new, and has added everything, if the server's files were read by
    then; else they are left out. Days are numbers of :mod:`bridge.statistics.calendar`.
    """
    since = await conn.execute(
        text(f"SELECT since_day FROM vanilla_servers WHERE server = {_NUMBER}"),  # noqa: S608 - constant
        {"server": server},
    )
    since_day = since.scalar_one_or_none()
    all_known = since_day is not None and since_day < first_day
    rows = await conn.execute(
        text(f"""
            SELECT players.uuid, days.day, {_COLUMNS}
            FROM (
                SELECT DISTINCT player, server FROM vanilla_days
                WHERE server = {_NUMBER} AND day BETWEEN :first_day AND :last_day
            ) AS active
            JOIN vanilla_days AS days ON days.player = active.player AND days.server = active.server
                AND days.day IN (
                    (SELECT max(day) FROM vanilla_days WHERE player = active.player
                        AND server = active.server AND day < :first_day),
                    (SELECT max(day) FROM vanilla_days WHERE player = active.player
                        AND server = active.server AND day BETWEEN :first_day AND :last_day))
            JOIN vanilla_players AS players ON players.number = days.player
            ORDER BY players.uuid, days.day
        """),  # noqa: S608 - our own names of columns
        {"server": server, "first_day": first_day, "last_day": last_day},
    )
    before: dict[str, DayFigures] = {}
    added: dict[str, DayFigures] = {}
    for uuid, day, *values in rows:
        stood = DayFigures(*map(int, values))
        if day < first_day:
            before[uuid] = stood
        elif uuid in before or all_known:
            added[uuid] = stood.since(before.get(uuid, DayFigures()))
    return added


async def advancements_of(conn: AsyncConnection, uuid: str) -> list[Advancement]:
    """Return the advancements that a player has made, the newest first; those without a time come last."""
    rows = await conn.execute(
        text("""
            SELECT servers.server, known.key, advancements.done_ms
            FROM vanilla_players AS players
            JOIN vanilla_advancements AS advancements ON advancements.player = players.number
            JOIN vanilla_keys AS known ON known.number = advancements.key
            JOIN server_numbers AS servers ON servers.number = advancements.server
            WHERE players.uuid = :uuid
            ORDER BY coalesce(advancements.done_ms, -1) DESC, known.key, servers.server
        """),
        {"uuid": uuid},
    )
    return [_advancement(row) for row in rows]


async def uuid_named(conn: AsyncConnection, name: str) -> str | None:
    """Return whom the server's cache of names calls so, in capitals or not; None if nobody."""
    rows = await conn.execute(
        text(
            "SELECT uuid FROM vanilla_players WHERE lower(name) = lower(:name) ORDER BY number DESC LIMIT 1"
        ),
        {"name": name},
    )
    found = rows.scalar_one_or_none()
    return None if found is None else str(found)


def _place(server: ServerId | None) -> tuple[str, dict[str, str]]:
    """Return the SQL of a server's number in the rankings, and what it takes."""
    return (str(EVERYWHERE), {}) if server is None else (_NUMBER, {"server": server})


def _advancement(row: Row[Any]) -> Advancement:
    server, key, done_ms = tuple(row)
    return Advancement(server=ServerId(server), key=str(key), at=from_ms_or_none(done_ms))
