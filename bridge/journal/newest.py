"""The records that came last, read once for all the readers that are current."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, text

from bridge.journal.records import Record
from bridge.journal.rows import COLUMNS, record_of
from bridge.store import Store

MOST: Final = 128  # positions; a reader further behind asks the store for itself

_SELECT: Final = text(
    f"SELECT kind, {COLUMNS} FROM records WHERE position > :after AND position <= :through ORDER BY position"  # noqa: S608 - our own names
)


class _Kept:
    """One row of the journal, made into a record when the first reader wants it."""

    def __init__(self, row: Row[Any]) -> None:
        self.kind: str
        self._columns: list[Any]
        self.kind, *self._columns = row
        self.position: int = self._columns[0]

    @cached_property
    def record(self) -> Record:
        return record_of(self._columns)


class Newest:
    """Keeps what one reader has just read for the others.

    Nearly every line of chat is for several readers, all of them current; to ask the store for each was,
    measured with six of them, a third of what a line costs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: deque[_Kept] = deque()  # all rows after _begin, up to _end
        self._begin = self._end = 0
        self._turn = asyncio.Lock()

    async def between(self, kinds: Collection[str], *, after: int, through: int) -> list[Record] | None:
        """Return the records of some kinds between two positions; None if they are not, or too long, ago.

        Raises:
            StoreError: The store could not be read.
            JournalError: A record cannot be read.
        """
        if through - after > MOST:
            return None
        async with self._turn:
            if after < self._begin:
                return None
            if through > self._end:
                await self._load(after, through)
            kept = [each for each in self._kept if after < each.position <= through and each.kind in kinds]
        return [each.record for each in kept]

    def forget(self) -> None:
        """Read everything anew, as records have been changed."""
        self._kept.clear()
        self._begin = self._end

    async def _load(self, after: int, through: int) -> None:
        far = through - self._end > MOST
        async with self._store.reading() as conn:
            found = await conn.execute(_SELECT, {"after": after if far else self._end, "through": through})
        if far:
            self._kept.clear()
            self._begin = after
        self._kept.extend(map(_Kept, found.all()))
        self._end = through
        self._begin = max(self._begin, through - MOST)
        while self._kept and self._kept[0].position <= self._begin:
            self._kept.popleft()
