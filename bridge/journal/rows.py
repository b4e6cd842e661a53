"""Records as rows of the table ``records``, and back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple, get_args

import msgspec

from bridge.events import (
    AnyEvent,
    ChatBroadcast,
    ChatEdited,
    ChatEmoted,
    ChatSaid,
    Event,
    HookReceived,
    kind_of,
)
from bridge.journal.records import Draft, JournalError, Record
from bridge.store.times import from_ms, to_ms

PERISHABLE: Final = (ChatSaid, ChatEmoted, ChatBroadcast, ChatEdited, HookReceived)
"""The event types whose words retention blanks."""

COLUMNS: Final = "position, id, source, place, late, recorded_at_ms, body"
"""What :func:`record_of` needs, in its order."""

_WIDTH: Final = 10
_INSERT: Final = """
    INSERT INTO records (position, id, source, place, kind, at_ms, recorded_at_ms, late, perishable, body)
    VALUES {rows}
"""
_ONE_ROW: Final = f"({', '.join('?' * _WIDTH)})"
# Many rows in one statement need Python's lock once instead of once a row: with a busy event loop beside it,
# each further time could cost the thread a 5 ms wait. Few sizes, so that SQLite's compiled ones are few.
_BLOCKS: Final = (2048, 512, 128, 32, 8, 2)

_KINDS: Final = {kind: (kind_of(kind), kind in PERISHABLE) for kind in get_args(AnyEvent)}
ALL_KINDS: Final = tuple(kind for kind, _ in _KINDS.values())
"""The stored kinds of every event type."""
_encode: Final = msgspec.json.Encoder().encode
_event_of: Final = msgspec.json.Decoder(AnyEvent).decode


class EncodedDrafts(NamedTuple):
    """Drafts ready to be written."""

    values: list[object]  # ten a row, one row after the other; the position of each is still to come
    kinds: set[str]

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.values) // _WIDTH


def encode_drafts(drafts: Iterable[Draft], *, words_from: datetime | None = None) -> EncodedDrafts:
    """Return some drafts as rows; what was said before *words_from* loses its words, as retention has it.

    Raises:
        JournalError: A draft cannot be written so that it could be read again, such as a latency without end.
    """
    values: list[object] = []
    kinds = set()
    recorded_at_ms = time.time_ns() // 1_000_000
    at, at_ms = None, 0
    for draft in drafts:
        event = draft.event
        kind, perishable = _KINDS[type(event)]
        if perishable and words_from is not None and event.at < words_from:
            event, perishable = blanked(event), False
        body = encode_event(event)
        # Values that are absent are left out: this is a number such as NaN, or in what somebody said.
        if ":null" in body:
            _check(draft, body)
        if event.at is not at:  # the lines of one second share their instant
            at = event.at
            at_ms = to_ms(at)
        kinds.add(kind)
        values += (
            None,
            draft.id,
            draft.source,
            draft.place,
            kind,
            at_ms,
            recorded_at_ms,
            draft.late,
            perishable,
            body,
        )
    return EncodedDrafts(values, kinds)


def insert_values(connection: sqlite3.Connection, values: list[object], *, after: int) -> int:
    """Write rows at the positions that follow *after*, without those whose id is known.

    The caller is inside a transaction, in the writer's thread.

    Returns:
        The last position given out; positions of rows that were passed over stay empty.
    """
    last = after + len(values) // _WIDTH
    values[::_WIDTH] = range(after + 1, last + 1)
    begin = 0
    for block in _BLOCKS:
        size = block * _WIDTH
        while len(values) - begin >= size:
            connection.execute(_insert_statement(block), values[begin : begin + size])
            begin += size
    if begin < len(values):
        rest = [values[start : start + _WIDTH] for start in range(begin, len(values), _WIDTH)]
        connection.executemany(_insert_statement(1), rest)
    return last


@cache
def _insert_statement(rows: int) -> str:
    return _INSERT.format(rows=", ".join([_ONE_ROW] * rows))


def _check(draft: Draft, body: str) -> None:
    try:
        _event_of(body)
    except msgspec.ValidationError as exc:
        raise JournalError(f"{draft.id}: {draft.event.kind} cannot be written: {exc}") from exc


def record_of(row: Sequence[Any]) -> Record:
    """Return the record in a row of :data:`COLUMNS`.

    Raises:
        JournalError: Its body cannot be read.
    """
    position, record_id, source, place, late, recorded_at_ms, body = tuple(row)
    try:
        event = _event_of(body)
    except msgspec.DecodeError as exc:
        raise JournalError(f"record {position} ({record_id}) cannot be read: {exc}") from exc
    return Record(
        position=position,
        id=record_id,
        source=source,
        place=place,
        event=event,
        recorded_at=from_ms(recorded_at_ms),
        late=bool(late),
    )


def names_of(kinds: Iterable[type[Event]]) -> list[str]:
    """Return the stored kinds of some event types."""
    return [kind_of(kind) for kind in kinds]


def blanked(event: AnyEvent) -> AnyEvent:
    """Return an event without what somebody said in it; that they said something stays."""
    if isinstance(event, HookReceived):
        return msgspec.structs.replace(event, body="{}")
    if not isinstance(event, PERISHABLE):
        return event
    reply = None if event.reply is None else msgspec.structs.replace(event.reply, text="")
    return msgspec.structs.replace(event, text="", markup=None, mentions=(), attachments=(), reply=reply)


def encode_event(event: Event) -> str:
    """Return an event as a record's body; half a surrogate pair in its text becomes U+FFFD."""
    try:
        return _encode(event).decode()
    except UnicodeEncodeError:  # JSON from outside can hold such text, and must not stop its source for good
        return _encode(_mended(msgspec.to_builtins(event))).decode()


def _mended(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _mended(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mended(inner) for inner in value]
    return value


def decode_event(body: str) -> AnyEvent:
    """Return the event in a record's body.

    Raises:
        msgspec.DecodeError: It is not one of ours.
    """
    return _event_of(body)  # type: ignore[no-any-return] # msgspec's stub does not see the union
