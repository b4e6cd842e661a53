"""Runs what hooks ask of one server's console: in order, and never twice.

A command is noted before it is sent. Once its bytes may have left it is not sent again, whatever happens;
while the server is down it waits, for up to an hour after the hook came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bridge.events import HookReceived, ServerId
from bridge.features.hooks_in.bodies import BodyRefused, parsed
from bridge.features.hooks_in.rules import Rules, Run
from bridge.journal import Reader, Record
from bridge.minecraft import CommandRefused, RconLink, RconUnavailable, RconUnknownOutcome
from bridge.minecraft.commands import Raw
from bridge.store import Store
from bridge.store.counters import bump
from bridge.store.deliveries import begin_delivery, finish_delivery, pending_delivery

log = structlog.get_logger(__name__)

WAITS_FOR: Final = timedelta(hours=1)
UNKNOWN: Final = "hooks.console.outcome-unknown"
GIVEN_UP: Final = "hooks.console.given-up"


class HookConsole:
    """Reads what hooks were told and runs the commands for one server. Use it from one task."""

    def __init__(
        self,
        *,
        server: ServerId,
        reader: Reader,
        rules: Callable[[], Rules],
        rcon: RconLink,
        store: Store,
        now: Callable[[], datetime],
    ) -> None:
        self._server, self._reader, self._rules = server, reader, rules
        self._rcon, self._store, self._now = rcon, store, now
        self._position, self._left = 0, -1  # the last command that may have left, counted in its record

    async def run(self) -> None:
        """Run commands until cancelled."""
        await self._settle()
        async for batch in self._reader.batches():
            for record in batch.records:
                if isinstance(record.event, HookReceived):
                    await self._run_all(record, record.event)
            await self._advance(batch.through)

    async def _run_all(self, record: Record, event: HookReceived) -> None:
        try:
            runs = self._rules().runs(event, parsed(event.body.encode()), self._server)
        except BodyRefused:  # kept by a version that took more
            log.warning("a hook's body cannot be read any more", hook=event.hook, record=record.position)
            return
        for index, run in enumerate(runs):
            done = record.position == self._position and index <= self._left
            if run is not None and not done:
                await self._run(record, event, index, run)
        if runs:
            await self._advance(record.position)

    async def _run(self, record: Record, event: HookReceived, index: int, run: Run) -> None:
        """Run one command; waits and tries again only as long as nothing has been sent."""
        told = log.bind(hook=event.hook, command=run.name, server=self._server)
        while await self._is_up(until=record.recorded_at + WAITS_FOR):
            await self._note(record.position, index)
            try:
                await self._rcon.command(Raw(run.line))
            except RconUnavailable:
                await self._forget_note()
                continue
            except CommandRefused as exc:
                told.error("a hook's command cannot be run", why=str(exc))
            except RconUnknownOutcome as exc:
                told.warning("outcome unknown: a hook's command is not run again", why=str(exc))
                await self._count(UNKNOWN)
            else:
                told.info("ran a hook's command")
            return
        told.warning("gave a hook's command up: the server was down for too long", why=self._rcon.problem)
        await self._count(GIVEN_UP)

    async def _is_up(self, *, until: datetime) -> bool:
        """Wait for the console; False if it is down until then, or the time has passed."""
        left_s = (until - self._now()).total_seconds()
        if left_s <= 0:
            return False
        try:
            async with asyncio.timeout(left_s):
                await self._rcon.up.wait()
        except TimeoutError:
            return False
        return True

    async def _settle(self) -> None:
        """Pass over what was under way when the bridge last stopped: it may have been run."""
        async with self._store.reading() as conn:
            pending = await pending_delivery(conn, self._reader.name)
        if pending is None:
            return
        self._position, self._left = pending.through, int(pending.details)
        log.warning(
            "outcome unknown: a hook's command is not run again",
            server=self._server,
            why="the bridge stopped before the reply",
        )
        async with self._store.transaction() as tx:
            await bump(tx, UNKNOWN)

    async def _note(self, position: int, index: int) -> None:
        async with self._store.transaction() as tx:
            await begin_delivery(
                tx, self._reader.name, through=position, nonce="", digest="", details=str(index)
            )

    async def _forget_note(self) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)

    async def _advance(self, through: int) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)
            await self._reader.advance(tx, through)

    async def _count(self, name: str) -> None:
        async with self._store.transaction() as tx:
            await bump(tx, name)
