"""Delivers to one Discord channel: in order, once, and without loss, whatever stops and starts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bridge.events import channel_end
from bridge.features.relay.parcels import Parcel, next_parcel
from bridge.features.relay.positions import LAZY_POSITIONS, leave_at
from bridge.features.relay.shipping import Shipping
from bridge.features.relay.waiting import Waiting
from bridge.journal import Reader
from bridge.store import Store
from bridge.store.deliveries import positions_copied

log = structlog.get_logger(__name__)

MOST_WAITING = 5000
"""Lines read ahead of Discord: enough to tell a long outage in one go, small enough for any machine."""


class ChannelDelivery:
    """Reads the journal for one channel and ships what concerns it."""

    def __init__(
        self,
        *,
        reader: Reader,
        waiting: Waiting,
        shipping: Shipping,
        store: Store,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._reader, self._waiting, self._shipping = reader, waiting, shipping
        self._store, self._now, self._sleep = store, now, sleep
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._headed = False

    @property
    def depth(self) -> int:
        """How many lines wait."""
        return len(self._waiting)

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._shipping.settle()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(), name=f"{self._reader.name} reads")
                tasks.create_task(self._tell(), name=f"{self._reader.name} tells")
        finally:
            await leave_at(self._reader, self._waiting.through, self._store)

    async def _read(self) -> None:
        start = await self._reader.position()
        end = channel_end(self._waiting.lines.channel)
        async with self._store.reading() as conn:
            told = frozenset(await positions_copied(conn, end, after=start))
        async for batch in self._reader.batches():
            self._waiting.take(batch, now=self._now(), told=told)
            self._changed.set()
            while len(self._waiting) > MOST_WAITING:
                self._room.clear()
                await self._room.wait()

    async def _tell(self) -> None:
        stored = await self._reader.position()
        while True:
            await self._something()
            while len(self._waiting):
                stored = await self._ship_next()
                self._room.set()
            self._reader.pass_over(self._waiting.through)
            if self._waiting.through - stored > LAZY_POSITIONS:
                stored = self._waiting.through
                async with self._store.transaction() as tx:
                    await self._reader.advance(tx, stored)

    async def _something(self) -> None:
        """Return when lines wait, held movements are due, or the position has moved."""
        deadline = self._waiting.deadline
        if deadline is None:
            await self._changed.wait()
        else:
            left_s = max(0.0, (deadline - self._now()).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
        self._changed.clear()
        self._waiting.release(self._now())

    async def _ship_next(self) -> int:
        """Deliver the next parcel and return the position stored with it."""
        await self._shipping.turn()
        while not await self._shipping.ship(parcel := self._next()):
            pass  # the same lines and those that came meanwhile, as Discord takes them now
        self._waiting.drop(len(parcel.lines))
        self._headed = parcel.lines[-1].late and bool(len(self._waiting))
        through = self._waiting.through
        await self._shipping.confirm(parcel, through)
        return through

    def _next(self) -> Parcel:
        self._waiting.grow_late(self._now())
        late = self._waiting.late_run() if not self._headed else ()
        heading = self._waiting.lines.heading(late) if late else None
        lines = self._waiting.first()[: self._shipping.most_lines]
        return next_parcel(lines, self._shipping.voice, heading=heading)
