"""What the journal holds and what a journal can do, whatever it is kept in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import AnyEvent, Event, ServerId
from bridge.store.records import Waiting
from bridge.supervise import Hindered

RecordId = NewType("RecordId", str)  # says where the fact came from: appending it again does nothing
SourceName = NewType("SourceName", str)  # ``log:survival``, ``discord:1234``, ``site``
ReaderName = NewType("ReaderName", str)  # ``archive``, ``relay:discord:1234``

_IMPORT: Final = "import:"


class JournalError(Exception):
    """The journal could not be read or written."""


class JournalFull(JournalError, Hindered):
    """No room on the disk: nothing of this append was kept; try again when there is room."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact on its way into the journal."""

    id: RecordId
    source: SourceName
    place: str  # where the source resumes after this fact; only the source understands it
    event: AnyEvent
    late: bool = False  # the fact was already old when it was read


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact in the journal."""

    position: int  # grows; has gaps
    id: RecordId
    source: SourceName
    place: str
    event: AnyEvent
    recorded_at: datetime  # UTC: when the journal took it, by the bridge's own clock
    late: bool = False


def import_source(server: ServerId) -> SourceName:
    """Return the source of what is read of a server's past; its live log never resumes from there."""
    return SourceName(f"{_IMPORT}{server}")


def is_imported(record: Record) -> bool:
    """Tell whether a record was read from the past on somebody's order: it is counted, and no news."""
    return record.source.startswith(_IMPORT)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Some records in order, and the position up to which nothing else is waiting for this reader."""

    records: tuple[Record, ...]
    through: int


class RawRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact in the journal as it is stored, for those who hand it on without looking into it."""

    position: int
    id: RecordId
    source: SourceName
    recorded_at: datetime
    late: bool
    kind: str
    body: str  # the event as JSON


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some records as they are stored, in order, and the position up to which there are no others."""

    records: tuple[RawRecord, ...]
    through: int
    more: bool  # whether anything follows *through*


class Start(StrEnum):
    """Where a reader begins that has never read."""

    BEGINNING = "beginning"
    END = "end"


class Reader(Protocol):
    """Reads records of some kinds in order and remembers how far under its name."""

    @property
    def name(self) -> ReaderName:
        """The name under which the position is stored."""

    def batches(self, *, most: int = 500) -> AsyncIterator[Batch]:
        """Yield what comes after the stored position, then wait for more; ends only when cancelled.

        Each batch begins where the one before ended, whether or not :meth:`advance` was called for it.
        A new call begins at the stored position again.
        """

    async def advance(self, tx: AsyncConnection, through: int) -> None:
        """Store the position in the caller's transaction, beside what was derived from the batch."""

    async def position(self) -> int:
        """Return the stored position."""

    def pass_over(self, through: int) -> None:
        """Say that nothing up to there is left to do, while that is not worth storing."""

    async def waiting(self, *, most: int) -> Waiting:
        """Return how many records of its kinds have still something to be done, counting up to *most*."""


class Journal(Protocol):
    """The append-only sequence of records."""

    async def append(self, *drafts: Draft) -> None:
        """Add facts, all or none; those whose id is known already are passed over.

        Returns once they are on disk. Appends that arrive together share one commit.

        Raises:
            JournalFull: No room on the disk; nothing was kept.
            JournalError: Anything else that kept it from being written.
        """

    async def last(self, source: SourceName) -> Record | None:
        """Return the source's last record, whose ``place`` says where it resumes."""

    async def recent(self, source: SourceName, kinds: tuple[type[Event], ...], *, most: int) -> list[Record]:
        """Return up to *most* of the source's newest records of these kinds, oldest first."""

    async def page(
        self, kinds: tuple[type[Event], ...], *, after: int, most: int, sources: tuple[SourceName, ...] = ()
    ) -> Page:
        """Return up to *most* records after a position, of these kinds and sources (of all if none is named).

        With both kinds and sources a page can be short, even empty, while more follows: it has looked at so
        many records of the sources.
        """

    async def grown(self, after: int) -> int:
        """Wait until there are records after a position, and return the last position given out."""

    async def reader(self, name: ReaderName, kinds: tuple[type[Event], ...], *, start: Start) -> Reader:
        """Return the reader of that name; *start* counts only the first time."""

    def readers(self) -> Sequence[Reader]:
        """Return the readers asked for since the start, by name: of each name the one asked for last."""

    async def expire_chat(self, before: datetime) -> int:
        """Blank what was said before a time, keep the facts around it, and return how many records.

        What hooks were told goes, too, but not while a command may wait for its console.
        """

    async def expire_samples(self, before: datetime) -> int:
        """Remove samples of servers from before a time that every reader has read; return how many."""
