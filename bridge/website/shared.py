"""One piece of work for many who ask for the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Does something once for all who asked before it began: what they get is newer than their question."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        """Share *work*, which must not depend on who asks."""
        self._work = work
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return what the work gives that begins after this call; its errors are everybody's.

        Cancelling one who waits leaves the work to the others.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        return await asyncio.shield(self._next)

    async def _after(self, running: asyncio.Task[T] | None) -> T:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        return await self._work()
