"""Records as rows of the table ``records``, and back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any, Final, NamedTuple, get_args

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import (
    AnyEvent,
    ChatBroadcast,
    ChatEdited,
    ChatEmoted,
    ChatSaid,
    Event,
    kind_of,
)
from bridge.journal.records import Draft, JournalError, Record
from bridge.store.times import from_ms, to_ms

PERISHABLE: Final = (ChatSaid, ChatEmoted, ChatBroadcast, ChatEdited)
"""The event types whose text retention blanks."""

COLUMNS: Final = "position, id, source, place, late, recorded_at_ms, body"
"""What :func:`record_of` needs, in its order."""

_WIDTH: Final = 10
_INSERT: Final = """
    INSERT INTO records (position, id, source, place, kind, at_ms, recorded_at_ms, late, perishable, body)
    VALUES {rows} ON CONFLICT (id) DO NOTHING
"""
_ONE_ROW: Final = f"({', '.join('?' * _WIDTH)})"
# Many rows in one statement hold Python's lock once instead of once a row: with a busy event loop beside it,
# each further time could cost the thread a 5 ms wait. Few sizes, so that SQLite's compiled ones are few.
_BLOCKS: Final = (500, 100, 20)

_KINDS: Final = {kind: (kind_of(kind), kind in PERISHABLE) for kind in get_args(AnyEvent)}
_encode: Final = msgspec.json.Encoder().encode
_event_of: Final = msgspec.json.Decoder(AnyEvent).decode

RowValues = tuple[object, ...]


class EncodedDrafts(NamedTuple):
    """Drafts ready to be written: rows without their positions, and the kinds among them."""

    rows: list[RowValues]
    kinds: set[str]


def encode_drafts(drafts: Iterable[Draft]) -> EncodedDrafts:
    """Return the rows of some drafts.

    Raises:
        JournalError: A draft cannot be written so that it could be read again, such as text with half a
            surrogate pair or a duration without end.
    """
    rows: list[RowValues] = []
    kinds = set()
    recorded_at_ms = time.time_ns() // 1_000_000
    for draft in drafts:
        event = draft.event
        kind, perishable = _KINDS[type(event)]
        try:
            body = _encode(event).decode()
            if (
                ":null" in body
            ):  # absent values are left out: this is a number like NaN, or in somebody's text
                _event_of(body)
        except (UnicodeEncodeError, msgspec.ValidationError) as exc:
            raise JournalError(f"{draft.id}: {kind} cannot be written: {exc}") from exc
        kinds.add(kind)
        rows.append(
            (
                draft.id,
                draft.source,
                draft.place,
                kind,
                to_ms(event.at),
                recorded_at_ms,
                draft.late,
                perishable,
                body,
            )
        )
    return EncodedDrafts(rows, kinds)


async def insert_rows(tx: AsyncConnection, rows: list[RowValues], *, after: int) -> int:
    """Write rows at the positions that follow *after*, without those whose id is known.

    Returns:
        The last position given out; positions of rows that were passed over stay empty.
    """
    placed = [(position, *row) for position, row in enumerate(rows, after + 1)]
    begin = 0
    for block in _BLOCKS:
        while len(placed) - begin >= block:
            values = tuple(chain.from_iterable(placed[begin : begin + block]))
            await tx.exec_driver_sql(_insert_statement(block), values)
            begin += block
    if rest := placed[begin:]:
        await tx.exec_driver_sql(_insert_statement(1), rest)
    return after + len(rows)


@cache
def _insert_statement(rows: int) -> str:
    return _INSERT.format(rows=", ".join([_ONE_ROW] * rows))


def record_of(row: Row[Any]) -> Record:
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


def encode_event(event: Event) -> str:
    """Return an event as a record's body."""
    return _encode(event).decode()


def decode_event(body: str) -> AnyEvent:
    """Return the event in a record's body.

    Raises:
        msgspec.DecodeError: It is not one of ours.
    """
    return _event_of(body)  # type: ignore[no-any-return] # msgspec's stub does not see the union
