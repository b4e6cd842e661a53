"""What the database adds to how a server is now: since when, who came when, how the last days were."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bridge.events import ServerId, ServerStarted, ServerStopping
from bridge.store import Store, StoreError
from bridge.store.happenings import recent_happenings
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.samples import Bucket, Uptime, series, uptimes
from bridge.store.statistics.sessions import Online, players_on
from bridge.store.times import to_ms

log = structlog.get_logger(__name__)

PERIODS: Final = (1, 7, 30, 90)
"""Of how many days uptime is told."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How many were on in the last 24 hours."""

    line: str  # small blocks, the highest of each hour
    peak: int


async def who_came_when(store: Store, server: ServerId) -> Mapping[str, Online]:
    """Return who is on by name in small letters; empty where nothing is known or can be read."""
    try:
        async with store.reading() as conn:
            return {each.name.casefold(): each for each in await players_on(conn, server)}
    except StoreError as exc:
        log.warning("players are told without the time they came", problem=str(exc))
        return {}


async def started_at(store: Store, server: ServerId) -> datetime | None:
    """Return when a server started; None if it has stopped since, or nothing is known or can be read."""
    try:
        async with store.reading() as conn:
            found = await recent_happenings(conn, server, (ServerStarted, ServerStopping), most=1)
    except StoreError as exc:
        log.warning("a server is told without its start", problem=str(exc))
        return None
    return found[0].event.at if found and isinstance(found[0].event, ServerStarted) else None


async def last_day(store: Store, server: ServerId, now: datetime) -> Day | None:
    """Return how many were on in the last 24 hours; None where nothing is known or can be read."""
    utc = ZoneInfo("UTC")
    begins_ms, ends_ms = to_ms(now - _DAY), to_ms(now)
    try:
        async with store.reading() as conn:
            number = (await numbers_of_servers(conn)).get(server)
            if number is None:
                return None
            points = await series(conn, number, Bucket.HOUR, begins_ms=begins_ms, ends_ms=ends_ms, zone=utc)
    except StoreError as exc:
        log.warning("a server is told without its last day", problem=str(exc))
        return None
    known = {point.begins_ms: point.online_max for point in points if point.online_max is not None}
    if not known:
        return None
    hour_ms = Bucket.HOUR * 60_000
    hours = range(begins_ms // hour_ms + 1, ends_ms // hour_ms + 1)
    charts = await asyncio.to_thread(importlib.import_module, "bridge.charts")
    line: str = charts.spark_text([known.get(hour * hour_ms) for hour in hours])
    return Day(line=line, peak=max(known.values()))


async def uptimes_of(store: Store, server: ServerId, now: datetime) -> Mapping[int, Uptime]:
    """Return how much of the last 1, 7, 30 and 90 days a server was up; empty where nothing is known.

    Raises:
        StoreError: The database cannot be read.
    """
    async with store.reading() as conn:
        number = (await numbers_of_servers(conn)).get(server)
        return {} if number is None else await uptimes(conn, number, PERIODS, now_ms=to_ms(now))
