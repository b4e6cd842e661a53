"""What dashboards read: the gauges of mc-monitor by their own names, and ours under ``bridge_``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge.discord import DiscordLink, LinkStatus
from bridge.features.contract import Parts
from bridge.features.status.counting import EVENTS, told_apart
from bridge.minecraft import GameServer
from bridge.store.counters import counters

_MONITORED: Final = ["server_host", "server_port", "server_edition", "server_version"]


class Stored:
    """The counters of the store, as they were when somebody last asked."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.totals: Mapping[str, int] = {}

    async def refresh(self) -> None:
        """Read them again."""
        async with self._parts.store.reading() as conn:
            self.totals = await counters(conn)


class ServerMetrics(Collector):
    """How each server answers its status port, as mc-monitor tells it, and what else leads to it."""

    def __init__(self, servers: Callable[[], Iterable[GameServer]]) -> None:
        self._servers = servers

    def collect(self) -> Iterable[Metric]:
        """Return the metrics as they are now."""
        return [*self._monitored(), *self._ours()]

    def _monitored(self) -> list[Metric]:
        healthy = _gauge("minecraft_status_healthy", "Whether the server answers.", _MONITORED)
        latency = _gauge("minecraft_status_response_time_seconds", "How fast it answers.", _MONITORED)
        online = _gauge("minecraft_status_players_online_count", "How many play now.", _MONITORED)
        most = _gauge("minecraft_status_players_max_count", "How many could play.", _MONITORED)
        for server in self._servers():
            status, settings = server.status, server.settings.status
            if status is None or settings is None or status.up is None:
                continue
            latest = status.latest if status.up else None
            labels = [settings.host, str(settings.port), "java", latest.version if latest else ""]
            healthy.add_metric(labels, float(status.up))
            if latest is not None:
                latency.add_metric(labels, latest.latency_ms / 1000)
                online.add_metric(labels, latest.online)
                most.add_metric(labels, latest.maximum)
        return [healthy, latency, online, most]

    def _ours(self) -> list[Metric]:
        rcon = _gauge("bridge_rcon_up", "Whether the server's console can be used.", ["server"])
        unknown = CounterMetricFamily(
            "bridge_log_unknown_lines", "Lines of the log that no rule knows.", labels=["server"]
        )
        lines = CounterMetricFamily(
            "bridge_log_lines",
            "Lines of the log by what they came to; continuations have no prefix that is known.",
            labels=["server", "result"],
        )
        players = _gauge("bridge_players_online", "How many play now, by the log.", ["server"])
        for server in self._servers():
            if server.rcon is not None:
                rcon.add_metric([server.id], float(server.rcon.up.is_set()))
            if server.log is not None:
                unknown.add_metric([server.id], server.log.parser.unknown)
                for result, count in msgspec.structs.asdict(server.log.parser.counts).items():
                    lines.add_metric([server.id, result], count)
                players.add_metric([server.id], len(server.log.parser.online))
        return [rcon, unknown, lines, players]


class DiscordMetrics(Collector):
    """How things stand with Discord, and how much of its allowance was used."""

    def __init__(self, discord: DiscordLink) -> None:
        self._discord = discord

    def collect(self) -> Iterable[Metric]:
        """Return the metrics as they are now."""
        state = _gauge("bridge_discord_state", "1 for the state that things are in.", ["state"])
        for each in LinkStatus:
            state.add_metric([each.value], float(self._discord.state.status is each))
        usage = self._discord.usage
        told = (
            ("bridge_discord_requests", "Requests to Discord.", usage.requests),
            ("bridge_discord_ratelimited", "Requests that Discord refused as too many.", usage.limited),
            ("bridge_discord_failed", "Requests that got no answer, or a broken one.", usage.failed),
            ("bridge_discord_waited_seconds", "Time spent waiting for a limit to pass.", usage.waited_s),
        )
        return [state, *(CounterMetricFamily(name, help_, value=value) for name, help_, value in told)]


class StoredMetrics(Collector):
    """What is counted in the store and so outlives a restart."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def collect(self) -> Iterable[Metric]:
        """Return the metrics as they were last read."""
        events = CounterMetricFamily(EVENTS, "Facts in the journal.", labels=["server", "kind"])
        others = CounterMetricFamily(
            "bridge_incidents", "What seldom happens and somebody should know of.", labels=["kind"]
        )
        for name, total in self._stored.totals.items():
            labels = told_apart(name)
            if labels is not None:
                events.add_metric([*labels], total)
            else:
                others.add_metric([name], total)
        return [events, others]


def _gauge(name: str, help_: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, labels=labels)
