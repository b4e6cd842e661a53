"""``passerelle doctor``: tries every way in and out, and says in words what to do about what fails."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bridge.cli.check import loaded_or_told
from bridge.cli.out import ExitCode, Mark, marked, tell, words
from bridge.config.logs import configure
from bridge.config.outside import NamelessSettings
from bridge.config.settings import (
    BridgeSettings,
    ConsoleSettings,
    LoggingSettings,
    LogSettings,
    ManagementSettings,
    QuerySettings,
    RconSettings,
    ServerSettings,
    StatusSettings,
)
from bridge.discord.diagnose import Finding, Level, Uses, diagnose
from bridge.events import ServerId
from bridge.features.nameless import NamelessApi, NamelessError
from bridge.minecraft import (
    RconLink,
    RconRefused,
    RconUnavailable,
    RconUnknownOutcome,
    StatusFailed,
    ping,
)
from bridge.minecraft.commands import ListPlayers
from bridge.minecraft.console import connected, port_of
from bridge.minecraft.management import ManagementLink
from bridge.minecraft.management_errors import ManagementError, ManagementUnavailable
from bridge.minecraft.query import QueryFailed, query
from bridge.supervise import SourceLost, SourceRefused
from bridge.website.outgoing import Outgoing

LITTLE_SPACE: Final = 1 << 30  # bytes
CLOCK_OFF_S: Final = 15 * 60.0  # a quarter of an hour: the finest time zones differ by that
TAIL: Final = 64 * 1024  # bytes of a log that are looked at
SITE_TIMEOUT_S: Final = 10.0

_MARKS = {Level.OK: Mark.GOOD, Level.WARN: Mark.WARNING, Level.FAIL: Mark.BAD}


def doctor(config: Path) -> ExitCode:
    """Print one line for everything that was tried; the code says whether something failed."""
    loaded = loaded_or_told(config)
    if loaded is None:
        return ExitCode.SETTINGS
    configure(LoggingSettings(level="error"), sys.stderr)  # what goes wrong is told as findings
    failed = asyncio.run(_examine(loaded.settings))
    tell("")
    if failed:
        tell(marked(Mark.BAD, words().plain("cli.doctor.failed", count=failed)))
        return ExitCode.FAILED
    tell(marked(Mark.GOOD, words().plain("cli.doctor.good")))
    return ExitCode.OK


async def _examine(settings: BridgeSettings) -> int:
    """Try everything, tell it as it comes, and return how much failed."""
    failed = 0
    for title, examine in _examinations(settings):
        tell(title)
        for finding in await examine():
            failed += finding.level is Level.FAIL
            tell("  " + marked(_MARKS[finding.level], words().plain(finding.key, **finding.values)))
    return failed


def _examinations(
    settings: BridgeSettings,
) -> Iterator[tuple[str, Callable[[], Awaitable[list[Finding]]]]]:
    yield words().plain("cli.doctor.machine"), lambda: _machine(settings)
    for name, server in settings.servers.items():
        title = words().plain("cli.doctor.server", server=server.title or name)
        yield title, lambda name=name, server=server: _server(settings, ServerId(name), server)  # type: ignore[misc]  # mypy cannot type defaults of a lambda
    discord = settings.discord
    if discord is not None:
        yield "Discord", lambda: diagnose(discord, _uses(settings))
    site = settings.nameless
    if site is not None:
        yield "NamelessMC", lambda: _nameless(site)


def _uses(settings: BridgeSettings) -> Uses:
    """Return what the channels are for."""
    own = settings.status_channel
    return Uses(
        boards=frozenset(board.channel for board in own.boards.values()) if own else frozenset(),
        signs=frozenset(own.signs) if own else frozenset(),
        rooms=frozenset(channel for room in settings.rooms.values() for channel in room.channels),
    )


async def _machine(settings: BridgeSettings) -> list[Finding]:
    folder = next(place for place in (settings.data, *settings.data.parents) if place.exists())
    findings = []
    if not os.access(folder, os.W_OK | os.X_OK):
        findings.append(Finding(Level.FAIL, "doctor.disk.read-only", {"folder": str(folder)}))
    free = shutil.disk_usage(folder).free
    values = {"folder": str(folder), "free": f"{free / (1 << 30):.1f}"}
    if free < LITTLE_SPACE:
        return [*findings, Finding(Level.WARN, "doctor.disk.little", values)]
    return [*findings, Finding(Level.OK, "doctor.disk.good", values)]


async def _server(settings: BridgeSettings, server: ServerId, ways: ServerSettings) -> list[Finding]:
    findings: list[Finding] = []
    if ways.log is not None:
        findings += _log(ways.log, ways.log.time_zone or settings.community.time_zone)
    if ways.console is not None:
        findings.append(await _console(ways.console))
    if ways.rcon is not None:
        findings.append(await _rcon(server, ways.rcon))
    if ways.status is not None:
        findings.append(await _status(ways.status))
    if ways.query is not None:
        findings.append(await _query(ways.query))
    if ways.management is not None:
        findings.append(await _management(server, ways.management))
    return findings


def _log(settings: LogSettings, zone: str) -> list[Finding]:
    path = settings.path
    values = {"path": str(path)}
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            tail = file.read()
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        key = "doctor.log.no-file" if path.parent.is_dir() else "doctor.log.no-folder"
        return [Finding(Level.FAIL, key, {**values, "folder": str(path.parent)})]
    except PermissionError:
        return [Finding(Level.FAIL, "doctor.log.forbidden", values)]
    except OSError as exc:
        return [Finding(Level.FAIL, "doctor.log.unreadable", {**values, "reason": exc.strerror or str(exc)})]
    return [Finding(Level.OK, "doctor.log.good", values), *_log_clock(tail, written, zone)]


def _log_clock(tail: bytes, written: datetime, zone: str) -> list[Finding]:
    """Compare the time in the last line with the time at which the file was last written."""
    told = last_time(tail.decode(errors="replace"))
    if told is None:
        return []
    local = written.astimezone(ZoneInfo(zone))
    off_s = (told - (local.hour * 3600 + local.minute * 60 + local.second) + 43200) % 86400 - 43200
    if abs(off_s) < CLOCK_OFF_S:
        return [Finding(Level.OK, "doctor.log.clock", {"zone": zone})]
    hours = f"{off_s / 3600:+.1f}".removesuffix(".0")
    return [Finding(Level.WARN, "doctor.log.clock-off", {"zone": zone, "hours": hours})]


def last_time(text: str) -> int | None:
    """Return the last time of day in a log, in seconds since midnight."""
    for line in reversed(text.splitlines()):
        for part in line[:40].replace("[", " ").replace("]", " ").replace(".", " ").split():
            pieces = part.split(":")
            if len(pieces) == 3 and all(piece.isdecimal() and len(piece) == 2 for piece in pieces):
                hours, minutes, seconds = map(int, pieces)
                return hours * 3600 + minutes * 60 + seconds
    return None


async def _console(settings: ConsoleSettings) -> Finding:
    """Connect, which changes nothing."""
    values: dict[str, str | int] = {"port": str(port_of(settings))}  # text: not grouped as 25,565
    try:
        async with connected(settings):
            return Finding(Level.OK, "management.doctor.console-good", values)
    except (SourceLost, SourceRefused) as exc:
        return Finding(Level.FAIL, "management.doctor.console-unreachable", {**values, "reason": str(exc)})


async def _rcon(server: ServerId, settings: RconSettings) -> Finding:
    """Log in and run ``list``, which changes nothing."""
    link = RconLink(server, settings)
    running = asyncio.create_task(link.run())
    values: dict[str, str | int] = {"port": str(settings.port)}  # text: not grouped as 25,565
    try:
        await link.command(ListPlayers())
    except RconRefused:
        return Finding(Level.FAIL, "doctor.rcon.refused", values)
    except RconUnavailable as exc:
        return Finding(Level.FAIL, "doctor.rcon.unreachable", {**values, "reason": str(exc)})
    except RconUnknownOutcome:
        return Finding(Level.FAIL, "doctor.rcon.silent", values)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return Finding(Level.OK, "doctor.rcon.good", values)


async def _status(settings: StatusSettings) -> Finding:
    values: dict[str, str | int] = {"port": str(settings.port)}  # same
    try:
        status = await ping(settings)
    except StatusFailed as exc:
        return Finding(Level.WARN, "doctor.status.silent", {**values, "reason": str(exc)})
    found: dict[str, str | int] = {"online": status.online, "max": status.maximum, "version": status.version}
    return Finding(Level.OK, "doctor.status.good", {**values, **found, "ms": round(status.latency_ms)})


async def _management(server: ServerId, settings: ManagementSettings) -> Finding:
    """Connect and ask who plays, which changes nothing."""
    link = ManagementLink(server, settings)
    running = asyncio.create_task(link.run())
    values: dict[str, str | int] = {"port": str(settings.port)}  # text: not grouped as 25,585
    try:
        players = await link.ask_players()
    except ManagementUnavailable as exc:
        return Finding(Level.FAIL, "management.doctor.unreachable", {**values, "reason": str(exc)})
    except ManagementError as exc:
        return Finding(Level.FAIL, "management.doctor.silent", {**values, "reason": str(exc)})
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    found: dict[str, str | int] = {"version": link.offer.version or "?", "online": len(players)}
    return Finding(Level.OK, "management.doctor.good", {**values, **found})


async def _query(settings: QuerySettings) -> Finding:
    values: dict[str, str | int] = {"port": str(settings.port)}  # same
    try:
        answer = await query(settings)
    except QueryFailed as exc:
        return Finding(Level.WARN, "vanilla.doctor.query-silent", {**values, "reason": str(exc)})
    return Finding(Level.OK, "vanilla.doctor.query-good", {**values, "online": answer.online})


async def _nameless(settings: NamelessSettings) -> list[Finding]:
    """Ask the site what it is, which changes nothing."""
    async with Outgoing(allow_private=settings.allow_private, timeout_s=SITE_TIMEOUT_S) as outgoing:
        try:
            info = await NamelessApi(settings, outgoing).info()
        except NamelessError as exc:
            told = {
                "problem": words().plain(f"nameless.problem.{exc.problem}", detail=exc.detail),
                "advice": words().plain(f"nameless.advice.{exc.problem}"),
            }
            return [Finding(Level.FAIL, "nameless.doctor.failed", told)]
    return [Finding(Level.OK, "nameless.doctor.good", {"version": info.nameless_version or "?"})]
