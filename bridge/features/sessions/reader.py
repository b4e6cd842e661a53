"""Reads the journal into sessions and what players do."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import (
    ChatEmoted,
    ChatSaid,
    PlayerAdvanced,
    PlayerDied,
    ServerFollowed,
    ServerId,
    ServerMissed,
    ServerObserved,
)
from bridge.features.sessions.deriving import Changed, Deriver
from bridge.features.sessions.facts import facts_of, player_of, server_of
from bridge.features.sessions.whom import Whom
from bridge.journal import Reader, ReaderName, Record, SourceName
from bridge.statistics.calendar import day_at
from bridge.statistics.lives import Fact
from bridge.store import Store
from bridge.store.statistics.accounts import EVERYWHERE, number_of_server
from bridge.store.statistics.days import (
    DayToMake,
    Deeds,
    acquaintances,
    add_deeds,
    keep_acquaintances,
    mark_days,
)
from bridge.store.statistics.presences import FOR_EVER, add_observation
from bridge.store.times import to_ms

NAME: Final = ReaderName("statistics")
_MOST: Final = 100  # records at once: some tens of milliseconds, for which other writers wait
_SLIP_MS: Final = 3 * 3_600_000  # so far a clock may jump back before its lines are out of order


class _Deed(NamedTuple):
    account: int
    day: int
    what: str


class StatisticsReader:
    """Derives sessions from the journal; days are made of them elsewhere."""

    def __init__(self, reader: Reader, store: Store, zone: ZoneInfo, *, relog_ms: int) -> None:
        self._reader, self._store, self._zone = reader, store, zone
        self._whom, self._deriver = Whom(), Deriver(relog_ms)
        self._servers: dict[ServerId, int] = {}
        self._clocks: dict[SourceName, int] = {}

    async def run(self) -> None:
        """Read until cancelled."""
        loop = asyncio.get_running_loop()
        async for batch in self._reader.batches(most=_MOST):
            begun_s = loop.time()
            try:
                async with self._store.transaction() as tx:
                    await self._take(tx, batch.records)
                    await self._reader.advance(tx, batch.through)
            except BaseException:
                self._forget()  # what was learned has not been kept
                raise
            if len(batch.records) == _MOST:  # years to go through; a line of chat must not wait for them
                await asyncio.sleep(loop.time() - begun_s)

    def _forget(self) -> None:
        self._whom.forget()
        self._deriver.forget()
        self._servers.clear()

    async def _take(self, tx: AsyncConnection, records: Sequence[Record]) -> None:
        facts: dict[int, list[Fact]] = defaultdict(list)
        deeds: dict[int, Counter[_Deed]] = defaultdict(Counter)
        for record in records:
            if (server := server_of(record.event)) is None:
                continue
            number = await self._server(tx, server)
            at_ms = self._moment(record)
            facts[number] += await self._facts(tx, record, at_ms)
            if (player := player_of(record.event)) is not None:
                account = await self._whom.find(tx, *player, at_ms)
                if (what := _deed(record)) is not None:
                    deeds[number][_Deed(account, day_at(at_ms, self._zone), what)] += 1
            await self._observe(tx, number, record)
        for number, counted in deeds.items():
            each = (Deeds(deed.account, deed.day, **{deed.what: n}) for deed, n in counted.items())
            await add_deeds(tx, number, each)
        for number, found in facts.items():
            if found:
                await self._settle(tx, number, await self._deriver.take(tx, number, found))

    async def _server(self, tx: AsyncConnection, server: ServerId) -> int:
        if server not in self._servers:
            self._servers[server] = await number_of_server(tx, server)
        return self._servers[server]

    def _moment(self, record: Record) -> int:
        """Return when it happened; a clock that is set back must not turn the order of its lines."""
        at_ms, last_ms = to_ms(record.event.at), self._clocks.get(record.source)
        if last_ms is not None and last_ms - _SLIP_MS <= at_ms < last_ms:
            return last_ms
        self._clocks[record.source] = at_ms
        if isinstance(record.event, ServerObserved):  # a file ends; the next can be of any time
            del self._clocks[record.source]
        return at_ms

    async def _facts(self, tx: AsyncConnection, record: Record, at_ms: int) -> list[Fact]:
        facts: list[Fact] = []
        for part, said in enumerate(facts_of(record.event)):
            account = 0
            if said.name is not None:
                account = await self._whom.find(tx, said.name, said.uuid, at_ms)
            facts.append(Fact(at_ms, record.position, part, said.what, account, said.value_ms))
        return facts

    async def _observe(self, tx: AsyncConnection, server: int, record: Record) -> None:
        event = record.event
        if isinstance(event, ServerFollowed):
            await add_observation(tx, server, to_ms(event.at), FOR_EVER)
        elif isinstance(event, ServerMissed | ServerObserved):
            begins, ends = sorted((to_ms(event.since), to_ms(event.at)))
            await add_observation(tx, server, begins, ends, hole=isinstance(event, ServerMissed))
            days = range(day_at(begins, self._zone), day_at(ends, self._zone) + 1)
            await mark_days(tx, [DayToMake(where, day) for day in days for where in (server, EVERYWHERE)])

    async def _settle(self, tx: AsyncConnection, server: int, changed: Changed) -> None:
        """Note which days have to be made anew, and since when whom the server knows."""
        sessions = [*changed.gone, *changed.new]
        accounts = sorted({session.account for session in sessions})
        if not accounts:
            return
        was = {where: await acquaintances(tx, where, accounts) for where in (server, EVERYWHERE)}
        await keep_acquaintances(tx, server, accounts)
        moments = {
            known.first_ms
            for where, before in was.items()
            for now in ((await acquaintances(tx, where, accounts)),)
            for account, known in (*before.items(), *now.items())
            if before.get(account, known).first_ms != now.get(account, known).first_ms
        }
        days = {day_at(moment, self._zone) for moment in moments}
        for session in sessions:
            last_ms = session.began_ms if session.ended_ms is None else session.ended_ms
            days |= set(range(day_at(session.began_ms, self._zone), day_at(last_ms, self._zone) + 1))
        await mark_days(tx, [DayToMake(where, day) for day in days for where in (server, EVERYWHERE)])


def _deed(record: Record) -> str | None:
    match record.event:
        case ChatSaid() | ChatEmoted():
            return "said"
        case PlayerDied():
            return "deaths"
        case PlayerAdvanced():
            return "advancements"
        case _:
            return None
