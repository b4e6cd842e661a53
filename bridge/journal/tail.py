"""Where the journal ends, kept in memory so that readers wake without asking the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Collection


class Tail:
    """The position of the newest record, of all and of each kind."""

    def __init__(self, head: int) -> None:
        self._begin = head
        self._head = head
        self._newest: dict[str, int] = {}  # of the kinds that came since
        self._moved = asyncio.Event()

    @property
    def head(self) -> int:
        """The last position given out; everything up to it has been committed."""
        return self._head

    def move(self, head: int, kinds: Collection[str]) -> None:
        """Note a commit that ended at *head* and brought these kinds; wakes who waits."""
        self._head = head
        self._newest.update(dict.fromkeys(kinds, head))
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def may_have(self, kinds: Collection[str], *, after: int) -> bool:
        """Whether records of these kinds may follow a position; False is certain."""
        return any(self._newest.get(kind, self._begin) > after for kind in kinds)

    async def wait_for(self, kinds: Collection[str], *, after: int) -> None:
        """Return once records of these kinds may follow a position."""
        while not self.may_have(kinds, after=after):
            await self._moved.wait()
