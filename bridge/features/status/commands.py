"""``/list``, ``/status`` and ``/uptime``."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bridge.config.settings import Language
from bridge.discord import Answer, CommandCall, SlashCommand
from bridge.events import ServerId
from bridge.features.answers import answer, server_option, server_titles, spoken, wording
from bridge.features.contract import Parts
from bridge.features.restarts import next_restart
from bridge.features.servers import State, named, names_online, state_of, view
from bridge.features.status.history import last_day, started_at, uptimes_of, who_came_when
from bridge.features.status.logic import Roster, read_list
from bridge.features.telling import Teller
from bridge.minecraft import CommandRefused, GameServer, Priority, RconError
from bridge.minecraft.commands import ListPlayers
from bridge.store.times import from_ms
from bridge.text import Moment, MomentForm, RichText

_MOST_TIMES: Final = 30  # players: with more of them, their times would not fit into an answer


def status_commands(parts: Parts, teller: Callable[[], Teller]) -> tuple[SlashCommand, ...]:
    """Return the three commands; everybody may use them."""
    answers = _Answers(parts, teller)
    return tuple(
        SlashCommand(
            name=wording(f"command.{name}.name"),
            description=wording(f"command.{name}.description"),
            options=(server_option(parts.settings),),
            handler=handler,
            failed=parts.catalogue.plain("command.unknown-error"),
        )
        for name, handler in (
            ("list", answers.players),
            ("status", answers.status),
            ("uptime", answers.uptime),
        )
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

    async def uptime(self, call: CommandCall) -> Answer:
        """Tell how much of the last days the chosen server was up, or all of them."""
        return await self._for_each(call, self._uptime)

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
        shown = spoken(call.language).listed(await self._with_times(call, server, names), most=50)
        if roster.maximum is None:  # only the log tells, and it knows every name
            key = "command.list.names" if names else "command.list.nobody"
            return answer(call, key, server=title, players=shown)
        if not names:
            return answer(call, "command.list.counted", server=title, count=roster.online, max=roster.maximum)
        return answer(
            call, "command.list.players", server=title, count=roster.online, max=roster.maximum, players=shown
        )

    async def _with_times(
        self, call: CommandCall, server: GameServer, names: Sequence[str]
    ) -> list[str | RichText]:
        """Return names with the time since they came, where it is known and there is room."""
        if len(names) > _MOST_TIMES:
            return list(names)
        came = await who_came_when(self.parts.store, server.id)
        told: list[str | RichText] = []
        for name in names:
            known = came.get(name.casefold())
            if known is None:
                told.append(name)
            else:
                key = "command.list.guessed" if known.guessed else "command.list.since"
                since = _ago(from_ms(known.since_ms))
                told.append(spoken(call.language).text(key, player=name, since=since))
        return told

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
        first = answer(
            call,
            "status.up-line",
            server=seen.title,
            count=seen.online or 0,
            max=seen.maximum or 0,
            version=seen.version or "?",
            ms=math.ceil(seen.latency_ms or 0),
        )
        more = [line.content async for line in self._more(call, server)]
        return Answer(content="\n".join([first.content, *more]))

    async def _more(self, call: CommandCall, server: GameServer) -> AsyncIterator[Answer]:
        """Yield what else is known of a server that is up."""
        now, community = self.parts.now(), self.teller().settings.community
        if (started := await started_at(self.parts.store, server.id)) is not None:
            yield answer(call, "command.status.started", since=_ago(started))
        zone = ZoneInfo(community.time_zone)
        if (restart := next_restart(server.settings.restarts, zone=zone, now=now)) is not None:
            yield answer(call, "command.status.restart", at=_ago(restart))
        if (day := await last_day(self.parts.store, server.id, now)) is not None:
            yield answer(call, "command.status.day", line=day.line, count=day.peak)

    async def _uptime(self, call: CommandCall, server: GameServer) -> Answer:
        title = self.teller().server_title(server.id)
        found = await uptimes_of(self.parts.store, server.id, self.parts.now())
        known = {days: uptime for days, uptime in found.items() if uptime.share is not None}
        if not known:
            return answer(call, "command.uptime.unknown", server=title)
        lines = [answer(call, "command.uptime.head", server=title)]
        for days, uptime in known.items():
            lines.append(
                answer(
                    call,
                    "command.uptime.days",
                    count=days,
                    share=_percent(uptime.share or 0.0, call.language),
                    coverage=_percent(uptime.coverage, call.language),
                )
            )
        return Answer(content="\n".join(line.content for line in lines))


def _ago(at: datetime) -> RichText:
    """Return a moment as the time from or to it, which every reader's own Discord keeps current."""
    return RichText.of(Moment(at, MomentForm.RELATIVE))


def _percent(share: float, language: Language) -> str:
    """Return a share in hundredths; never 100 for what is not all."""
    hundredths = math.floor(share * 10_000) / 100
    text = f"{hundredths:.2f}".rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}\N{NARROW NO-BREAK SPACE}%" if language is Language.FR else f"{text} %"
