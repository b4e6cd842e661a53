"""Readers of the journal in the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.journal.newest import Newest
from bridge.journal.records import Batch, JournalError, JournalFull, ReaderName, Record
from bridge.journal.rows import COLUMNS, record_of
from bridge.journal.tail import Tail
from bridge.store import Store, StoreError, StoreFull
from bridge.store.readers import advance_reader, reader_position
from bridge.store.records import Waiting, waiting_records


class SqliteReader:
    """A :class:`~bridge.journal.records.Reader`; made by the journal's ``reader``."""

    def __init__(
        self, store: Store, tail: Tail, newest: Newest, name: ReaderName, kinds: Sequence[str]
    ) -> None:
        self._store = store
        self._tail = tail
        self._newest = newest
        self._name = name
        self._kinds = {f"kind{number}": kind for number, kind in enumerate(kinds)}
        self._names = frozenset(kinds)
        self._select = _merged_select(list(self._kinds))
        self._passed = 0

    @property
    def name(self) -> ReaderName:
        """The name under which the position is stored."""
        return self._name

    async def batches(self, *, most: int = 500) -> AsyncIterator[Batch]:
        """Yield what comes after the stored position, then wait for more; ends only when cancelled.

        Each batch begins where the one before ended, whether or not :meth:`advance` was called for it.

        Raises:
            JournalError: The store could not be read.
        """
        kinds = tuple(self._kinds.values())
        done = await self.position()
        while True:
            await self._tail.wait_for(kinds, after=done)
            # Read before the query: all up to here is committed, so that nothing can appear behind us later.
            head = self._tail.head
            records = await self._between(done, head, most)
            done = records[-1].position if len(records) == most else head
            if records:
                yield Batch(records=tuple(records), through=done)

    async def advance(self, tx: AsyncConnection, through: int) -> None:
        """Store the position in the caller's transaction; it never goes back."""
        await advance_reader(tx, self._name, through)

    async def position(self) -> int:
        """Return the stored position.

        Raises:
            JournalError: The store could not be read.
        """
        with journal_errors():
            async with self._store.reading() as conn:
                return await reader_position(conn, self._name) or 0

    def pass_over(self, through: int) -> None:
        """Say that nothing up to there is left to do, while that is not worth storing."""
        self._passed = through

    async def waiting(self, *, most: int) -> Waiting:
        """Return how many records of its kinds have still something to be done, counting up to *most*.

        Raises:
            JournalError: The store could not be read.
        """
        kinds = tuple(self._kinds.values())
        with journal_errors():
            async with self._store.reading() as conn:
                done = max(await reader_position(conn, self._name) or 0, self._passed)
                if not self._tail.may_have(kinds, after=done):
                    return Waiting(0)
                return await waiting_records(conn, kinds, after=done, most=most)

    async def _between(self, after: int, through: int, most: int) -> list[Record]:
        """Return up to *most* records of our kinds, the first ones."""
        with journal_errors():
            known = await self._newest.between(self._names, after=after, through=through)
            if known is not None:
                return known[:most]
            async with self._store.reading() as conn:
                rows = await conn.execute(
                    self._select, self._kinds | {"after": after, "through": through, "most": most}
                )
        return [record_of(row) for row in rows.all()]


@contextmanager
def journal_errors() -> Iterator[None]:
    """Turn the store's errors into the journal's.

    Raises:
        JournalFull: The store had no room.
        JournalError: Any other error of the store.
    """
    try:
        yield
    except StoreFull as exc:
        raise JournalFull(str(exc)) from exc
    except StoreError as exc:
        raise JournalError(str(exc)) from exc


def _merged_select(kinds: Sequence[str]) -> TextClause:
    # One walk along the index per kind, merged in order, stopping at the limit: measured, 2.6 ms for 500 rows
    # of 13 kinds anywhere among 300,000, and 0.1 ms for one rare row. For "kind IN (...)" SQLite sorts first.
    walks = " UNION ALL ".join(
        f"SELECT {COLUMNS} FROM records WHERE kind = :{kind} AND position > :after AND position <= :through"  # noqa: S608 - our own names
        for kind in kinds
    )
    return text(f"{walks} ORDER BY position LIMIT :most")
