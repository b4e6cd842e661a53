"""What dashboards read: the gauges of mc-monitor by their own names, and ours under ``bridge_``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from bridge.discord import DiscordLink, LinkStatus
from bridge.events import ServerId
from bridge.features.status.counting import EVENTS, told_apart
from bridge.minecraft import GameServer
from bridge.store import Store
from bridge.store.counters import counters
from bridge.website import Collect, Metric

_MONITORED: Final = ("server_host", "server_port", "server_edition", "server_version")


def server_metrics(servers: Mapping[ServerId, GameServer]) -> Collect:
    """Tell how each server answers its status port, as mc-monitor does, and what else leads to it."""

    async def collect() -> list[Metric]:
        return [*_monitored(servers.values()), *_ours(servers.values())]

    return collect


def discord_metrics(discord: DiscordLink) -> Collect:
    """Tell how things stand with Discord, and how much of its allowance was used."""

    async def collect() -> list[Metric]:
        state = Metric("bridge_discord_state", "1 for the state that things are in.", ["state"])
        for each in LinkStatus:
            state.add(discord.state.status is each, each.value)
        usage = discord.usage
        told = (
            ("bridge_discord_requests", "Requests to Discord.", usage.requests),
            ("bridge_discord_ratelimited", "Requests that Discord refused as too many.", usage.limited),
            ("bridge_discord_failed", "Requests that got no answer, or a broken one.", usage.failed),
            ("bridge_discord_waited_seconds", "Time spent waiting for a limit to pass.", usage.waited_s),
        )
        return [
            state,
            *(Metric(name, help_, counts=True, values=[((), value)]) for name, help_, value in told),
        ]

    return collect


def stored_metrics(store: Store) -> Collect:
    """Tell what is counted in the store and so outlives a restart."""

    async def collect() -> list[Metric]:
        async with store.reading() as conn:
            totals = await counters(conn)
        events = Metric(EVENTS, "Facts in the journal.", ["server", "kind"], counts=True)
        others = Metric(
            "bridge_incidents", "What seldom happens and somebody should know of.", ["kind"], counts=True
        )
        for name, total in totals.items():
            labels = told_apart(name)
            if labels is not None:
                events.add(total, *labels)
            else:
                others.add(total, name)
        return [events, others]

    return collect


def _monitored(servers: Iterable[GameServer]) -> list[Metric]:
    healthy = Metric("minecraft_status_healthy", "Whether the server answers.", _MONITORED)
    latency = Metric("minecraft_status_response_time_seconds", "How fast it answers.", _MONITORED)
    online = Metric("minecraft_status_players_online_count", "How many play now.", _MONITORED)
    most = Metric("minecraft_status_players_max_count", "How many could play.", _MONITORED)
    for server in servers:
        status, settings = server.status, server.settings.status
        if status is None or settings is None or status.up is None:
            continue
        latest = status.latest if status.up else None
        labels = (settings.host, str(settings.port), settings.kind, latest.version if latest else "")
        healthy.add(status.up, *labels)
        if latest is not None:
            latency.add(latest.latency_ms / 1000, *labels)
            online.add(latest.online, *labels)
            most.add(latest.maximum, *labels)
    return [healthy, latency, online, most]


def _ours(servers: Iterable[GameServer]) -> list[Metric]:
    rcon = Metric("bridge_rcon_up", "Whether the server's console can be used.", ["server"])
    unknown = Metric(
        "bridge_log_unknown_lines", "Lines of the log that no rule knows.", ["server"], counts=True
    )
    lines = Metric(
        "bridge_log_lines",
        "Lines of the log by what they came to; continuations have no prefix that is known.",
        ["server", "result"],
        counts=True,
    )
    players = Metric("bridge_players_online", "How many play now, by the log.", ["server"])
    for server in servers:
        if server.rcon is not None:
            rcon.add(server.rcon.up.is_set(), server.id)
        if server.log is not None:
            unknown.add(server.log.parser.unknown, server.id)
            for result, count in msgspec.structs.asdict(server.log.parser.counts).items():
                lines.add(count, server.id, result)
            players.add(len(server.log.parser.online), server.id)
    return [rcon, unknown, lines, players]
