"""Records as the API gives them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias

import msgspec

from bridge.events import AnyEvent, PlayerJoined, ServerId
from bridge.journal import RawRecord
from bridge.website import ServerSentEvent
from bridge.website.api import Paged

Position: TypeAlias = Annotated[int, msgspec.Meta(description="Its place in the journal; grows, with gaps.")]
Id: TypeAlias = Annotated[str, msgspec.Meta(description="Says where the fact came from; never changes.")]
Source: TypeAlias = Annotated[str, msgspec.Meta(description="Who told it, such as `log:survival`.")]
RecordedAt: TypeAlias = Annotated[datetime, msgspec.Meta(description="When the bridge took it.")]
Late: TypeAlias = Annotated[bool, msgspec.Meta(description="Whether it was old already when it was read.")]


class JournalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A fact: what happened, and how the bridge knows."""

    position: Position
    id: Id
    source: Source
    recorded_at: RecordedAt
    late: Late
    event: Annotated[AnyEvent, msgspec.Meta(description="What happened; `kind` says which fields it has.")]


class JournalRecords(Paged, frozen=True, kw_only=True):
    """Some facts, in the order of the journal."""

    records: tuple[JournalRecord, ...]


class StoredRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A :class:`JournalRecord` whose event is handed on as it is stored."""

    position: int
    id: str
    source: str
    recorded_at: datetime
    late: bool
    event: msgspec.Raw


class StoredRecords(Paged, frozen=True, kw_only=True):
    """A :class:`JournalRecords` of such records."""

    records: tuple[StoredRecord, ...]


EXAMPLE: Final = JournalRecord(
    position=1042,
    id="log:survival:5f3a:8812",
    source="log:survival",
    recorded_at=datetime(2026, 11, 22, 14, 0, 0, 250000, tzinfo=UTC),
    late=False,
    event=PlayerJoined(
        at=datetime(2026, 11, 22, 14, 0, tzinfo=UTC), server=ServerId("survival"), player="Nora"
    ),
)

_encode: Final = msgspec.json.Encoder().encode


def stored(record: RawRecord) -> StoredRecord:
    """Return a record as it is answered."""
    return StoredRecord(
        position=record.position,
        id=record.id,
        source=record.source,
        recorded_at=record.recorded_at,
        late=record.late,
        event=msgspec.Raw(record.body.encode()),
    )


def told(record: RawRecord) -> ServerSentEvent:
    """Return a record as an event of the stream."""
    data = _encode(stored(record)).decode()
    return ServerSentEvent(name=record.kind, data=data, id=str(record.position))
