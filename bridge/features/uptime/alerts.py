"""When an alert is told, when it is over, and whom it pings. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bridge.config.watching import AlertKind, AlertSettings
from bridge.events import ServerId
from bridge.features.uptime.watch import Cause, Outage

OVERLOADED_FOR: Final = timedelta(minutes=5)
"""So long after a line that says so a server counts as overloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How a server is at one moment; None where it is not known."""

    at: datetime
    outage: Outage | None = None
    maintained: bool = False
    online: float | None = None
    latency_ms: float | None = None
    tps: float | None = None
    mspt: float | None = None
    overloaded: datetime | None = None  # when its log last said so


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one alert is for one server."""

    since: datetime | None = None  # from when on what it is about holds
    told: datetime | None = None  # the same, once it was told and as long as it is not over
    pinged: datetime | None = None  # when a role was last pinged


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something to tell."""

    rule: AlertSettings
    server: ServerId
    since: datetime
    at: datetime
    over: bool = False
    ping: bool = False
    value: float | None = None  # what was measured
    cause: Cause | None = None

    @property
    def key(self) -> str:
        """What makes it the same alert after a restart."""
        ending = ":over" if self.over else ""
        return f"{key_of(self.rule)}:{self.server}:{round(self.since.timestamp() * 1000)}{ending}"


def key_of(rule: AlertSettings) -> str:
    """Return what tells a rule from others; stored."""
    limit = "" if rule.value is None else f"{rule.value:g}"
    return f"{rule.what}:{limit}:{rule.for_s:g}:{rule.channel}"


def judge(
    rule: AlertSettings, server: ServerId, seen: Seen, standing: Standing
) -> tuple[Standing, Alert | None]:
    """Return how far an alert is now, and what is to be told of it.

    Args:
        rule: What it is about.
        server: For which server.
        seen: How that is.
        standing: How far the alert was.
    """
    value, holds = _measured(rule, seen)
    if holds is None:
        return standing, None
    if not holds:
        return _is_over(rule, server, seen, standing, value)
    if standing.told is not None:
        return standing, None
    if seen.maintained:
        return replace(standing, since=None), None
    since = standing.since or _since(rule, seen)
    if (seen.at - since).total_seconds() < rule.for_s:
        return replace(standing, since=since), None
    ping = rule.role is not None and _may_ping(rule, seen, standing)
    alert = Alert(
        rule=rule,
        server=server,
        since=since,
        at=seen.at,
        ping=ping,
        value=value,
        cause=None if seen.outage is None else seen.outage.cause,
    )
    return Standing(since=since, told=since, pinged=seen.at if ping else standing.pinged), alert


def _is_over(
    rule: AlertSettings, server: ServerId, seen: Seen, standing: Standing, value: float | None
) -> tuple[Standing, Alert | None]:
    after = Standing(pinged=standing.pinged)
    if standing.told is None or not rule.recovery:
        return after, None
    alert = Alert(rule=rule, server=server, since=standing.told, at=seen.at, over=True, value=value)
    return after, alert


def _may_ping(rule: AlertSettings, seen: Seen, standing: Standing) -> bool:
    last = standing.pinged
    return last is None or (seen.at - last).total_seconds() >= rule.ping_every_s


def _since(rule: AlertSettings, seen: Seen) -> datetime:
    """Return from when on it holds: an outage has a beginning, of all else it is now."""
    if rule.what in _CAUSES and seen.outage is not None:
        return min(seen.outage.began, seen.at)
    return seen.at


_CAUSES: Final[Mapping[AlertKind, frozenset[Cause]]] = MappingProxyType(
    {
        AlertKind.DOWN: frozenset(Cause),
        AlertKind.CRASH: frozenset({Cause.CRASH}),
        AlertKind.HANG: frozenset({Cause.HANG}),
    }
)
_VALUES: Final[Mapping[AlertKind, Callable[[Seen], float | None]]] = MappingProxyType(
    {
        AlertKind.TPS_BELOW: lambda seen: seen.tps,
        AlertKind.MSPT_ABOVE: lambda seen: seen.mspt,
        AlertKind.LATENCY_ABOVE: lambda seen: seen.latency_ms,
        AlertKind.PLAYERS_ABOVE: lambda seen: seen.online,
        AlertKind.PLAYERS_BELOW: lambda seen: seen.online,
    }
)
_BELOW: Final = frozenset({AlertKind.TPS_BELOW, AlertKind.PLAYERS_BELOW})


def _measured(rule: AlertSettings, seen: Seen) -> tuple[float | None, bool | None]:
    """Return what was measured, and whether what the alert is about holds; None where nobody can tell."""
    if rule.what in _CAUSES:
        return None, seen.outage is not None and seen.outage.cause in _CAUSES[rule.what]
    if rule.what is AlertKind.OVERLOADED:
        return None, seen.overloaded is not None and seen.at - seen.overloaded < OVERLOADED_FOR
    value = _VALUES[rule.what](seen)
    if value is None or rule.value is None:
        return None, None
    return value, value < rule.value if rule.what in _BELOW else value > rule.value
