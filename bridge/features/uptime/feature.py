"""Uptime as a feature: one watch over all servers, a page, three operations, and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.uptime.api import UptimeApi
from bridge.features.uptime.metrics import uptime_metrics
from bridge.features.uptime.pages import UptimePages
from bridge.features.uptime.watching import Watching
from bridge.locales import Catalogue
from bridge.supervise import keep_alive

log = structlog.get_logger(__name__)

SAMPLES_STAY: Final = timedelta(days=30)
"""So long the journal keeps samples; their minutes stay in the tables."""
_EXPIRE_EVERY_S: Final = 3600.0


class Uptime:
    """Watches over the servers."""

    name = "uptime"

    def __init__(self, parts: Parts, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.watching = Watching(parts, sleep=sleep)
        self._parts = parts
        self._sleep = sleep
        if parts.site is not None:
            UptimePages(parts, parts.site, lambda: self.watching.maintenance)
            UptimeApi(parts, parts.site)
            parts.site.metrics.add(uptime_metrics(parts))

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Keep to the times of maintenance and the words of changed settings."""
        self.watching.reload(settings, catalogue)

    async def prepare(self) -> None:
        """Nothing: what has happened before is counted, too."""

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_alive("uptime facts", self.watching.read))
            tasks.create_task(keep_alive("uptime looks", self.watching.look))
            tasks.create_task(keep_alive("samples' retention", self._expire))

    async def _expire(self) -> None:
        """Remove samples from the journal whose minutes are kept, from time to time."""
        while True:
            await self._sleep(_EXPIRE_EVERY_S)  # by then every reader is there
            removed = await self._parts.journal.expire_samples(self._parts.now() - SAMPLES_STAY)
            if removed:
                log.info("removed old samples from the journal; their minutes stay", records=removed)
