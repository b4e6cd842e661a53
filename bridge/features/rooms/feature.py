"""Rooms as a feature: the archive and its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.rooms.api import RoomsApi
from bridge.features.rooms.archive import NAME, READ, Archive
from bridge.features.rooms.pages import RoomPages
from bridge.features.routes import Routes
from bridge.features.telling import Teller
from bridge.journal import Record, Start
from bridge.locales import Catalogue
from bridge.store.lines import expire_lines
from bridge.supervise import keep_alive

log = structlog.get_logger(__name__)

EXPIRE_EVERY_S: Final = 3600.0
MOST_NEWS: Final = 8
"""Batches that wait to be told to browsers; the archive waits with the next, as after a long outage."""


class Rooms:
    """Keeps the archive current, shows it live, and lets old lines go."""

    name = "rooms"

    def __init__(self, parts: Parts) -> None:
        self._parts, self._settings = parts, parts.settings
        self._pages = RoomPages(parts, parts.site) if parts.site is not None else None
        self._api = RoomsApi(parts, parts.site) if parts.site is not None else None
        self._news: asyncio.Queue[Sequence[Record]] = asyncio.Queue(MOST_NEWS)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Show rooms as the settings now say, and keep lines as long as they now say."""
        self._settings = settings
        teller, routes = Teller(settings, catalogue), Routes.of(settings)
        if self._pages is not None:
            self._pages.configure(teller, routes)
        if self._api is not None:
            self._api.configure(teller, routes)

    async def prepare(self) -> None:
        """Need nothing: the archive reads from the beginning."""

    async def run(self) -> None:
        """Archive, show and expire until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_alive("archive", self._archive))
            tasks.create_task(keep_alive("room pages", self._tell))
            tasks.create_task(keep_alive("retention", self._expire))

    async def _archive(self) -> None:
        reader = await self._parts.journal.reader(NAME, READ, start=Start.BEGINNING)
        routes = Routes.of(self._settings)
        await Archive(reader, self._parts.store, routes, self._changed).run()

    async def _changed(self, records: Sequence[Record]) -> None:
        if self._pages is not None:
            self._pages.changed()
        await self._news.put(records)

    async def _tell(self) -> None:
        while True:
            records = await self._news.get()
            if self._pages is not None:
                await self._pages.tell(records)

    async def _expire(self) -> None:
        while True:
            before = self._parts.now() - timedelta(seconds=self._settings.retention.chat_s)
            blanked = await self._parts.journal.expire_chat(before)
            async with self._parts.store.transaction() as tx:
                gone = await expire_lines(tx, before)
            if blanked or gone:
                if self._pages is not None:
                    self._pages.kept.forget()
                log.info("what was said is no longer kept", records=blanked, lines=gone)
            await asyncio.sleep(EXPIRE_EVERY_S)
