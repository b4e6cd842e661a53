"""The journal in the bridge's own database."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, Self

from sqlalchemy import TextClause, bindparam, text

from bridge.events import Event
from bridge.journal.newest import Newest
from bridge.journal.paging import read_page
from bridge.journal.reading import SqliteReader, journal_errors
from bridge.journal.records import (
    Draft,
    JournalError,
    Page,
    ReaderName,
    Record,
    SourceName,
    Start,
)
from bridge.journal.retention import blank_chat, drop_samples
from bridge.journal.rows import (
    ALL_KINDS,
    COLUMNS,
    EncodedDrafts,
    encode_drafts,
    insert_values,
    names_of,
    record_of,
)
from bridge.journal.tail import Tail
from bridge.store import Store
from bridge.store.readers import add_reader

_MOST_IN_ONE_COMMIT: Final = 10_000  # rows; what waits beyond them goes into the next commit


class _Waiting(NamedTuple):
    drafts: EncodedDrafts
    done: asyncio.Future[JournalError | None]


class SqliteJournal:
    """A :class:`~bridge.journal.records.Journal` in the store; one per store.

    Also an async context manager that closes it; the store is closed after it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tail: Tail | None = None  # read from the store when first needed
        self._newest = Newest(store)
        self._readers: dict[ReaderName, SqliteReader] = {}
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None
        self.commits = 0
        """How many commits there have been since the start."""

    async def append(self, *drafts: Draft) -> None:
        """Add facts, all or none; see :meth:`bridge.journal.records.Journal.append`.

        After a cancellation they may or may not be there; appending them again is harmless.

        Raises:
            JournalFull: No room on the disk; nothing was kept.
            JournalError: Anything else that kept it from being written.
        """
        if drafts:
            await self.append_encoded(encode_drafts(drafts))

    async def append_encoded(self, drafts: EncodedDrafts) -> None:
        """Add facts that another process has made into rows; as :meth:`append` does.

        Raises:
            JournalFull: No room on the disk; nothing was kept.
            JournalError: Anything else that kept it from being written.
        """
        waiting = _Waiting(drafts, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="journal-writer")
        problem = await waiting.done
        if problem is not None:
            # One exception object per caller: a shared one would collect everybody's traceback.
            raise type(problem)(*problem.args) from problem

    async def last(self, source: SourceName) -> Record | None:
        """Return the source's last record, whose ``place`` says where it resumes."""
        statement = f"SELECT {COLUMNS} FROM records WHERE source = :source ORDER BY position DESC LIMIT 1"  # noqa: S608 - constant
        found = await self._records(text(statement), {"source": source})
        return found[0] if found else None

    async def recent(self, source: SourceName, kinds: tuple[type[Event], ...], *, most: int) -> list[Record]:
        """Return up to *most* of the source's newest records of these kinds, oldest first."""
        statement = text(f"""
            SELECT {COLUMNS} FROM records WHERE source = :source AND kind IN :kinds
            ORDER BY position DESC LIMIT :most
        """).bindparams(bindparam("kinds", expanding=True))  # noqa: S608 - constant
        found = await self._records(statement, {"source": source, "kinds": names_of(kinds), "most": most})
        return found[::-1]

    async def records_at(self, positions: Sequence[int]) -> list[Record]:
        """Return the records at these positions, in order; positions without one are passed over."""
        statement = text(f"""
            SELECT {COLUMNS} FROM records WHERE position IN :positions ORDER BY position
        """).bindparams(bindparam("positions", expanding=True))  # noqa: S608 - constant
        return await self._records(statement, {"positions": list(positions)})

    async def page(
        self, kinds: tuple[type[Event], ...], *, after: int, most: int, sources: tuple[SourceName, ...] = ()
    ) -> Page:
        """Return up to *most* records after a position; see :meth:`bridge.journal.records.Journal.page`.

        Raises:
            JournalError: The store could not be read.
        """
        head = await self.head()
        with journal_errors():
            async with self._store.reading() as conn:
                return await read_page(
                    conn, names_of(kinds), sources=sources, after=after, most=most, head=head
                )

    async def grown(self, after: int) -> int:
        """Wait until there are records after a position, and return the last position given out."""
        tail = await self._known_tail()
        await tail.wait_for(ALL_KINDS, after=after)
        return tail.head

    async def reader(self, name: ReaderName, kinds: tuple[type[Event], ...], *, start: Start) -> SqliteReader:
        """Return the reader of that name; *start* counts only the first time.

        Raises:
            JournalError: The store could not be written.
        """
        tail = await self._known_tail()
        begin = 0 if start is Start.BEGINNING else tail.head
        with journal_errors():
            async with self._store.transaction() as tx:
                await add_reader(tx, name, begin)
        reader = self._readers[name] = SqliteReader(self._store, tail, self._newest, name, names_of(kinds))
        return reader

    def readers(self) -> list[SqliteReader]:
        """Return the readers asked for; see :meth:`bridge.journal.records.Journal.readers`."""
        return [self._readers[name] for name in sorted(self._readers)]

    async def expire_chat(self, before: datetime) -> int:
        """Blank what was said before a time; see :meth:`bridge.journal.records.Journal.expire_chat`.

        Raises:
            JournalError: The store could not be read or written; what is done stays done.
        """
        with journal_errors():
            try:
                return await blank_chat(self._store, before)
            finally:
                self._newest.forget()

    async def expire_samples(self, before: datetime) -> int:
        """Remove old samples; see :meth:`bridge.journal.records.Journal.expire_samples`.

        Raises:
            JournalError: The store could not be read or written; what is done stays done.
        """
        with journal_errors():
            return await drop_samples(self._store, before, readers=tuple(self._readers))

    async def close(self) -> None:
        """Wait until everything handed to :meth:`append` has been written."""
        while self._writing is not None:
            await asyncio.wait([self._writing])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def head(self) -> int:
        """Return the last position given out; 0 if there is no record yet."""
        return (await self._known_tail()).head

    async def _known_tail(self) -> Tail:
        if self._tail is None:
            with journal_errors():
                async with self._store.reading() as conn:
                    found = await conn.execute(text("SELECT coalesce(max(position), 0) FROM records"))
                    head = int(found.scalar_one())
            # Another task may have been quicker and may even have written since.
            if self._tail is None:
                self._tail = Tail(head)
        return self._tail

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write_group(self._next_group())
        finally:
            self._writing = None
            _settle(self._waiting, JournalError("the journal was stopped before this was written"))

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        rows = 0
        while self._waiting and rows < _MOST_IN_ONE_COMMIT:
            group.append(self._waiting.popleft())
            rows += group[-1].drafts.rows
        return group

    async def _write_group(self, group: list[_Waiting]) -> None:
        problem: JournalError | None = JournalError("the journal was stopped while this was written")
        try:
            await self._commit(group)
            problem = None
        except JournalError as exc:
            problem = exc
        except Exception as exc:  # noqa: BLE001 - told to the callers, with its traceback as the cause
            problem = JournalError(f"the journal could not be written: {exc!r}")
            problem.__cause__ = exc
        finally:
            _settle(group, problem)

    async def _commit(self, group: list[_Waiting]) -> None:
        tail = await self._known_tail()
        values = group[0].drafts.values if len(group) == 1 else _joined(group)
        with journal_errors():
            head = await self._store.write(partial(insert_values, values=values, after=tail.head))
        self.commits += 1
        tail.move(head, set().union(*(waiting.drafts.kinds for waiting in group)))

    async def _records(self, statement: TextClause, parameters: dict[str, object]) -> list[Record]:
        with journal_errors():
            async with self._store.reading() as conn:
                rows = await conn.execute(statement, parameters)
        return [record_of(row) for row in rows.all()]


def _joined(group: Iterable[_Waiting]) -> list[object]:
    values: list[object] = []
    for waiting in group:
        values += waiting.drafts.values
    return values


def _settle(group: Iterable[_Waiting], problem: JournalError | None) -> None:
    for waiting in group:
        if not waiting.done.done():  # its caller may have been cancelled
            waiting.done.set_result(problem)
