"""Gathers the figures of a period, of one server or of all, from what is kept day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId
from bridge.features.figures.periods import Period
from bridge.statistics.calendar import day_at
from bridge.statistics.coverage import coverage, observed_ms
from bridge.statistics.retention import Newcomer
from bridge.store.statistics.accounts import EVERYWHERE, numbers_of_servers
from bridge.store.statistics.figures import Counted, counted, days_between
from bridge.store.statistics.presences import observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """One server, or all of them: what is asked for, as the tables have it."""

    server: ServerId | None  # None: all
    number: int
    observed: tuple[tuple[tuple[int, int], ...], ...]  # of each server the times at which it was observed

    def coverage(self, begins_ms: int, ends_ms: int) -> float | None:
        """Return the share of a span that was observed; None for a span without length."""
        return coverage(self.observed, begins_ms, ends_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What happened in a period."""

    period: Period
    complete: bool  # it is over
    players: int  # different ones
    newcomers: int  # who came for the first time
    seconds: int  # of play, of all players together
    starts: int  # sessions that began
    peak: int  # most players at a time
    peak_at_ms: int | None
    mean: float | None  # players at a time while it was observed
    coverage: float | None  # of what is over

    @property
    def returning(self) -> int:
        """How many had been there before."""
        return max(self.players - self.newcomers, 0)


async def where(conn: AsyncConnection, server: ServerId | None) -> Where | None:
    """Return how the tables know a server, or all; None if they do not know it."""
    numbers = await numbers_of_servers(conn)
    if server is not None and server not in numbers:
        return None
    asked = [numbers[server]] if server is not None else list(numbers.values())
    seen = [tuple(await observed(conn, number)) for number in asked]
    return Where(
        server=server,
        number=EVERYWHERE if server is None else numbers[server],
        observed=tuple(seen),
    )


async def figures(conn: AsyncConnection, place: Where, period: Period, *, now_ms: int) -> Figures:
    """Return what happened in a period, as far as it is over."""
    days = await days_between(conn, place.number, first=period.days.start, before=period.days.stop)
    found = await counted(conn, period.span, place.number, first=period.start, before=period.start + 1)
    count = found[0] if found else Counted(period.start, 0, 0)
    until_ms = min(period.ends_ms, now_ms)
    watched_ms = [observed_ms(each, period.begins_ms, until_ms) for each in place.observed]
    seconds = sum(day.seconds for day in days)
    best = max(days, key=lambda day: day.peak, default=None)
    longest_s = max(watched_ms, default=0) / 1000
    return Figures(
        period=period,
        complete=period.ends_ms <= now_ms,
        players=count.players,
        newcomers=count.newcomers,
        seconds=seconds,
        starts=sum(day.starts for day in days),
        peak=best.peak if best else 0,
        peak_at_ms=best.peak_at_ms if best else None,
        mean=seconds / longest_s if longest_s else None,
        coverage=place.coverage(period.begins_ms, until_ms),
    )


async def figures_of(
    conn: AsyncConnection, place: Where, periods: Sequence[Period], *, now_ms: int
) -> list[Figures]:
    """Return what happened in each of some periods."""
    return [await figures(conn, place, period, now_ms=now_ms) for period in periods]


def newcomers_of(rows: Sequence[tuple[int, int, int]], zone: ZoneInfo) -> list[Newcomer]:
    """Return newcomers, of rows that each have a number, when they first came, and a day they played on."""
    first: dict[int, int] = {}
    days: dict[int, set[int]] = {}
    for account, first_ms, day in rows:
        first[account] = day_at(first_ms, zone)
        days.setdefault(account, set()).add(day - first[account])
    return [Newcomer(first[account], found) for account, found in days.items()]
