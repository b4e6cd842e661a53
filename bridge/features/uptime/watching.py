"""Watches over all servers: reads what they told, looks at them, writes both down and tells alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.config.settings import BridgeSettings
from bridge.events import (
    Event,
    ServerId,
    ServerOverloaded,
    ServerSampled,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)
from bridge.features.contract import Parts
from bridge.features.uptime.alarm import Alarm
from bridge.features.uptime.eyes import witnesses
from bridge.features.uptime.keeper import Keeper, Kept
from bridge.features.uptime.maintenance import Maintenance
from bridge.features.uptime.watch import Cause, Outage, Phase, Watch
from bridge.journal import Batch, Reader, ReaderName, Start, is_imported
from bridge.locales import Catalogue
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.incidents import Incident, keep_incident, keep_watched, open_incidents, watched
from bridge.store.statistics.samples import add_samples

log = structlog.get_logger(__name__)

NAME: Final = ReaderName("uptime")
READ: Final[tuple[type[Event], ...]] = (
    ServerStarting,
    ServerStarted,
    ServerStopping,
    ServerSampled,
    ServerOverloaded,
)
LOOK_EVERY_S: Final = 10.0


class Watching:
    """Everything that is watched; :meth:`load` before anything else."""

    def __init__(self, parts: Parts, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.maintenance = Maintenance.of(parts.settings)
        self.keepers: dict[ServerId, Keeper] = {}
        self._parts = parts
        self._zone = ZoneInfo(parts.settings.community.time_zone)
        self._sleep = sleep
        self._turn = asyncio.Lock()  # facts and looks change the same watches
        self._alarm = Alarm(parts)
        self._reader: Reader | None = None
        self._stale = True  # what is in memory is not what is stored

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Keep to the times of maintenance that the settings now say, and word alerts as they do."""
        self.maintenance = Maintenance.of(settings)
        self._alarm.reload(catalogue)

    async def load(self) -> None:
        """Go on where the bridge stopped.

        Raises:
            StoreError: The database cannot be read.
            JournalError: The reader cannot be made.
        """
        parts = self._parts
        async with parts.store.reading() as conn:
            under_way, known = await open_incidents(conn), await watched(conn)
            await self._alarm.load(conn)
        for id_, server in parts.servers.items():
            phase, alive = known.get(id_, (Phase.UNKNOWN.value, None))
            incident = under_way.get(id_)
            watch = Watch(phase=Phase(phase), outage=_outage_of(incident), alive=alive)
            self.keepers[id_] = Keeper(server, parts.settings, watch=watch, incident=incident)
        self._reader = await parts.journal.reader(NAME, READ, start=Start.BEGINNING)
        self._stale = False

    async def read(self) -> None:
        """Take what servers told until cancelled."""
        async with self._turn:
            await self.load()
        async for batch in self._the_reader.batches():
            async with self._turn:
                await self._take(batch)

    async def look(self) -> None:
        """Look at every server from time to time until cancelled."""
        while True:
            await self._sleep(LOOK_EVERY_S)
            await self.look_once()

    async def look_once(self) -> None:
        """Look at every server of which all is read that it told."""
        async with self._turn:
            if self._stale:
                await self.load()
            if not (await self._the_reader.waiting(most=1)).count:
                await self._look()

    @property
    def _the_reader(self) -> Reader:
        if self._reader is None:
            raise RuntimeError("load was not called")
        return self._reader

    async def _take(self, batch: Batch) -> None:
        if self._stale:
            await self.load()
        now = self._parts.now()
        for record in batch.records:
            keeper = self.keepers.get(ServerId(getattr(record.event, "server", "")))
            if keeper is not None and not is_imported(record):
                await keeper.take(record.event, self.maintenance, now=now)
        await self._write(batch.through)

    async def _look(self) -> None:
        parts, now = self._parts, self._parts.now()
        others = witnesses(parts.servers.values(), parts.discord)
        for keeper in self.keepers.values():
            if keeper.eyes.ready:
                await keeper.look(await keeper.eyes.look(now, others), self.maintenance)
        await self._write(None)
        await self._alarm.look(
            {
                id_: keeper.eyes.seen(
                    now,
                    outage=keeper.watch.outage,
                    maintained=self.maintenance.covers(id_, now),
                    overloaded=keeper.overloaded,
                )
                for id_, keeper in self.keepers.items()
            }
        )

    async def _write(self, through: int | None) -> None:
        """Append the facts that follow, then keep the rest and the position at once."""
        kept = {id_: keeper.take_kept() for id_, keeper in self.keepers.items()}
        if through is None and not any(kept.values()):
            return
        try:
            await self._parts.journal.append(*(draft for each in kept.values() for draft in each.drafts))
            async with self._parts.store.transaction() as tx:
                for id_, each in kept.items():
                    await self._keep(tx, id_, each)
                if through is not None:
                    await self._the_reader.advance(tx, through)
        except BaseException:  # what was derived is lost, and is derived anew from what is stored
            self._stale = True
            raise

    async def _keep(self, tx: AsyncConnection, id_: ServerId, kept: Kept) -> None:
        if not kept:
            return
        for incident in kept.incidents.values():
            await keep_incident(tx, incident)
        if kept.samples:
            await add_samples(tx, await number_of_server(tx, id_), kept.samples, zone=self._zone)
        watch = self.keepers[id_].watch
        await keep_watched(tx, id_, watch.phase, watch.alive)


def _outage_of(incident: Incident | None) -> Outage | None:
    if incident is None:
        return None
    return Outage(Cause(incident.cause), incident.began, estimated=incident.estimated)
