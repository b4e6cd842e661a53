"""Which messages show how servers are, and what channels were last called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from bridge.events import ChannelId
from bridge.store import Store
from bridge.store.status_channel import (
    StoredBoard,
    StoredSign,
    forget_board,
    save_board,
    save_sign,
    stored_board,
    stored_boards,
    stored_sign,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
UNDER_WAY = StoredBoard(board="main", channel=ChannelId("1"), mark="m", nonce="n", begun_at=NOON)


async def test_a_board_comes_back_as_it_was_stored_last(store: Store) -> None:
    arrived = msgspec.structs.replace(UNDER_WAY, message="5", shown="s", picture="p")
    async with store.transaction() as tx:
        assert await stored_board(tx, "main") is None
        await save_board(tx, UNDER_WAY)
        assert await stored_board(tx, "main") == UNDER_WAY
        await save_board(tx, arrived)
        await save_board(tx, msgspec.structs.replace(UNDER_WAY, board="other"))
    async with store.reading() as conn:
        assert [board.message for board in await stored_boards(conn)] == ["5", None]
        assert await stored_board(conn, "main") == arrived
    async with store.transaction() as tx:
        await forget_board(tx, "main")
        assert [board.board for board in await stored_boards(tx)] == ["other"]


async def test_a_sign_comes_back_as_it_was_stored_last(store: Store) -> None:
    sign = StoredSign(channel=ChannelId("1"), topic="2 of 20", changed_at=NOON)
    later = msgspec.structs.replace(sign, name="players-2", changed_at=NOON + timedelta(minutes=10))
    async with store.transaction() as tx:
        assert await stored_sign(tx, ChannelId("1")) is None
        for each in (sign, later):
            await save_sign(tx, each)
            assert await stored_sign(tx, ChannelId("1")) == each
