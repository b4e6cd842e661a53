"""Looks at one server from outside: port, console and log; and tells whether the network is to blame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from bridge.config.findings import LOOPBACK
from bridge.discord import DiscordLink, LinkStatus
from bridge.features.uptime.alerts import Seen
from bridge.features.uptime.watch import Look, Outage
from bridge.minecraft import Failure, GameServer
from bridge.minecraft.log.pulse import Pulse
from bridge.minecraft.log.source import LogState

log = structlog.get_logger(__name__)

_CUT_OFF: Final = frozenset({LinkStatus.LOST, LinkStatus.CONNECTING})


@dataclass(frozen=True, slots=True)
class Witness:
    """Something outside that does not depend on the others, and whether it can be reached."""

    name: str
    reached: bool


def witnesses(servers: Iterable[GameServer], discord: DiscordLink | None) -> list[Witness]:
    """Return what can tell whether this machine's own network is up."""
    found: dict[str, bool] = {}
    for server in servers:
        host = _host(server)
        if host is not None and server.status is not None and server.status.up is not None:
            reached = server.status.failure is not Failure.UNREACHABLE
            found[host] = found.get(host, False) or reached
    told = [Witness(host, reached) for host, reached in found.items()]
    if discord is not None and discord.state.status is not LinkStatus.OFF:
        told.append(Witness("discord", discord.state.status not in _CUT_OFF))
    return told


def network_up(server: GameServer, others: Iterable[Witness]) -> bool:
    """Tell whether a server that cannot be reached is alone in that; one on this machine always is."""
    host = _host(server)
    if host is None:
        return True
    reached = [each.reached for each in others if each.name != host]
    return not reached or any(reached)


def _host(server: GameServer) -> str | None:
    """Return the other machine that a server is on; None for this one."""
    settings = server.settings.status
    return None if settings is None or settings.host in LOOPBACK else settings.host


class Eyes:
    """What is needed to look at one server again and again."""

    def __init__(self, server: GameServer) -> None:
        self._server = server
        self._pulse = Pulse(server.settings.log.path) if server.settings.log is not None else None
        self._blind = False

    @property
    def ready(self) -> bool:
        """Whether what the log tells is known up to now, so that a look says something new."""
        source = self._server.log
        return source is None or source.state is not LogState.READING

    async def look(self, at: datetime, others: Iterable[Witness]) -> Look:
        """Return how the server is now."""
        server, status = self._server, self._server.status
        await self._feel_pulse()
        settings = server.settings.status
        down_after = 1 if settings is None else settings.down_after
        failed = status is not None and status.failures >= down_after
        console, unanswered = self._console()
        return Look(
            at=at,
            answers=None if status is None else status.up,
            failure=None if status is None else status.failure,
            lost=failed,
            logged=server.log is not None and server.log.caught_up.is_set(),
            spoke=None if self._pulse is None else self._pulse.spoke,
            watchdog=None if self._pulse is None else self._pulse.watchdog,
            console=console,
            unanswered=unanswered,
            network=network_up(server, others),
        )

    def seen(
        self, at: datetime, *, outage: Outage | None, maintained: bool, overloaded: datetime | None
    ) -> Seen:
        """Return what alerts look at."""
        status, pace = self._server.status, self._server.pace
        latest = status.latest if status is not None and status.up else None
        return Seen(
            at=at,
            outage=outage,
            maintained=maintained,
            online=None if latest is None else latest.online,
            latency_ms=None if latest is None else latest.latency_ms,
            tps=None if pace is None else pace.latest.tps,
            mspt=None if pace is None else pace.latest.mspt,
            overloaded=overloaded,
        )

    def _console(self) -> tuple[bool | None, int]:
        rcon, pace = self._server.rcon, self._server.pace
        if rcon is None or pace is None:
            return None, 0
        if not rcon.up.is_set():
            return False, 0
        return pace.answers is True, pace.unanswered

    async def _feel_pulse(self) -> None:
        if self._pulse is None:
            return
        try:
            await asyncio.to_thread(self._pulse.look)
        except OSError as exc:
            tell = log.debug if self._blind else log.warning
            tell("the log cannot be looked at", server=self._server.id, problem=exc.strerror)
            self._blind = True
        else:
            self._blind = False
