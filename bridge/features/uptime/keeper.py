"""Keeps one server's minutes and incidents: what its watch says becomes rows and facts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import structlog

from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnyEvent,
    ServerCrashed,
    ServerHung,
    ServerOverloaded,
    ServerSampled,
    ServerStarted,
    ServerStarting,
    ServerStopped,
    ServerStopping,
)
from bridge.features.uptime.eyes import Eyes
from bridge.features.uptime.maintenance import Maintenance
from bridge.features.uptime.watch import (
    Began,
    Cause,
    Change,
    Ended,
    Look,
    Outage,
    Phase,
    Stopped,
    Turned,
    Watch,
)
from bridge.journal import Draft, RecordId, SourceName
from bridge.minecraft import GameServer
from bridge.minecraft.log.remains import CrashReport, crash_report, last_lines
from bridge.store.statistics.incidents import Details, Incident
from bridge.store.statistics.samples import MINUTE_MS, MinuteState, Sample, minute_of
from bridge.store.times import from_ms, to_ms
from bridge.text import mask_text

log = structlog.get_logger(__name__)

FRESH: Final = timedelta(minutes=15)
"""What ended longer ago has left its last lines further up in the log than anybody looks."""
_NEWS: Final = timedelta(days=1)
_MOST_FILLED: Final = 7 * 24 * 60  # minutes of one outage that are filled in at once
_LONGEST_LATE: Final = timedelta(minutes=2)


@dataclass(slots=True)
class Kept:
    """What is to be written of one server."""

    drafts: list[Draft] = field(default_factory=list)
    incidents: dict[datetime, Incident] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.drafts or self.incidents or self.samples)


class Keeper:
    """Watches over one server; nothing is written here, :attr:`kept` says what is to be."""

    def __init__(
        self,
        server: GameServer,
        settings: BridgeSettings,
        *,
        watch: Watch,
        incident: Incident | None,
    ) -> None:
        self.server = server
        self.watch = watch
        self.incident = incident
        self.eyes = Eyes(server)
        self.overloaded: datetime | None = None
        self.kept = Kept()
        self._settings = settings
        self._source = SourceName(f"uptime:{server.id}")
        self._on: tuple[str, ...] = ()
        self._filled: int | None = None  # the last minute of the outage that is kept
        self._now: datetime | None = None

    async def take(self, event: AnyEvent, maintenance: Maintenance, *, now: datetime) -> None:
        """Take what the log or the status port told."""
        self._now = now
        changes: list[Change] = []
        match event:
            case ServerStarting():
                changes = self.watch.starting(event.at, event.silent_since)
            case ServerStarted():
                changes = self.watch.started(event.at)
            case ServerStopping():
                report = await self._report(event.at)
                self._remember_who_is_on()
                changes = self.watch.stopping(event.at, crashing=report is not None)
            case ServerSampled():
                self._sample(event, maintenance)
            case ServerOverloaded():
                self.overloaded = event.at
            case _:
                pass
        await self._apply(changes, maintenance)

    async def look(self, look: Look, maintenance: Maintenance) -> None:
        """Take what was seen from outside."""
        self._now = look.at
        changes = self.watch.look(look)
        await self._apply(changes, maintenance)
        if self.watch.outage is not None and look.network:
            self._fill(self.watch.outage, look.at, maintenance)
        elif self.watch.phase is Phase.RUNNING and look.answers:
            self._remember_who_is_on()

    def take_kept(self) -> Kept:
        """Return what is to be written, and forget it."""
        kept, self.kept = self.kept, Kept()
        return kept

    def _remember_who_is_on(self) -> None:
        online = self.server.online
        if online is None:
            status = self.server.status
            latest = status.latest if status is not None and status.up else None
            online = frozenset(latest.names if latest is not None else ())
        self._on = tuple(sorted(online, key=str.casefold))

    def _sample(self, event: ServerSampled, maintenance: Maintenance) -> None:
        minute, outage = minute_of(to_ms(event.at)), self.watch.outage
        self.watch.lives(event.at)
        if outage is not None and outage.cause is Cause.HANG and event.at >= outage.began:
            self.kept.samples.append(self._down(minute, maintenance))  # only its port answers
            return
        self.kept.samples.append(
            Sample(minute, MinuteState.UP, event.online, event.latency_ms, event.tps, event.mspt)
        )

    async def _apply(self, changes: Iterable[Change], maintenance: Maintenance) -> None:
        for change in changes:
            match change:
                case Began(outage):
                    await self._began(outage, maintenance)
                case Turned(outage):
                    await self._turned(outage)
                case Ended(outage, at):
                    self._ended(outage, at, maintenance)
                case Stopped(at):
                    self._tell(ServerStopped(at=at, server=self.server.id), at)

    async def _began(self, outage: Outage, maintenance: Maintenance) -> None:
        self._log("a server is not there", outage)
        incident = Incident(
            server=self.server.id,
            cause=outage.cause,
            began=outage.began,
            estimated=outage.estimated,
            planned=maintenance.covers(self.server.id, outage.began),
            players=self._on,
        )
        self._filled = None
        await self._keep(incident, outage)

    def _log(self, what: str, outage: Outage) -> None:
        """Log what is happening now; a journal that is read for the first time holds years."""
        tell = log.info if self._now is not None and self._now - outage.began < _NEWS else log.debug
        began = outage.began.isoformat(timespec="seconds")
        tell(what, server=self.server.id, cause=outage.cause.value, began=began)

    async def _turned(self, outage: Outage) -> None:
        incident = self.incident or Incident(
            server=self.server.id, cause=outage.cause, began=outage.began, estimated=outage.estimated
        )
        await self._keep(msgspec.structs.replace(incident, cause=outage.cause), outage)

    def _ended(self, outage: Outage, at: datetime, maintenance: Maintenance) -> None:
        self._fill(outage, at, maintenance)
        if self.incident is not None:
            ended = msgspec.structs.replace(self.incident, cause=outage.cause, ended=at)
            self.kept.incidents[ended.began] = ended
        self.incident, self._filled = None, None
        self._log("a server is there again", outage)

    async def _keep(self, incident: Incident, outage: Outage) -> None:
        if outage.cause in (Cause.CRASH, Cause.HANG):
            details = await self._details(outage)
            incident = msgspec.structs.replace(incident, details=details)
            at, server = outage.began, self.server.id
            if outage.cause is Cause.CRASH:
                self._tell(
                    ServerCrashed(at=at, server=server, lines=details.lines, report=details.report), at
                )
            else:
                self._tell(ServerHung(at=at, server=server), at)
        self.incident = incident
        self.kept.incidents[incident.began] = incident

    def _tell(self, event: ServerStopped | ServerCrashed | ServerHung, cause: datetime) -> None:
        """Have a fact appended; its id is made of what it follows from, so that it is told once."""
        key = f"{event.kind}:{to_ms(cause)}"
        late = self._now is not None and self._now - event.at > _LONGEST_LATE
        id_ = RecordId(f"{self._source}:{key}")
        self.kept.drafts.append(Draft(id=id_, source=self._source, place=key, event=event, late=late))

    def _fill(self, outage: Outage, until: datetime, maintenance: Maintenance) -> None:
        """Keep the whole minutes of an outage up to a moment as down."""
        last = minute_of(to_ms(until)) - 1
        first = minute_of(to_ms(outage.began)) if self._filled is None else self._filled + 1
        first = max(first, last - _MOST_FILLED)
        self.kept.samples += [self._down(minute, maintenance) for minute in range(first, last + 1)]
        self._filled = max(last, first - 1)

    def _down(self, minute: int, maintenance: Maintenance) -> Sample:
        planned = maintenance.covers(self.server.id, from_ms(minute * MINUTE_MS))
        return Sample(minute, MinuteState.PLANNED if planned else MinuteState.DOWN)

    async def _report(self, about: datetime) -> CrashReport | None:
        settings = self.server.settings.log
        if settings is None:
            return None
        try:
            return await asyncio.to_thread(crash_report, settings.path, about=about)
        except OSError as exc:
            log.warning("a crash report cannot be read", server=self.server.id, problem=exc.strerror)
            return None

    async def _details(self, outage: Outage) -> Details:
        status = self.server.status
        problem = None if status is None else status.problem
        lines = await self._last_lines(outage)
        report = await self._report(outage.began)
        hide = mask_text if self._settings.privacy.mask_addresses else str
        return Details(
            lines=tuple(map(hide, lines)),
            report=None if report is None else hide(report.head),
            report_name=None if report is None else report.name,
            problem=problem,
        )

    async def _last_lines(self, outage: Outage) -> tuple[str, ...]:
        settings = self.server.settings.log
        if settings is None or self._now is None or self._now - outage.began > FRESH:
            return ()
        zone = ZoneInfo(settings.time_zone or self._settings.community.time_zone)
        prefix = self.server.settings.bedrock_prefix
        restarted = self.watch.phase is Phase.STARTING
        try:
            return await asyncio.to_thread(
                last_lines, self.server.id, settings, zone, bedrock_prefix=prefix, restarted=restarted
            )
        except OSError as exc:
            log.warning("the end of the log cannot be read", server=self.server.id, problem=exc.strerror)
            return ()
