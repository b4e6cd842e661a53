"""How each server is and was, as the page and the API tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.servers import State, state_of
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.incidents import Incident, incidents, open_incidents
from bridge.store.statistics.samples import Sample, Uptime, latest_sample, uptimes
from bridge.store.times import to_ms

PERIODS: Final = (1, 7, 30, 90)
"""Days of which the uptime is told."""
NOBODY: Final = -1
"""The number of no server."""
_MOST_INCIDENTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUptime:
    """One server."""

    id: ServerId
    title: str
    state: State
    uptimes: Mapping[int, Uptime]  # by days
    latest: Sample | None
    incident: Incident | None  # the one under way


async def server_uptimes(parts: Parts, now: datetime) -> list[ServerUptime]:
    """Return how every server is and was, in the order of the settings.

    Raises:
        StoreError: The database cannot be read.
    """
    found: list[ServerUptime] = []
    async with parts.store.reading() as conn:
        numbers, under_way = await numbers_of_servers(conn), await open_incidents(conn)
        for id_, server in parts.servers.items():
            number = numbers.get(id_, NOBODY)  # one without minutes has no number
            found.append(
                ServerUptime(
                    id=id_,
                    title=server.title,
                    state=state_of(server, now=now),
                    uptimes=await uptimes(conn, number, PERIODS, now_ms=to_ms(now)),
                    latest=await latest_sample(conn, number),
                    incident=under_way.get(id_),
                )
            )
    return found


async def recent_incidents(
    parts: Parts, servers: Sequence[ServerId], *, before: datetime | None = None, most: int = _MOST_INCIDENTS
) -> list[Incident]:
    """Return the newest incidents of some servers, the newest first.

    Raises:
        StoreError: The database cannot be read.
    """
    before_ms = None if before is None else to_ms(before)
    async with parts.store.reading() as conn:
        return await incidents(conn, servers, before_ms=before_ms, most=most)
