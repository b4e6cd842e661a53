"""What went wrong with servers: from when to when, why, and who was on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId
from bridge.store.times import from_ms, from_ms_or_none, to_ms, to_ms_or_none


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found about an incident."""

    lines: tuple[str, ...] = ()  # the last of the log
    report: str | None = None  # the head of the crash report
    report_name: str | None = None  # and its file's name
    problem: str | None = None  # what the status port or the console did, in words


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which a server was not there for its players; ``ended`` is None while it lasts."""

    server: ServerId
    cause: str
    began: datetime
    ended: datetime | None = None
    estimated: bool = False  # the beginning is the last sign of life, not a line that tells it
    planned: bool = False  # in a time of maintenance
    players: tuple[str, ...] = ()  # who was on when it began
    details: Details = Details()


NOTHING: Final = Details()
_names_of: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_details_of: Final = msgspec.json.Decoder(Details).decode
_COLUMNS: Final = "server, cause, began_ms, ended_ms, estimated, planned, players, details"


async def keep_incident(tx: AsyncConnection, incident: Incident) -> None:
    """Keep an incident as it is now; one of the same server and beginning is replaced."""
    await tx.execute(
        text(f"""
            INSERT INTO incidents (number, {_COLUMNS})
            VALUES ((SELECT coalesce(max(number), 0) + 1 FROM incidents), :server, :cause, :began_ms,
                :ended_ms, :estimated, :planned, :players, :details)
            ON CONFLICT (server, began_ms) DO UPDATE SET cause = excluded.cause,
                ended_ms = excluded.ended_ms, estimated = excluded.estimated, planned = excluded.planned,
                players = excluded.players, details = excluded.details
        """),  # noqa: S608 - our own names
        {
            "server": incident.server,
            "cause": incident.cause,
            "began_ms": to_ms(incident.began),
            "ended_ms": to_ms_or_none(incident.ended),
            "estimated": int(incident.estimated),
            "planned": int(incident.planned),
            "players": msgspec.json.encode(incident.players).decode(),
            "details": msgspec.json.encode(incident.details).decode(),
        },
    )


async def open_incidents(conn: AsyncConnection) -> dict[ServerId, Incident]:
    """Return what is not over yet, the newest of each server."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM incidents WHERE ended_ms IS NULL ORDER BY began_ms")  # noqa: S608 - same
    )
    return {incident.server: incident for incident in map(_incident, rows)}


async def incidents(
    conn: AsyncConnection, servers: Sequence[ServerId], *, before_ms: int | None = None, most: int
) -> list[Incident]:
    """Return the newest incidents of some servers, the newest first.

    Args:
        conn: A connection that can read.
        servers: Whose; none: nothing.
        before_ms: Only those that began before.
        most: How many at most.
    """
    if not servers:
        return []
    names = {f"server{number}": server for number, server in enumerate(servers)}
    earlier = "AND began_ms < :before" if before_ms is not None else ""
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM incidents
            WHERE server IN ({", ".join(f":{name}" for name in names)}) {earlier}
            ORDER BY began_ms DESC LIMIT :most
        """),  # noqa: S608 - same
        names | {"most": most} | ({} if before_ms is None else {"before": before_ms}),
    )
    return [_incident(row) for row in rows]


async def keep_watched(tx: AsyncConnection, server: ServerId, phase: str, alive: datetime | None) -> None:
    """Remember what a server does, and when it last gave a sign of life."""
    await tx.execute(
        text("""
            INSERT INTO watched (server, phase, alive_ms) VALUES (:server, :phase, :alive_ms)
            ON CONFLICT (server) DO UPDATE SET phase = excluded.phase, alive_ms = excluded.alive_ms
        """),
        {"server": server, "phase": phase, "alive_ms": to_ms_or_none(alive)},
    )


async def watched(conn: AsyncConnection) -> dict[ServerId, tuple[str, datetime | None]]:
    """Return what each server did when it was last looked at, and its last sign of life then."""
    rows = await conn.execute(text("SELECT server, phase, alive_ms FROM watched"))
    return {ServerId(server): (str(phase), from_ms_or_none(alive_ms)) for server, phase, alive_ms in rows}


def _incident(row: Row[Any]) -> Incident:
    server, cause, began_ms, ended_ms, estimated, planned, players, details = tuple(row)
    return Incident(
        server=ServerId(server),
        cause=cause,
        began=from_ms(began_ms),
        ended=from_ms_or_none(ended_ms),
        estimated=bool(estimated),
        planned=bool(planned),
        players=_names_of(players),
        details=_details_of(details),
    )
