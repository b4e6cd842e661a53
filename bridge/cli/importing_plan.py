"""``passerelle import plan``: reads the sessions that the plugin Plan has kept into the journal."""

from __future__ import annotations

import asyncio
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.cli.importing import Writing, journal_of, ran, settings_with, told
from bridge.cli.out import ExitCode, Mark, complain, marked, tell, words
from bridge.cli.progress import Progress
from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.journal import SourceName
from bridge.journal.rows import encode_drafts
from bridge.minecraft.imports.plan import PREFIX, PlanDatabase, PlanReading, PlanRefused, PlanServer, Times
from bridge.store import Store
from bridge.store.imports import observed, span_of


def import_plan(path: Path, *, server: str, plan_server: str | None, config: Path, dry_run: bool) -> ExitCode:
    """Read Plan's database into a server's past, and tell what was found."""
    settings = settings_with(server, config)
    if settings is None:
        return ExitCode.SETTINGS
    try:
        with PlanDatabase(path) as database:
            chosen = _chosen(database.servers(), plan_server)
            if chosen is None:
                return ExitCode.FAILED
            return _import(settings, ServerId(server), database, chosen, dry_run=dry_run)
    except PlanRefused as exc:
        return told("import.plan.refused", ExitCode.UNAVAILABLE, path=str(path), reason=str(exc))


def _chosen(servers: list[PlanServer], wanted: str | None) -> PlanServer | None:
    """Return the server that is meant; None after telling that nobody can know."""
    named = [each for each in servers if wanted in (None, each.name, each.uuid)]
    if len(named) == 1:
        return named[0]
    say = words().plain
    complain(marked(Mark.BAD, say("import.plan.which" if servers else "import.plan.empty")))
    for each in servers:
        complain(
            f"  --plan-server {each.uuid}  {each.name} ({say('import.plan.sessions', count=each.sessions)})"
        )
    return None


def _import(
    settings: BridgeSettings, server: ServerId, database: PlanDatabase, plan: PlanServer, *, dry_run: bool
) -> ExitCode:
    reading: list[PlanReading] = []

    async def run() -> None:
        """Read, with or without a journal to write to."""
        if dry_run:
            reading.append(PlanReading(database, plan, server, Times(())))
            await _read(reading[0], plan, None)
            return
        async with journal_of(settings) as (store, journal):
            reading.append(PlanReading(database, plan, server, await _told(store, server)))
            async with Writing(journal) as writing:
                await _read(reading[0], plan, writing)
                await writing.drain()

    code = ran(run)
    if code is ExitCode.OK:
        _tell(reading[0], ZoneInfo(settings.community.time_zone), dry_run=dry_run)
    return code


async def _told(store: Store, server: ServerId) -> Times:
    """Return the times of which logs have told already: what Plan says of them is no news."""
    async with store.reading() as conn:
        seen = [
            (event.since, event.at)
            for id_, event in await observed(conn, server)
            if not id_.startswith(PREFIX)  # or a second run would find all of it told
        ]
        live = await span_of(conn, SourceName(f"log:{server}"))
    return Times([*seen, *([] if live is None else [live])])


async def _read(reading: PlanReading, plan: PlanServer, writing: Writing | None) -> None:
    progress, batches = Progress(plan.sessions), reading.batches()
    try:
        while batch := next(batches, None):
            progress.move(reading.sessions, words().plain("import.plan.sessions", count=reading.sessions))
            if writing is not None:
                await writing.put(encode_drafts(batch))
            await asyncio.sleep(0)  # the journal's turn
    finally:
        progress.clear()


def _tell(reading: PlanReading, zone: tzinfo, *, dry_run: bool) -> None:
    say = words().plain
    if reading.senseless:
        complain(marked(Mark.WARNING, say("import.plan.senseless", count=reading.senseless)))
    if reading.known:
        tell(say("import.plan.known", count=reading.known))
    count = reading.sessions - reading.known - reading.senseless
    if reading.first is None or reading.last is None:
        tell(marked(Mark.GOOD, say("import.nothing")))
        return
    period = say("import.period", first=_day(reading.first, zone), last=_day(reading.last, zone))
    key = "import.plan.would-read" if dry_run else "import.plan.read"
    tell(marked(Mark.GOOD, say(key, count=count, period=period)))
    tell(say("import.next-dry" if dry_run else "import.next"))


def _day(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"
