"""The archive: what was said, as it now reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import Attachment, ChatEdited, ChatLine, EndId, Mention, Reply, RoomId, Speaker
from bridge.journal.records import RecordId
from bridge.store.rows import only
from bridge.store.times import from_ms, from_ms_or_none, to_ms, to_ms_or_none


class LineBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a line says and who says it: enough to show it as the event had it."""

    speaker: Speaker
    text: str  # plain; empty once retention has removed it
    markup: str | None = None
    mentions: tuple[Mention, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    reply: Reply | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a conversation."""

    position: int  # its record's, in the journal; lines are ordered by it
    id: RecordId
    kind: str  # ``chat.said``, ``chat.emoted`` or ``chat.broadcast``
    end: EndId  # where it was said
    room: RoomId | None = None
    message: str | None = None  # the outside's own id of it
    body: LineBody
    said_at: datetime
    edited_at: datetime | None = None
    removed_at: datetime | None = None  # hidden from then on; its text stays for moderators


_NEVER: Final = 2**62  # greater than any position
_IMPORTED: Final = -(2**53)  # so far from 0 a script's numbers are exact
_SECOND_BITS: Final = 20
_body_of: Final = msgspec.json.Decoder(LineBody).decode
_COLUMNS: Final = "position, id, kind, room, end_id, message, body, said_at_ms, edited_at_ms, removed_at_ms"


def line_from(position: int, record_id: RecordId, said: ChatLine, *, room: RoomId | None = None) -> Line:
    """Return the archive's line for a record of the journal."""
    return Line(
        position=position,
        id=record_id,
        kind=said.kind,
        end=said.end,
        room=room,
        message=said.message,
        body=_body(said),
        said_at=said.at,
    )


def imported_position(position: int, said_at: datetime) -> int:
    """Return where the line of an imported record stands: before all that was read live, in order of time.

    Lines are ordered by their positions, and an import's records come after newer ones. What stays of the
    record's own position tells the lines of one second apart; scripts in browsers can hold the number.
    """
    return _IMPORTED + (int(said_at.timestamp()) << _SECOND_BITS) + position % (1 << _SECOND_BITS)


async def add_lines(tx: AsyncConnection, lines: Sequence[Line]) -> None:
    """Add lines; those whose record is in the archive already are passed over."""
    if not lines:
        return
    await tx.execute(
        text("""
            INSERT INTO lines (position, id, kind, room, end_id, message, speaker_kind, speaker_name,
                               speaker_id, body, said_at_ms, edited_at_ms, removed_at_ms)
            VALUES (:position, :id, :kind, :room, :end, :message, :speaker_kind, :speaker_name,
                    :speaker_id, :body, :said_at_ms, :edited_at_ms, :removed_at_ms)
            ON CONFLICT (position) DO NOTHING
        """),
        [_parameters(line) for line in lines],
    )


async def add_line(tx: AsyncConnection, line: Line) -> None:
    """Add one line; does nothing if its record is in the archive already."""
    await add_lines(tx, [line])


async def edit_line(tx: AsyncConnection, edited: ChatEdited) -> bool:
    """Let the line of that message read as it now does; False if the archive has no such message."""
    done = await tx.execute(
        text("""
            UPDATE lines SET body = :body, edited_at_ms = :at_ms
            WHERE end_id = :end AND message = :message
        """),
        {
            "end": edited.end,
            "message": edited.message,
            "body": msgspec.json.encode(_body(edited)).decode(),
            "at_ms": to_ms(edited.at),
        },
    )
    return done.rowcount > 0


async def remove_line(tx: AsyncConnection, end: EndId, message: str, *, at: datetime) -> bool:
    """Mark the line of a message as removed; False if there is none, or it was removed before."""
    done = await tx.execute(
        text("""
            UPDATE lines SET removed_at_ms = :at_ms
            WHERE end_id = :end AND message = :message AND removed_at_ms IS NULL
        """),
        {"end": end, "message": message, "at_ms": to_ms(at)},
    )
    return done.rowcount > 0


async def remove_line_at(tx: AsyncConnection, position: int, *, at: datetime) -> bool:
    """Mark the line of a record as removed; False if there is none, or it was removed before."""
    done = await tx.execute(
        text("""
            UPDATE lines SET removed_at_ms = :at_ms WHERE position = :position AND removed_at_ms IS NULL
        """),
        {"position": position, "at_ms": to_ms(at)},
    )
    return done.rowcount > 0


async def line_at(conn: AsyncConnection, position: int) -> Line | None:
    """Return the line of a record; None if it is not in the archive."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM lines WHERE position = :position"),  # noqa: S608 - constant
        {"position": position},
    )
    return only(rows, _line)


async def line_of_message(conn: AsyncConnection, end: EndId, message: str) -> Line | None:
    """Return the line that was said as that message; None if it is not in the archive."""
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM lines WHERE end_id = :end AND message = :message
            ORDER BY position LIMIT 1
        """),  # noqa: S608 - constant
        {"end": end, "message": message},
    )
    return only(rows, _line)


