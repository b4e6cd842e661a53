"""One configured game server: every way in that its settings name, and running them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bridge.config.settings import (
    BridgeSettings,
    ConsoleSettings,
    DialectName,
    LogSettings,
    ManagementSettings,
    ServerSettings,
)
from bridge.events import ServerId
from bridge.journal.records import Journal, Start
from bridge.minecraft.commands import Syntax
from bridge.minecraft.log.drafts import utc_now
from bridge.minecraft.log.source import LogSource
from bridge.minecraft.pace import UNTOLD, Pace, Tempo
from bridge.minecraft.rcon import RconLink
from bridge.minecraft.roster import ConsoleList, Follower, ManagementList, QueryList, RosterSource
from bridge.minecraft.status import ServerStatus, StatusSource
from bridge.minecraft.twice import Twice
from bridge.supervise import keep_alive

if TYPE_CHECKING:
    from bridge.minecraft.console import ConsoleSource
    from bridge.minecraft.management import ManagementLink

_BUKKIT: Final = frozenset({DialectName.BUKKIT, DialectName.HYBRID})
# What Bukkit's family answers to a ping: ``Paper 1.21.8``.
_BUKKIT_VERSION: Final = re.compile(
    r"(?:CraftBukkit|Spigot|Paper|Purpur|Pufferfish|Folia|Leaf|Leaves|Arclight|Mohist|Magma|CatServer|Youer)\b"
)


class GameServer:
    """A game server as the rest of the bridge sees it; what the settings leave out is ``None``."""

    def __init__(
        self,
        id_: ServerId,
        settings: BridgeSettings,
        journal: Journal,
        *,
        start: Start = Start.END,
    ) -> None:
        """Build the parts that ``servers.<id>`` names; nothing is opened yet.

        Raises:
            PatternError: One of the chat patterns cannot be used.
        """
        own = settings.servers[id_]
        self.id = id_
        self.title = own.title or id_
        self.settings = own
        self.log: LogSource | ConsoleSource | None = None
        self.rcon: RconLink | None = None
        self.pace: Pace | None = None  # how fast it ticks, where there is a console to ask
        self.status: StatusSource | None = None
        self.roster: RosterSource | None = None  # who is on, where somebody can be asked
        self.management: ManagementLink | None = None
        twice = None if own.management is None else Twice(id_)
        if own.log is not None:
            self.log = _log_source(id_, own.log, settings, journal, start=start, twice=twice)
        elif own.console is not None:
            self.log = _console_source(id_, own.console, settings, journal, twice=twice)
        if own.rcon is not None:
            self.rcon = RconLink(id_, own.rcon, syntax=_syntax(own), came_up=self._ask_who_is_on)
            self.pace = Pace(id_, self.rcon)
        if own.status is not None:
            self.status = StatusSource(id_, own.status, journal, told=self._learn_software, tempo=self._tempo)
        if own.management is not None and twice is not None:
            self.management = self._management(own.management, settings, journal, twice)
        self.roster = self._roster(journal)

    def _management(
        self, own: ManagementSettings, settings: BridgeSettings, journal: Journal, twice: Twice
    ) -> ManagementLink:
        # Imported late: most servers are older than the protocol.
        from bridge.minecraft.management import ManagementLink  # noqa: PLC0415
        from bridge.minecraft.management_facts import ManagementFacts  # noqa: PLC0415

        facts = ManagementFacts(
            self.id,
            journal,
            now=utc_now,
            followed=lambda: self.log is not None and self.log.tells,
            twice=twice,
            late_after_s=settings.relay.late_after_s,
        )
        return ManagementLink(self.id, own, facts=facts)

    @property
    def online(self) -> frozenset[str] | None:
        """The names that the log has on the server now; ``None`` without a log."""
        return None if self.log is None else frozenset(self.log.parser.online)

    def reload(self, settings: BridgeSettings) -> None:
        """Go on with changed settings; only those named reloadable differ."""
        before, self.settings = self.settings, settings.servers[self.id]
        self.title = self.settings.title or self.id
        if self.log is not None:
            self.log.call_late(settings.relay.late_after_s)
        if self.rcon is not None and self.settings.rcon is not None and self.settings.rcon != before.rcon:
            self.rcon.reconfigure(self.settings.rcon)
        management = self.settings.management
        if self.management is not None and management is not None and management != before.management:
            self.management.reconfigure(management)

    async def run(self) -> None:
        """Run all its parts until cancelled; one that fails is begun again, the others go on."""
        async with asyncio.TaskGroup() as tasks:
            for name, run in self._runs():
                tasks.create_task(keep_alive(name, run), name=name)

    def _runs(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        if self.log is not None:
            yield self.log.name, self.log.run
        if self.rcon is not None:
            yield self.rcon.name, self.rcon.run
        if self.pace is not None:
            yield self.pace.name, self.pace.run
        if self.status is not None:
            yield self.status.name, self.status.run
        if self.roster is not None:
            yield self.roster.name, self._run_roster
        if self.management is not None:
            yield self.management.name, self.management.run

    def _roster(self, journal: Journal) -> RosterSource | None:
        """Return what asks who is on: the management, the console, or else the query port."""
        own = self.settings
        asked: ConsoleList | QueryList | None = None
        if self.rcon is not None:
            asked = ConsoleList(self.rcon, bedrock_prefix=own.bedrock_prefix)
        elif own.query is not None:
            asked = QueryList(own.query)
        best = asked if self.management is None else ManagementList(self.management, asked)
        if best is None:
            return None
        follower = None if self.log is None else Follower(self.log)
        return RosterSource(self.id, best, journal, follower=follower, wanted=self._wants_lists)

    def _wants_lists(self) -> bool:
        """Tell whether who is on has to be asked: the management tells it by itself, but not beside a log."""
        if self.management is None or not self.management.up.is_set():
            return True
        return self.log is not None and self.log.tells

    async def _run_roster(self) -> None:
        """Ask who is on, once it is known whether plugins replace ``list``."""
        if self.status is not None:
            await self.status.checked()
        if self.roster is not None:
            await self.roster.run()

    def _ask_who_is_on(self) -> None:
        if self.roster is not None:
            self.roster.ask_soon()

    def _tempo(self) -> Tempo:
        return UNTOLD if self.pace is None else self.pace.latest

    def _learn_software(self, status: ServerStatus) -> None:
        """Call the game's own commands by their full names where plugins replace them."""
        if self.rcon is not None and _BUKKIT_VERSION.match(status.version):
            self.rcon.syntax = Syntax(bedrock_prefix=self.settings.bedrock_prefix, namespaced=True)


