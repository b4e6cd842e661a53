"""Hooks of other programs as a feature: the pages that take them, and the consoles that they use."""

from __future__ import annotations

import asyncio

import structlog

from bridge.config.settings import BridgeSettings
from bridge.events import HookReceived, ServerId
from bridge.features.contract import Parts
from bridge.features.hooks_in.console import HookConsole
from bridge.features.hooks_in.pages import HookPages
from bridge.features.hooks_in.rules import Rules
from bridge.features.telling import Teller
from bridge.journal import JournalError, Reader, ReaderName, Start
from bridge.locales import Catalogue
from bridge.minecraft import RconLink
from bridge.supervise import keep_alive

log = structlog.get_logger(__name__)


class HooksIn:
    """Takes what other programs tell the bridge."""

    name = "hooks in"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rules = Rules(parts.settings, Teller(parts.settings, parts.catalogue))
        self._pages = HookPages(parts, parts.site) if parts.site is not None else None

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word things, and keep players hidden, as the settings now say."""
        teller = Teller(settings, catalogue)
        self._rules = Rules(settings, teller)
        if self._pages is not None:
            self._pages.configure(teller)

    async def prepare(self) -> None:
        """Let every reader begin here, so that no command is missed that comes while the bridge starts."""
        try:
            for server in self._consoles():
                await self._reader(server)
        except JournalError as exc:
            log.warning("the readers for hooks' commands cannot be made yet", problem=str(exc))

    async def run(self) -> None:
        """Run commands until cancelled; pages are answered when they are asked."""
        async with asyncio.TaskGroup() as tasks:
            for server, rcon in self._consoles().items():
                tasks.create_task(self._serve(server, rcon))

    async def _serve(self, server: ServerId, rcon: RconLink) -> None:
        async def run() -> None:
            """Begin where the console's reader has come to."""
            console = HookConsole(
                server=server,
                reader=await self._reader(server),
                rules=lambda: self._rules,
                rcon=rcon,
                store=self._parts.store,
                now=self._parts.now,
            )
            await console.run()

        await keep_alive(f"hooks' commands on {server}", run)

    def _consoles(self) -> dict[ServerId, RconLink]:
        """Return the consoles that hooks may use."""
        rules = [rule for hook in self._parts.settings.hooks.incoming.values() for rule in hook.then]
        named = {ServerId(rule.command.server) for rule in rules if rule.command is not None}
        servers = {id_: self._parts.servers.get(id_) for id_ in sorted(named)}
        return {id_: server.rcon for id_, server in servers.items() if server is not None and server.rcon}

    async def _reader(self, server: ServerId) -> Reader:
        name = ReaderName(f"hooks:console:{server}")
        return await self._parts.journal.reader(name, (HookReceived,), start=Start.END)
