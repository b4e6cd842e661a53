"""What the game counts, as a feature: one scanner a server, and how each of them is doing."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.board import Condition, Report
from bridge.features.contract import Parts
from bridge.features.vanilla.leaves import watch_leaves
from bridge.features.vanilla.scanner import Scanner
from bridge.locales import Catalogue
from bridge.supervise import keep_alive


class Vanilla:
    """Keeps what the game counts of players where it can be compared and told."""

    name = "vanilla"

    def __init__(self, parts: Parts) -> None:
        self._parts, self._settings, self._catalogue = parts, parts.settings, parts.catalogue
        zone = ZoneInfo(parts.settings.community.time_zone)
        self.scanners = {
            ServerId(id_): Scanner(ServerId(id_), server.folder, parts.store, zone, now=parts.now)
            for id_, server in parts.settings.servers.items()
            if server.folder is not None
        }
        parts.board.add_reports(self._reports)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Call servers as the settings now do."""
        self._settings, self._catalogue = settings, catalogue

    async def prepare(self) -> None:
        """Nothing: the files stay where they are."""

    async def run(self) -> None:
        """Read until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_alive("leaves", self._watch_leaves))
            for server, scanner in self.scanners.items():
                tasks.create_task(keep_alive(f"files of {server}", scanner.run))

    async def _watch_leaves(self) -> None:
        await watch_leaves(self._parts.journal, self._left)

    def _left(self, server: ServerId) -> None:
        if server in self.scanners:
            self.scanners[server].ask()

    async def _reports(self) -> list[Report]:
        return [self._report(scanner) for scanner in self.scanners.values()]

    def _report(self, scanner: Scanner) -> Report:
        title = self._settings.servers[scanner.server].title or scanner.server
        healthy = Condition.WAITING if scanner.looked_at is None else Condition.WELL
        return Report(
            name=f"files:{scanner.server}",
            title=self._catalogue.plain("vanilla.title", server=title),
            condition=Condition.TROUBLE if scanner.problem else healthy,
            since=scanner.looked_at,
            problem=scanner.problem,
            advice="vanilla.advice.unreadable" if scanner.problem else "",
        )
