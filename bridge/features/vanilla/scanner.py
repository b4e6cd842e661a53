"""Keeps one server's figures current: looks at its files when a player has left, and every few minutes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bridge.events import ServerId
from bridge.features.vanilla.reading import files_since, in_chunks, names_known, read_files, state_of
from bridge.minecraft.files import FileUnreadable, PlayerFile
from bridge.statistics.calendar import day_at
from bridge.store import Store
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.vanilla_files import (
    files_read,
    keep_advancements,
    keep_figures,
    name_players,
    note_files,
    note_reading,
)
from bridge.store.times import to_ms

log = structlog.get_logger(__name__)

EVERY_S: Final = 300.0  # the game saves those who are on every five minutes
_MOST: Final = 10  # files at once: a thousand rows, which keep the loop busy for some 15 ms
# File systems round times, some to two seconds; what is looked at twice is not read twice.
_MARGIN_MS: Final = 5000


class Scanner:
    """Reads the files of one server that have changed."""

    def __init__(
        self,
        server: ServerId,
        folder: Path,
        store: Store,
        zone: ZoneInfo,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """Make a scanner that has looked at nothing yet."""
        self.server = server
        self.folder = folder
        self.problem = ""
        self.looked_at: datetime | None = None
        self.looked = asyncio.Event()  # at least once
        self.read = 0  # files, since the start
        self._store, self._zone, self._now = store, zone, now
        self._since_ms = 0
        self._names: dict[str, str] = {}
        self._unreadable: dict[tuple[int, str], str] = {}  # why, by kind and player
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Look soon: a player has left."""
        self._asked.set()

    async def run(self) -> None:
        """Look at once, after each leave and every five minutes, until cancelled."""
        while True:
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._asked.wait()
            self._asked.clear()

    async def look(self) -> None:
        """Read what has changed since the last look; what cannot be read is told to staff and waits.

        Raises:
            StoreError: What was read could not be kept.
        """
        try:
            problem = await self._look()
        except OSError as exc:
            problem = f"{exc.filename or self.folder}: {exc.strerror or type(exc).__name__}"
        if problem and problem != self.problem:
            log.warning("figures of the game cannot be read", server=self.server, problem=problem)
        self.problem, self.looked_at = problem, self._now()
        self.looked.set()

    async def _look(self) -> str:
        """Read what is new and return what was wrong with any of it."""
        files = await asyncio.to_thread(files_since, self.folder, self._since_ms)
        async with self._store.transaction() as tx:
            number = await number_of_server(tx, self.server)
        for chunk in in_chunks(files, _MOST):
            await self._take(number, chunk)
        now_ms = to_ms(self._now())
        if not self._since_ms:
            async with self._store.transaction() as tx:
                await note_reading(tx, number, day_at(now_ms, self._zone))
        newest_ms = min(max((file.modified_ms for file in files), default=0), now_ms)
        self._since_ms = max(self._since_ms, newest_ms - _MARGIN_MS, 1)
        return next(iter(self._unreadable.values()), "") or await self._take_names()

    async def _take(self, number: int, files: list[PlayerFile]) -> None:
        """Read those of some files that have not been read in this state."""
        async with self._store.reading() as conn:
            known = await files_read(conn, number, {file.uuid for file in files})
        new = [file for file in files if state_of(file) not in known]
        if not new:
            return
        readings = await asyncio.to_thread(read_files, new, self._zone, now_ms=to_ms(self._now()))
        async with self._store.transaction() as tx:
            await keep_figures(tx, number, readings.figures)
            await keep_advancements(tx, number, readings.advancements)
            await note_files(tx, number, readings.unreadable)
        self.read += len(new)
        for file in new:
            self._unreadable.pop((file.kind, file.uuid), None)
        self._unreadable |= {(file.kind, file.uuid): why for file, why in readings.unreadable.items()}

    async def _take_names(self) -> str:
        """Note the names that the server has at hand, where they have changed."""
        try:
            names = await asyncio.to_thread(names_known, self.folder)
        except FileUnreadable as exc:
            return str(exc)
        if names != self._names:
            async with self._store.transaction() as tx:
                await name_players(tx, names)
            self._names = names
        return ""
