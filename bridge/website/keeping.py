"""Keeps what many visitors ask for at once, so that it is made once and not for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

Made = TypeVar("Made")

FOR_S: Final = 1.0
_MOST: Final = 500  # things; the longest kept goes first


class _Kept(NamedTuple, Generic[Made]):
    task: asyncio.Future[Made]
    since: float


class Briefly(Generic[Made]):
    """Makes a thing once a second at most, for everybody who asks for it meanwhile."""

    def __init__(self, *, for_s: float = FOR_S, now: Callable[[], float] = time.monotonic) -> None:
        self.for_s, self._now = for_s, now
        self._kept: dict[Hashable, _Kept[Made]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        """Return the thing of that name; whatever *make* raises, everybody hears who waits for it."""
        kept = self._kept.get(key)
        if kept is None or self._now() - kept.since >= self.for_s or _failed(kept.task):
            kept = self._begin(key, make)
        # Shielded: the visitor who asked first may go away while others wait.
        return await asyncio.shield(kept.task)

    def forget(self) -> None:
        """Make everything anew from now on, as what it was made of has changed."""
        self._kept.clear()

    def _begin(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> _Kept[Made]:
        self._kept.pop(key, None)
        if len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]
        task = asyncio.ensure_future(make())
        task.add_done_callback(_failed)  # so that a failure nobody waits for any more is not told as lost
        self._kept[key] = kept = _Kept(task, self._now())
        return kept


def _failed(task: asyncio.Future[Made]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
