"""Makes the figures of days: of those that have changed at once, of today now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.calendar import Span, day_at, day_begins, period_after, period_of
from bridge.statistics.days import Day, Stay, make_day
from bridge.store import Store
from bridge.store.statistics.accounts import EVERYWHERE, accounts_named, numbers_of_servers
from bridge.store.statistics.days import (
    DayToMake,
    count_cohorts,
    count_periods,
    days_to_make,
    first_acquaintance,
    keep_day,
    mark_days,
)
from bridge.store.statistics.presences import observed
from bridge.store.statistics.sessions import servers_with_players, stays_between
from bridge.store.times import to_ms

EVERY_S: Final = 60.0  # who is on plays on
_AT_ONCE: Final = 20  # days in one look at what there is to do
_COHORTS_EVERY_MS: Final = 15 * 60_000
_NEVER_MS: Final = 2**53


class DayMaker:
    """Keeps the tables of days, weeks and months as the sessions have it."""

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        *,
        staff: frozenset[str] = frozenset(),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._zone, self._now, self._pause = store, zone, now, pause
        self._staff = staff
        self._cohorts_ms: dict[tuple[int, int], int] = {}  # when those of a server's week were counted last
        self._seen_ms: int | None = None  # until then who is on is counted

    async def run(self) -> None:
        """Make what there is to make, once a minute, until cancelled."""
        while True:
            await self.make_all()
            await self._pause(EVERY_S)

    async def make_all(self) -> None:
        """Make every day that has changed, and those that go on."""
        async with self._store.transaction() as tx:
            await self._mark_going_on(tx)
        while True:
            async with self._store.reading() as conn:
                due = await days_to_make(conn, most=_AT_ONCE)
            for which in due:
                async with self._store.transaction() as tx:
                    await self._make(tx, which)
                await asyncio.sleep(0)  # a line of chat may go first
            if len(due) < _AT_ONCE:
                return

    async def _mark_going_on(self, tx: AsyncConnection) -> None:
        """Mark the days since the last look, on servers with players, and today everywhere."""
        now_ms = to_ms(self._now())
        today = day_at(now_ms, self._zone)
        since = today if self._seen_ms is None else day_at(self._seen_ms, self._zone)
        self._seen_ms = now_ms
        servers = (
            await servers_with_players(tx) if since == today else [*(await numbers_of_servers(tx)).values()]
        )
        wheres = {*servers, EVERYWHERE} if servers else set()
        await mark_days(tx, [DayToMake(where, day) for where in wheres for day in range(since, today + 1)])

    async def _make(self, tx: AsyncConnection, which: DayToMake) -> None:
        numbers = [which.server]
        if which.server == EVERYWHERE:
            numbers = list((await numbers_of_servers(tx)).values())
        await keep_day(tx, which, await self._day(tx, which.day, numbers))
        await count_periods(tx, which.server, [self._bounds(span, which.day) for span in Span])
        await self._count_cohorts(tx, which)

    async def _count_cohorts(self, tx: AsyncConnection, which: DayToMake) -> None:
        """Count a week's cohorts, but for the week that goes on only now and then."""
        week, now_ms = period_of(Span.WEEK, which.day), to_ms(self._now())
        if self._cohorts_ms.get((which.server, week), 0) > now_ms - _COHORTS_EVERY_MS:
            return
        if day_at(now_ms, self._zone) < week + 7:
            self._cohorts_ms = {key: at for key, at in self._cohorts_ms.items() if key[1] >= week}
            self._cohorts_ms[which.server, week] = now_ms
        first_ms = await first_acquaintance(tx, which.server)
        if first_ms is None:
            return
        months: list[tuple[int, int, int]] = []
        month = period_of(Span.MONTH, day_at(first_ms, self._zone))
        while month <= which.day:
            months.append(self._bounds(Span.MONTH, month)[1:])
            month = period_after(Span.MONTH, month)
        await count_cohorts(tx, which.server, week, months)

    async def _day(self, tx: AsyncConnection, day: int, servers: list[int]) -> Day:
        begins_ms, ends_ms = day_begins(day, self._zone), day_begins(day + 1, self._zone)
        staff = await accounts_named(tx, self._staff)
        stays: list[Stay] = []
        seen: list[tuple[int, int]] = []
        for server in servers:
            stays += await stays_between(tx, server, begins_ms=begins_ms, ends_ms=ends_ms)
            seen += await observed(tx, server)
        return make_day(day, self._zone, stays, seen, now_ms=to_ms(self._now()), staff=staff)

    def _bounds(self, span: Span, day: int) -> tuple[Span, int, int, int]:
        start = period_of(span, day)
        if span is Span.ALL:
            return span, start, -_NEVER_MS, _NEVER_MS
        after = period_after(span, start)
        return span, start, day_begins(start, self._zone), day_begins(after, self._zone)
