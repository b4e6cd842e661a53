"""Hooks to other programs as a feature: one delivery for each, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from bridge.config.outside import HookOutSettings
from bridge.config.settings import BridgeSettings
from bridge.events import kind_of
from bridge.features.board import Condition, Report
from bridge.features.contract import Parts
from bridge.features.hooks_out.delivery import HookDelivery, HookState
from bridge.features.hooks_out.messages import Messages, kinds_of
from bridge.features.hooks_out.pages import HookPages
from bridge.features.telling import Teller
from bridge.journal import JournalError, Reader, ReaderName, Start
from bridge.locales import Catalogue
from bridge.store.hooks import SetAside, drop, retry, set_aside_counts
from bridge.store.records import waiting_records
from bridge.supervise import keep_alive
from bridge.website.outgoing import Outgoing

log = structlog.get_logger(__name__)

ANSWERS_WITHIN_S: Final = 15.0
MOST_COUNTED: Final = 10_000  # of what waits; more is told as this


class HooksOut:
    """Tells other programs what happens."""

    name = "hooks out"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._hooks = parts.settings.hooks.outgoing
        self._teller = Teller(parts.settings, parts.catalogue)
        self._deliveries: dict[str, HookDelivery] = {}
        parts.board.add_reports(self._reports)
        if parts.site is not None:
            HookPages(parts.store, parts.site, self)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Keep hidden what the settings now say."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Let every reader begin here, so that nothing is missed that happens while the bridge starts."""
        try:
            for name, hook in self._hooks.items():
                await self._reader(name, hook)
        except JournalError as exc:
            log.warning("the readers of hooks cannot be made yet", problem=str(exc))

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for name, hook in self._hooks.items():
                tasks.create_task(keep_alive(f"hook {name}", partial(self._deliver, name, hook)))

    async def states(self) -> list[HookState]:
        """Return how every hook is, in the order of the settings."""
        async with self._parts.store.reading() as conn:
            aside = await set_aside_counts(conn)
            states = [self._state(name) for name in self._hooks]
            waiting = [
                await waiting_records(conn, self._kinds(state.name), after=state.position, most=MOST_COUNTED)
                for state in states
            ]
        return [
            replace(state, waiting=waits.count, set_aside=aside.get(state.name, 0))
            for state, waits in zip(states, waiting, strict=True)
        ]

    async def retry(self, id_: int) -> SetAside | None:
        """Let something that was set aside be sent once more; None if it is no longer there.

        Raises:
            StoreError: The wish cannot be kept.
        """
        async with self._parts.store.transaction() as tx:
            found = await retry(tx, id_)
        if found is not None and found.hook in self._deliveries:
            self._deliveries[found.hook].look_again()
        return found

    async def drop(self, id_: int) -> SetAside | None:
        """Forget something that was set aside, and return it; None if it is no longer there.

        Raises:
            StoreError: It cannot be forgotten.
        """
        async with self._parts.store.transaction() as tx:
            return await drop(tx, id_)

    async def _deliver(self, name: str, hook: HookOutSettings) -> None:
        reader = await self._reader(name, hook)
        outgoing = Outgoing(allow_private=hook.allow_private, timeout_s=ANSWERS_WITHIN_S)
        async with outgoing:
            self._deliveries[name] = HookDelivery(
                name=name,
                hook=hook,
                reader=reader,
                messages=lambda: Messages(hook, self._teller),
                outgoing=outgoing,
                store=self._parts.store,
                now=self._parts.now,
            )
            await self._deliveries[name].run()

    async def _reader(self, name: str, hook: HookOutSettings) -> Reader:
        reader = ReaderName(f"hooks:out:{name}")
        return await self._parts.journal.reader(reader, kinds_of(hook), start=Start.END)

    def _state(self, name: str) -> HookState:
        delivery = self._deliveries.get(name)
        return delivery.state if delivery is not None else HookState(name=name)

    def _kinds(self, name: str) -> list[str]:
        return [kind_of(kind) for kind in kinds_of(self._hooks[name])]

    async def _reports(self) -> Iterable[Report]:
        return [self._report(state) for state in await self.states()]

    def _report(self, state: HookState) -> Report:
        """Return how a hook is, for staff."""
        trouble = state.problem or state.set_aside
        advice = state.advice or ("hooks.advice.set-aside" if state.set_aside else "")
        healthy = Condition.WAITING if state.last_success is None else Condition.WELL
        return Report(
            name=f"hook:{state.name}",
            title=self._teller.catalogue.plain("hooks.title", hook=state.name),
            condition=Condition.TROUBLE if trouble else healthy,
            since=state.failing_since or state.last_success,
            problem=state.problem
            or (self._teller.catalogue.plain("hooks.set-aside", count=state.set_aside) if trouble else ""),
            advice=advice,
        )
