"""Which messages on Discord show how servers are, and what channels were last called."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ChannelId
from bridge.store.rows import only
from bridge.store.times import from_ms, to_ms


class StoredBoard(msgspec.Struct, frozen=True, kw_only=True):
    """The message of a board."""

    board: str  # its name in the settings
    channel: ChannelId
    message: str | None = None  # None: it was being sent, and may have arrived or not
    shown: str = ""  # digest of what it shows
    picture: str = ""  # digest of its picture
    mark: str = ""  # by what the message is known again
    nonce: str = ""  # with which it was sent
    begun_at: datetime  # when that began


class StoredSign(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel was last given."""

    channel: ChannelId
    name: str | None = None
    topic: str | None = None
    changed_at: datetime


_COLUMNS: Final = "board, channel, message, shown, picture, mark, nonce, begun_at_ms"


async def stored_board(conn: AsyncConnection, board: str) -> StoredBoard | None:
    """Return the message of a board; None if it has none."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM status_boards WHERE board = :board"),  # noqa: S608 - constant
        {"board": board},
    )
    return only(rows, _board)


async def stored_boards(conn: AsyncConnection) -> list[StoredBoard]:
    """Return every board that has a message, or has one under way."""
    rows = await conn.execute(text(f"SELECT {_COLUMNS} FROM status_boards ORDER BY board"))  # noqa: S608 - constant
    return [_board(row) for row in rows]


async def save_board(tx: AsyncConnection, board: StoredBoard) -> None:
    """Store the message of a board, in the place of what was there."""
    await tx.execute(
        text(f"""
            INSERT INTO status_boards ({_COLUMNS})
            VALUES (:board, :channel, :message, :shown, :picture, :mark, :nonce, :begun_at_ms)
            ON CONFLICT (board) DO UPDATE SET
                channel = excluded.channel, message = excluded.message, shown = excluded.shown,
                picture = excluded.picture, mark = excluded.mark, nonce = excluded.nonce,
                begun_at_ms = excluded.begun_at_ms
        """),  # noqa: S608 - constant
        {
            "board": board.board,
            "channel": board.channel,
            "message": board.message,
            "shown": board.shown,
            "picture": board.picture,
            "mark": board.mark,
            "nonce": board.nonce,
            "begun_at_ms": to_ms(board.begun_at),
        },
    )


async def forget_board(tx: AsyncConnection, board: str) -> None:
    """Note that a board has no message."""
    await tx.execute(text("DELETE FROM status_boards WHERE board = :board"), {"board": board})


async def stored_sign(conn: AsyncConnection, channel: ChannelId) -> StoredSign | None:
    """Return what a channel was last given; None if nothing ever was."""
    rows = await conn.execute(
        text("SELECT channel, name, topic, changed_at_ms FROM status_signs WHERE channel = :channel"),
        {"channel": channel},
    )
    return only(rows, _sign)


async def save_sign(tx: AsyncConnection, sign: StoredSign) -> None:
    """Store what a channel was given, in the place of what was there."""
    await tx.execute(
        text("""
            INSERT INTO status_signs (channel, name, topic, changed_at_ms)
            VALUES (:channel, :name, :topic, :changed_at_ms)
            ON CONFLICT (channel) DO UPDATE SET
                name = excluded.name, topic = excluded.topic, changed_at_ms = excluded.changed_at_ms
        """),
        {
            "channel": sign.channel,
            "name": sign.name,
            "topic": sign.topic,
            "changed_at_ms": to_ms(sign.changed_at),
        },
    )


def _board(row: Row[Any]) -> StoredBoard:
    board, channel, message, shown, picture, mark, nonce, begun_at_ms = tuple(row)
    return StoredBoard(
        board=board,
        channel=ChannelId(channel),
        message=message,
        shown=shown,
        picture=picture,
        mark=mark,
        nonce=nonce,
        begun_at=from_ms(begun_at_ms),
    )


def _sign(row: Row[Any]) -> StoredSign:
    channel, name, topic, changed_at_ms = tuple(row)
    return StoredSign(channel=ChannelId(channel), name=name, topic=topic, changed_at=from_ms(changed_at_ms))
