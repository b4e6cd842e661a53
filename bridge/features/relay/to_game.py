"""Delivers to one game server's chat: in order, and never twice.

A command whose bytes may have left is not sent again: nobody can ask a game server what it showed.
Such lines are counted and logged as "outcome unknown".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import islice, takewhile
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bridge.config.settings import RconSettings
from bridge.events import ChatRemoved
from bridge.features.relay.game_lines import GameLine, GameLines
from bridge.features.relay.lines import has_waited, is_late
from bridge.features.relay.positions import LAZY_POSITIONS, leave_at
from bridge.journal import Reader, Record
from bridge.minecraft import Priority, RconLink, RconUnavailable, RconUnknownOutcome
from bridge.minecraft.commands import CommandRefused, Tellraw
from bridge.minecraft.merge import merge_lines
from bridge.store import Store
from bridge.store.counters import bump
from bridge.store.deliveries import begin_delivery, finish_delivery, pending_delivery
from bridge.store.lines import line_of_message
from bridge.text import Component, Keys, RichText, to_component

log = structlog.get_logger(__name__)

UNKNOWN: Final = "relay.game.outcome-unknown"
MOST_AT_ONCE: Final = 60  # lines looked at for one command: more than ever fit


class GameDelivery:
    """Reads the journal for one server and shows its players what concerns them."""

    def __init__(
        self,
        *,
        reader: Reader,
        lines: GameLines,
        rcon: RconLink,
        store: Store,
        now: Callable[[], datetime],
        late_after_s: float,
        component: Callable[[RichText], Component],
    ) -> None:
        self._reader, self._lines, self._rcon, self._store = reader, lines, rcon, store
        self._now, self._late_after_s, self._component = now, late_after_s, component
        self._queue: deque[GameLine] = deque()
        self._through = 0
        self._headed = False

    @property
    def depth(self) -> int:
        """How many lines wait."""
        return len(self._queue)

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._settle()
        try:
            await self._deliver()
        finally:
            through = self._queue[0].position - 1 if self._queue else self._through
            await leave_at(self._reader, through, self._store)

    async def _deliver(self) -> None:
        stored = await self._reader.position()
        async for batch in self._reader.batches():
            await self._rcon.up.wait()
            for record in batch.records:
                line = await self._line(record)
                if line is not None:
                    self._queue.append(line)
            self._through = batch.through
            told = bool(self._queue)
            while self._queue:
                await self._show_next()
            self._reader.pass_over(self._through)
            if told or self._through - stored > LAZY_POSITIONS:
                await self._advance()
                stored = self._through

    async def _line(self, record: Record) -> GameLine | None:
        if isinstance(record.event, ChatRemoved):
            return await self._removed(record, record.event)
        return self._lines.of(record, late=is_late(record, self._now(), self._late_after_s))

    async def _removed(self, record: Record, event: ChatRemoved) -> GameLine | None:
        async with self._store.reading() as conn:
            line = await line_of_message(conn, event.end, event.message)
        return self._lines.removed(record, line.body.speaker.name) if line is not None else None

    async def _show_next(self) -> None:
        """Show as many of the waiting lines as one command takes."""
        self._grow_late()
        run = self._run()
        texts = [line.text for line in run]
        if run[0].late and not self._headed:
            texts.insert(0, self._lines.heading(self._late_run()))
        try:
            command, count = merge_lines(map(self._component, texts), syntax=self._rcon.syntax)[0]
        except CommandRefused as exc:
            self._pass_over(exc)
            return
        taken = count - (len(texts) - len(run))  # 0: the heading fills a command of its own
        await self._send(command, taken)
        self._headed = run[0].late
        for _ in range(taken):
            self._queue.popleft()

    async def _send(self, command: Tellraw, taken: int) -> None:
        """Send one command exactly once; waits and tries again only as long as nothing has been sent."""
        before = self._queue[0].position - 1
        through = self._queue[taken - 1].position if taken else before
        while True:
            await self._rcon.up.wait()
            await self._note(before, through, taken)
            try:
                await self._rcon.command(command, priority=Priority.CHAT)
            except RconUnavailable:
                await self._forget_note()
                continue
            except RconUnknownOutcome as exc:
                await self._count_unknown(taken, str(exc))
            return

    def _grow_late(self) -> None:
        now = self._now()
        for at, line in enumerate(self._queue):
            if not has_waited(line.recorded_at, now, self._late_after_s):
                return
            self._queue[at] = replace(line, late=not line.announced)

    def _run(self) -> list[GameLine]:
        """Return the next lines that may share a command: all late, or none."""
        late = self._queue[0].late
        return list(islice(takewhile(lambda line: line.late == late, self._queue), MOST_AT_ONCE))

    def _late_run(self) -> list[GameLine]:
        return list(takewhile(lambda line: line.late, self._queue))

    async def _note(self, done: int, through: int, lines: int) -> None:
        """Note what is under way, and in the same transaction that everything before it is done."""
        async with self._store.transaction() as tx:
            await self._reader.advance(tx, done)
            await begin_delivery(
                tx, self._reader.name, through=through, nonce="", digest="", details=str(lines)
            )

    async def _forget_note(self) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)

    async def _advance(self) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)
            await self._reader.advance(tx, self._through)

    async def _settle(self) -> None:
        """Pass over what was under way when the bridge last stopped: it may have been shown."""
        async with self._store.reading() as conn:
            pending = await pending_delivery(conn, self._reader.name)
        if pending is None:
            return
        await self._count_unknown(int(pending.details), "the bridge stopped before the reply")
        self._through = pending.through
        await self._advance()

    async def _count_unknown(self, lines: int, why: str) -> None:
        log.warning("outcome unknown: these lines are not sent again", lines=lines, why=why)
        async with self._store.transaction() as tx:
            await bump(tx, UNKNOWN, by=lines)

    def _pass_over(self, exc: CommandRefused) -> None:
        line = self._queue.popleft()
        log.error("a line cannot be shown in the game", why=str(exc), record=line.position)


def component_maker(settings: RconSettings, zone: str) -> Callable[[RichText], Component]:
    """Return the function that renders lines for a server, with times on the clock of *zone*."""
    keys: Keys = "both" if settings.components == "auto" else settings.components
    clock = ZoneInfo(zone)
    return lambda text: to_component(text, keys=keys, zone=clock)
