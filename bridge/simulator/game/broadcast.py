"""Hands values to any number of listeners."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST_WAITING = 5_000  # a listener that falls behind loses the oldest


class Broadcast(Generic[T]):
    """Everything given to :meth:`send` reaches every listener that was there at that moment."""

    def __init__(self) -> None:
        self._inboxes: set[Inbox[T]] = set()

    def send(self, value: T) -> None:
        """Hand *value* to all listeners."""
        for inbox in self._inboxes:
            inbox.put(value)

    @contextmanager
    def listen(self) -> Iterator[Inbox[T]]:
        """Give an inbox that fills from now on until the block is left."""
        inbox: Inbox[T] = Inbox()
        self._inboxes.add(inbox)
        try:
            yield inbox
        finally:
            self._inboxes.discard(inbox)


class Inbox(Generic[T]):
    """One listener's values, in order."""

    def __init__(self) -> None:
        self._values: deque[T] = deque(maxlen=_MOST_WAITING)
        self._filled = asyncio.Event()

    def put(self, value: T) -> None:
        """Add a value; when 5,000 wait, the oldest goes."""
        self._values.append(value)
        self._filled.set()

    async def get(self) -> T:
        """Return the next value, waiting for one."""
        while not self._values:
            self._filled.clear()
            await self._filled.wait()
        return self._values.popleft()

    async def __aiter__(self) -> AsyncIterator[T]:
        while True:
            yield await self.get()
