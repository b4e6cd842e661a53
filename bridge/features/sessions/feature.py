"""Sessions as a feature: a reader, and a maker of days."""

from __future__ import annotations

import asyncio
from typing import Final
from zoneinfo import ZoneInfo

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.sessions.facts import READ
from bridge.features.sessions.making import DayMaker
from bridge.features.sessions.reader import NAME, StatisticsReader
from bridge.journal import Start
from bridge.locales import Catalogue
from bridge.store.statistics.days import mark_all_days
from bridge.store.statistics.made_with import begin_anew, made_with, note
from bridge.supervise import keep_alive

_STAFF: Final = "staff-players"


class Sessions:
    """Keeps the statistics current."""

    name = "sessions"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._zone = ZoneInfo(parts.settings.community.time_zone)
        self._relog_ms = round(parts.settings.statistics.relog_s * 1000)
        self.maker = DayMaker(
            parts.store, self._zone, parts.now, staff=parts.settings.statistics.staff_players
        )

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Nothing: what goes into the statistics needs a restart."""

    async def prepare(self) -> None:
        """Nothing: what has happened before is counted, too."""

    async def run(self) -> None:
        """Read and make until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_alive("statistics", self._read))
            tasks.create_task(keep_alive("days", self.maker.run))

    async def _read(self) -> None:
        parts = self._parts
        reader = await parts.journal.reader(NAME, READ, start=Start.BEGINNING)
        await self._begin_anew_if_changed()
        await StatisticsReader(reader, parts.store, self._zone, relog_ms=self._relog_ms).run()

    async def _begin_anew_if_changed(self) -> None:
        """Make all of it once more with another zone or another relog; the journal has what it takes."""
        settings = {"time-zone": self._zone.key, "relog-ms": str(self._relog_ms)}
        staff = ",".join(sorted(name.lower() for name in self._parts.settings.statistics.staff_players))
        async with self._parts.store.transaction() as tx:
            before = await made_with(tx)
            staff_before = before.pop(_STAFF, "")
            if before != settings:
                await begin_anew(tx, NAME, settings | {_STAFF: staff})
            elif staff_before != staff:
                await mark_all_days(tx)
                await note(tx, _STAFF, staff)
