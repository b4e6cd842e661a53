"""How the game servers, Discord and every reader are, as the board shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bridge.discord import LinkStatus
from bridge.features.board import Condition, Queue, Report
from bridge.features.contract import Parts
from bridge.minecraft import GameServer
from bridge.minecraft.log.source import LogState
from bridge.minecraft.rcon import LinkState
from bridge.minecraft.roster import RosterSource

MOST_COUNTED: Final = 10_000
"""Where counting what waits for a reader ends, so that the page is quick however much that is."""

_LOG: Final = {
    LogState.FOLLOWING: Condition.WELL,
    LogState.READING: Condition.WELL,
    LogState.WAITING: Condition.WAITING,
    LogState.STOPPED: Condition.TROUBLE,
    LogState.BLOCKED: Condition.TROUBLE,
}
_DISCORD: Final = {
    LinkStatus.READY: Condition.WELL,
    LinkStatus.CONNECTING: Condition.WAITING,
    LinkStatus.LOST: Condition.TROUBLE,
    LinkStatus.REFUSED: Condition.TROUBLE,
    LinkStatus.OFF: Condition.OFF,
}


async def server_reports(parts: Parts) -> list[Report]:
    """Return how every way into every server is."""
    return [report for server in parts.servers.values() for report in _of_server(server)]


def _of_server(server: GameServer) -> Iterator[Report]:
    if server.log is not None:
        state = server.log.state
        kind = "log" if server.settings.console is None else "console"
        yield Report(
            name=server.log.name,
            title=f"{server.title} · {kind}",
            condition=_LOG[state],
            problem="" if _LOG[state] is Condition.WELL else server.log.problem or state.value,
            advice=f"staff.advice.{kind}-{state.value}" if _LOG[state] is not Condition.WELL else "",
        )
    if server.rcon is not None:
        up = server.rcon.state is LinkState.UP
        yield Report(
            name=server.rcon.name,
            title=f"{server.title} · RCON",
            condition=Condition.WELL if up else Condition.TROUBLE,
            problem="" if up else server.rcon.problem,
            advice="" if up else f"staff.advice.rcon-{server.rcon.state.value}",
        )
    if server.status is not None:
        up = server.status.up is True
        latest = server.status.latest
        yield Report(
            name=server.status.name,
            title=f"{server.title} · status",
            condition=Condition.WAITING if server.status.up is None else _condition(up),
            since=latest.at if latest is not None else None,
            problem=server.status.problem or "",
            advice="" if up else "staff.advice.status",
        )
    if server.management is not None:
        up = server.management.link is LinkState.UP
        yield Report(
            name=server.management.name,
            title=f"{server.title} · management",
            condition=_condition(up),
            problem=server.management.problem,
            advice="" if up else f"management.advice.{server.management.link.value}",
        )
    if server.roster is not None:
        yield _of_roster(server.title, server.roster)


def _of_roster(title: str, roster: RosterSource) -> Report:
    """Return how asking who is on goes; without an answer, the log alone has to be believed."""
    healthy = Condition.WAITING if roster.latest is None else Condition.WELL
    unwell = Condition.TROUBLE if roster.alone else Condition.WAITING
    return Report(
        name=roster.name,
        title=f"{title} · list",
        condition=unwell if roster.problem else healthy,
        since=roster.latest,
        problem=roster.problem,
        advice="vanilla.advice.list" if roster.problem else "",
    )


def _condition(up: bool) -> Condition:
    return Condition.WELL if up else Condition.TROUBLE


async def discord_report(parts: Parts) -> list[Report]:
    """Return how the link to Discord is; nothing where it is not set up."""
    if parts.discord is None:
        return []
    state = parts.discord.state
    condition = _DISCORD[state.status]
    return [
        Report(
            name="discord",
            title="Discord",
            condition=condition,
            since=state.since,
            problem="" if condition is Condition.WELL else state.reason,
            advice="" if condition is Condition.WELL else f"staff.advice.discord-{state.status.value}",
        )
    ]


async def reader_queues(parts: Parts) -> list[Queue]:
    """Return how many records wait for every reader of the journal, and since when."""
    queues = []
    for reader in parts.journal.readers():
        waiting = await reader.waiting(most=MOST_COUNTED)
        queues.append(
            Queue(
                name=reader.name,
                waiting=waiting.count,
                uncounted=waiting.count == MOST_COUNTED,
                since=waiting.since,
            )
        )
    return queues
