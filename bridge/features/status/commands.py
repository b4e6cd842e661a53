"""``/list`` and ``/status``."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bridge.discord import Answer, CommandCall, SlashCommand
from bridge.events import ServerId
from bridge.features.answers import answer, server_option, server_titles, spoken, wording
from bridge.features.contract import Parts
from bridge.features.servers import State, named, names_online, state_of, view
from bridge.features.status.logic import Roster, read_list
from bridge.features.telling import Teller
from bridge.minecraft import CommandRefused, GameServer, Priority, RconError
from bridge.minecraft.commands import ListPlayers


def status_commands(parts: Parts, teller: Callable[[], Teller]) -> tuple[SlashCommand, ...]:
    """Return both commands; everybody may use them."""
    answers = _Answers(parts, teller)
    return tuple(
        SlashCommand(
            name=wording(f"command.{name}.name"),
            description=wording(f"command.{name}.description"),
            options=(server_option(parts.settings),),
            handler=handler,
            failed=parts.catalogue.plain("command.unknown-error"),
        )
        for name, handler in (("list", answers.players), ("status", answers.status))
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    parts: Parts
    teller: Callable[[], Teller]

    async def players(self, call: CommandCall) -> Answer:
        """Tell who plays on the chosen server, or on all."""
        return await self._for_each(call, self._players)

    async def status(self, call: CommandCall) -> Answer:
        """Tell how the chosen server is, or all of them."""
        return await self._for_each(call, self._status)

    async def _for_each(
        self, call: CommandCall, tell: Callable[[CommandCall, GameServer], Awaitable[Answer]]
    ) -> Answer:
        chosen = call.text("server")
        servers = self.parts.servers
        if chosen is not None and chosen not in servers:
            known = ", ".join(server_titles(self.parts.settings).values())
            return answer(call, "command.unknown-server", server=chosen, known=known)
        asked = [servers[ServerId(chosen)]] if chosen is not None else list(servers.values())
        return Answer(content="\n".join([(await tell(call, server)).content for server in asked]))

    async def _players(self, call: CommandCall, server: GameServer) -> Answer:
        teller = self.teller()
        title = teller.server_title(server.id)
        roster = await self._roster(server)
        if roster is None:
            return answer(call, "command.server-silent", server=title)
        if roster.online == 0:
            return answer(call, "command.list.nobody", server=title)
        names = named(roster.names, teller)
        shown = spoken(call.language).listed(names, most=50)
        if roster.maximum is None:  # only the log tells, and it knows every name
            key = "command.list.names" if names else "command.list.nobody"
            return answer(call, key, server=title, players=shown)
        if not names:
            return answer(call, "command.list.counted", server=title, count=roster.online, max=roster.maximum)
        return answer(
            call, "command.list.players", server=title, count=roster.online, max=roster.maximum, players=shown
        )

    async def _roster(self, server: GameServer) -> Roster | None:
        """Ask the console; without one, tell what the log or the last status ping knows."""
        if server.rcon is not None and server.rcon.up.is_set():
            try:
                roster = read_list(await server.rcon.command(ListPlayers(), priority=Priority.STAFF))
            except (CommandRefused, RconError):  # then somebody else tells
                roster = None
            if roster is not None:
                return roster
        if state_of(server, now=self.parts.now()) is State.DOWN:
            return None  # whoever the log had on it when it died
        latest = server.status.latest if server.status is not None and server.status.up else None
        names = names_online(server, latest)
        if latest is not None:
            return Roster(max(latest.online, len(names or ())), latest.maximum, tuple(names or ()))
        return Roster(len(names), None, tuple(names)) if names is not None else None

    async def _status(self, call: CommandCall, server: GameServer) -> Answer:
        seen = view(server, self.teller(), now=self.parts.now())
        if seen.state is State.UNKNOWN:
            return answer(call, "status.unknown-line", server=seen.title)
        if seen.state is State.DOWN:
            return answer(call, "command.server-silent", server=seen.title)
        return answer(
            call,
            "status.up-line",
            server=seen.title,
            count=seen.online or 0,
            max=seen.maximum or 0,
            version=seen.version or "?",
            ms=math.ceil(seen.latency_ms or 0),
        )
