"""``/newcomers``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.discord import Answer, CommandCall, SlashCommand
from bridge.features.answers import server_option, spoken
from bridge.features.contract import Parts
from bridge.features.telling import Teller
from bridge.text import RichText, to_markdown
from passerelle_welcome.store import newest
from passerelle_welcome.words import say, wording

MOST = 10


def newcomers_command(parts: Parts, teller: Callable[[], Teller]) -> SlashCommand:
    """Return the command; everybody may use it, and only they see the answer."""
    return SlashCommand(
        name=wording("command"),
        description=wording("description"),
        options=(server_option(parts.settings),),
        handler=_Newcomers(parts, teller).answer,
        failed=wording("failed").en,
    )


@dataclass(frozen=True, slots=True)
class _Newcomers:
    parts: Parts
    teller: Callable[[], Teller]  # asked each time: a reload brings another one

    async def answer(self, call: CommandCall) -> Answer:
        """Name the newest players of the chosen server, or of each."""
        chosen = call.text("server")
        servers = [server for server in self.parts.servers if chosen in (None, server)]
        teller, told = self.teller(), []
        async with self.parts.store.reading() as conn:
            for server in servers:
                found = await newest(conn, server, most=MOST)
                names: list[str | RichText] = [
                    one.player for one in found if not teller.is_hidden(one.player)
                ]
                title = teller.server_title(server)
                if names:
                    players = spoken(call.language).listed(names)
                    told.append(say(call.language, "newest", server=title, players=players))
                else:
                    told.append(say(call.language, "nobody", server=title))
        return Answer(content="\n".join(map(to_markdown, told)))
