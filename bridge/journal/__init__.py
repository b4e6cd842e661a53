"""The journal: everything that happened, in order, once."""

from bridge.journal.records import (
    Batch,
    Draft,
    Journal,
    JournalError,
    JournalFull,
    Page,
    RawRecord,
    Reader,
    ReaderName,
    Record,
    RecordId,
    SourceName,
    Start,
    import_source,
    is_imported,
)
from bridge.journal.sqlite import SqliteJournal

__all__ = [
    "Batch",
    "Draft",
    "Journal",
    "JournalError",
    "JournalFull",
    "Page",
    "RawRecord",
    "Reader",
    "ReaderName",
    "Record",
    "RecordId",
    "SourceName",
    "SqliteJournal",
    "Start",
    "import_source",
    "is_imported",
]
