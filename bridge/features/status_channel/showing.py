"""Keeps one message that shows a board: found again, made again, moved, changed in place, never doubled."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

import msgspec
import structlog

from bridge.discord import (
    ChannelGone,
    DiscordError,
    DiscordUnavailable,
    Forbidden,
    HistoryTooLong,
    MessageGone,
    MessageId,
    Sent,
    message_id_at,
)
from bridge.discord.boards import Boards, Panel
from bridge.events import ChannelId
from bridge.features.status_channel.troubles import Standing
from bridge.store import Store
from bridge.store.status_channel import StoredBoard, forget_board, save_board, stored_board

log = structlog.get_logger(__name__)

_LOOK_AGAIN: Final = timedelta(hours=1)  # whether the message is still there, if nobody told
_SAME_NONCE: Final = timedelta(minutes=2)  # Discord remembers one for "a few minutes"
_CLOCKS: Final = timedelta(minutes=2)  # so far may Discord's clock be from ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A panel, and by what it is seen whether it shows something else than the one before."""

    panel: Panel
    picture: str = ""  # the key of its picture

    @property
    def digest(self) -> str:
        """Of everything that is shown but the moment of the change."""
        told = repr((self.panel.content, [replace(card, at=None) for card in self.panel.cards]))
        return blake2b(told.encode(errors="replace"), digest_size=16).hexdigest()


class BoardKeeper:
    """Shows a board, the newest of it only: what it shows is put together when it may be changed."""

    def __init__(
        self,
        name: str,
        channel: ChannelId,
        boards: Boards,
        store: Store,
        look: Callable[[], Awaitable[Shown]],
        *,
        every_s: float,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name, self.standing = name, Standing(f"board:{name}", now)
        self._channel, self._boards, self._store = channel, boards, store
        self._look, self._every_s, self._now, self._pause = look, every_s, now, pause
        self._seen_at: datetime | None = None  # when the message was last known to be there
        self._message: str | None = None
        self._again = asyncio.Event()

    async def run(self) -> None:
        """Keep the board current until cancelled."""
        while True:
            self._again.clear()
            try:
                await self._once()
            except DiscordError as exc:
                wait_s = self.standing.bad(exc)
            else:
                self.standing.good()
                wait_s = self._every_s
            await self._rest(max(wait_s, self._every_s))

    def removed(self, messages: frozenset[str]) -> None:
        """Look at once whether the message is still there, if it is one of those that somebody deleted."""
        if self._message in messages:
            self._seen_at = None
            self._again.set()

    async def _once(self) -> None:
        async with self._store.reading() as conn:
            stored = await stored_board(conn, self.name)
        if stored is not None and stored.channel != self._channel:
            await self._withdraw(stored)
            stored = None
        if stored is not None and stored.message is None:
            stored = await self._arrived(stored)
        if stored is not None and stored.message is not None:
            try:
                await self._change(stored, Sent(channel=stored.channel, message=MessageId(stored.message)))
            except MessageGone:
                log.info("somebody deleted the message of a board; making another", board=self.name)
                stored = None
            else:
                return
        await self._post(stored)

    async def _withdraw(self, stored: StoredBoard) -> None:
        """Take the message out of a channel where the board is no longer."""
        await withdraw(stored, self._boards)
        async with self._store.transaction() as tx:
            await forget_board(tx, self.name)

    async def _arrived(self, stored: StoredBoard) -> StoredBoard:
        """Look whether the message that was under way has arrived."""
        found = await arrived(stored, self._boards)
        if found is None:
            return stored
        stored = msgspec.structs.replace(stored, message=found.message)
        await self._save(stored)
        return stored

    async def _post(self, before: StoredBoard | None) -> None:
        """Post the board; *before* is what was under way and has not arrived."""
        shown, now = await self._look(), self._now()
        nonce = f"board-{secrets.token_hex(8)}"
        if before is not None and now - before.begun_at < _SAME_NONCE:
            nonce = before.nonce  # it may still arrive: then Discord answers with it and posts nothing
        row = StoredBoard(
            board=self.name, channel=self._channel, mark=shown.panel.mark, nonce=nonce, begun_at=now
        )
        await self._save(row)
        try:
            sent = await self._boards.put(shown.panel, self._channel, nonce=nonce)
        except DiscordUnavailable as exc:
            if not exc.outcome_unknown:
                await self._never_sent(before)
            raise
        except DiscordError:
            await self._never_sent(before)
            raise
        await self._note(row, sent, shown)

    async def _never_sent(self, before: StoredBoard | None) -> None:
        """Note that nothing new is under way: what was before is still in doubt, or nothing."""
        if before is not None:
            await self._save(before)
            return
        async with self._store.transaction() as tx:
            await forget_board(tx, self.name)

    async def _change(self, stored: StoredBoard, sent: Sent) -> None:
        await self._boards.turn(sent)
        shown, now = await self._look(), self._now()
        if (shown.digest, shown.picture) == (stored.shown, stored.picture):
            if self._seen_at is None or now - self._seen_at >= _LOOK_AGAIN:
                await self._boards.check(sent)
                self._seen_at = now
            self._message = sent.message
            return
        await self._boards.change(sent, shown.panel)
        await self._note(stored, sent, shown)

    async def _note(self, row: StoredBoard, sent: Sent, shown: Shown) -> None:
        self._seen_at, self._message = self._now(), sent.message
        await self._save(
            msgspec.structs.replace(row, message=sent.message, shown=shown.digest, picture=shown.picture)
        )

    async def _save(self, row: StoredBoard) -> None:
        async with self._store.transaction() as tx:
            await save_board(tx, row)

    async def _rest(self, wait_s: float) -> None:
        """Wait, or until the message was deleted."""
        tasks = {asyncio.ensure_future(self._pause(wait_s)), asyncio.create_task(self._again.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def arrived(stored: StoredBoard, boards: Boards) -> Sent | None:
    """Look for the message that was under way; None if it has not arrived, as far as can be seen.

    Raises:
        DiscordError: See DiscordLink.
    """
    try:
        return await boards.find(stored.channel, stored.mark, after=message_id_at(stored.begun_at - _CLOCKS))
    except HistoryTooLong as exc:
        log.warning("a board's message may be there twice", board=stored.board, problem=str(exc))
        return None


async def withdraw(stored: StoredBoard, boards: Boards) -> None:
    """Delete the message of a board that is shown no longer; one that is gone already is as good.

    Raises:
        DiscordError: See DiscordLink.
    """
    try:
        if stored.message is not None:
            sent: Sent | None = Sent(channel=stored.channel, message=MessageId(stored.message))
        else:
            sent = await arrived(stored, boards)
        if sent is not None:
            await boards.remove(sent)
    except (MessageGone, ChannelGone, Forbidden) as exc:
        log.info("the message of a board is left where it was", board=stored.board, problem=str(exc))