async def recent_lines(
    conn: AsyncConnection, ends: Sequence[EndId], *, most: int, before: int | None = None
) -> list[Line]:
    """Return the newest lines said in any of the ends, oldest first, without removed ones.

    Args:
        conn: A connection that can read.
        ends: Usually those of one room.
        most: How many lines at most.
        before: Only lines whose position is smaller, to page back.
    """
    if not ends:
        return []
    # SQLite walks one index per end and stops early; for IN it would sort all that was ever said there.
    walks = " UNION ALL ".join(
        f"SELECT {_COLUMNS} FROM lines WHERE end_id = :end{number}"  # noqa: S608 - constant and a number
        " AND removed_at_ms IS NULL AND position < :before"
        for number in range(len(ends))
    )
    parameters = {f"end{number}": end for number, end in enumerate(ends)}
    rows = await conn.execute(
        text(f"{walks} ORDER BY position DESC LIMIT :most"),
        parameters | {"most": most, "before": _NEVER if before is None else before},
    )
    return [_line(row) for row in rows][::-1]


async def changed_lines(conn: AsyncConnection, ends: Sequence[EndId], *, first: int, last: int) -> list[Line]:
    """Return the lines from *first* to *last* that were edited or removed since they were said, in order."""
    rows = await conn.execute(
        text(f"""
            SELECT {_COLUMNS} FROM lines
            WHERE position BETWEEN :first AND :last AND end_id IN :ends
                AND (removed_at_ms IS NOT NULL OR edited_at_ms IS NOT NULL)
            ORDER BY position
        """).bindparams(bindparam("ends", expanding=True)),  # noqa: S608 - constant
        {"first": first, "last": last, "ends": list(ends)},
    )
    return [_line(row) for row in rows]


async def expire_lines(tx: AsyncConnection, before: datetime) -> int:
    """Delete the lines said before a time and return how many."""
    done = await tx.execute(text("DELETE FROM lines WHERE said_at_ms < :before"), {"before": to_ms(before)})
    return done.rowcount


def _body(said: ChatLine | ChatEdited) -> LineBody:
    return LineBody(
        speaker=said.speaker,
        text=said.text,
        markup=said.markup,
        mentions=said.mentions,
        attachments=said.attachments,
        reply=said.reply,
    )


def _parameters(line: Line) -> dict[str, object]:
    speaker = line.body.speaker
    return {
        "position": line.position,
        "id": line.id,
        "kind": line.kind,
        "room": line.room,
        "end": line.end,
        "message": line.message,
        "speaker_kind": speaker.kind.value,
        "speaker_name": speaker.name,
        "speaker_id": speaker.id,
        "body": msgspec.json.encode(line.body).decode(),
        "said_at_ms": to_ms(line.said_at),
        "edited_at_ms": to_ms_or_none(line.edited_at),
        "removed_at_ms": to_ms_or_none(line.removed_at),
    }


def _line(row: Row[Any]) -> Line:
    position, record_id, kind, room, end, message, body, said_at_ms, edited_at_ms, removed_at_ms = tuple(row)
    return Line(
        position=position,
        id=record_id,
        kind=kind,
        room=room,
        end=end,
        message=message,
        body=_body_of(body),
        said_at=from_ms(said_at_ms),
        edited_at=from_ms_or_none(edited_at_ms),
        removed_at=from_ms_or_none(removed_at_ms),
    )