def _log_source(
    id_: ServerId,
    log: LogSettings,
    settings: BridgeSettings,
    journal: Journal,
    *,
    start: Start,
    twice: Twice | None,
) -> LogSource:
    return LogSource(
        id_,
        log,
        journal,
        zone=ZoneInfo(log.time_zone or settings.community.time_zone),
        bedrock_prefix=settings.servers[id_].bedrock_prefix,
        late_after_s=settings.relay.late_after_s,
        start=start,
        twice=twice,
    )


def _console_source(
    id_: ServerId,
    console: ConsoleSettings,
    settings: BridgeSettings,
    journal: Journal,
    *,
    twice: Twice | None,
) -> ConsoleSource:
    # Imported late: most servers have their log on the same machine.
    from bridge.minecraft.console import ConsoleSource  # noqa: PLC0415

    return ConsoleSource(
        id_,
        console,
        journal,
        zone=ZoneInfo(console.time_zone or settings.community.time_zone),
        bedrock_prefix=settings.servers[id_].bedrock_prefix,
        late_after_s=settings.relay.late_after_s,
        twice=twice,
    )


def _syntax(own: ServerSettings) -> Syntax:
    namespaced = own.log is not None and own.log.dialect in _BUKKIT
    return Syntax(bedrock_prefix=own.bedrock_prefix, namespaced=namespaced)
