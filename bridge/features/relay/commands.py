"""``/say``: a member of the staff speaks to a server from Discord."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.discord import Answer, CommandCall, Option, SlashCommand
from bridge.events import ChatBroadcast, EndId, ServerId, Speaker, SpeakerKind, server_end
from bridge.features.answers import answer, server_option, server_titles, wording
from bridge.features.contract import Parts
from bridge.journal import Draft, RecordId, SourceName
from bridge.minecraft import Priority, RconUnavailable, RconUnknownOutcome
from bridge.minecraft.commands import EVERYONE, CommandRefused, Tellraw
from bridge.text import parse_markdown, to_component

MOST_CHARACTERS = 200
"""Of one announcement: what a chat line in the game can show without filling the screen."""


def say_command(parts: Parts) -> SlashCommand:
    """Return the command, with which staff speak in the game."""
    return SlashCommand(
        name=wording("command.say.name"),
        description=wording("command.say.description"),
        options=(
            Option(
                name=wording("command.option.text.name"),
                description=wording("command.option.text.description"),
                required=True,
                longest=MOST_CHARACTERS,
            ),
            server_option(parts.settings),
        ),
        handler=_Say(parts).answer,
        failed=parts.catalogue.plain("command.unknown-error"),
    )


@dataclass(frozen=True, slots=True)
class _Say:
    parts: Parts

    async def answer(self, call: CommandCall) -> Answer:
        """Say it on the chosen server, or on all that have a console, and tell how that went."""
        words = (call.text("text") or "").strip()
        if not words:
            return answer(call, "command.say.empty")
        chosen = call.text("server")
        servers = [ServerId(chosen)] if chosen else list(self.parts.servers)
        told = [await self._say(call, server, words) for server in servers]
        return Answer(content="\n".join(one.content for one in told))

    async def _say(self, call: CommandCall, server: ServerId, words: str) -> Answer:
        titles = server_titles(self.parts.settings)
        if server not in self.parts.servers:
            return answer(call, "command.unknown-server", server=server, known=", ".join(titles.values()))
        title = titles[server]
        rcon = self.parts.servers[server].rcon
        if rcon is None:
            return answer(call, "command.say.no-console", server=title)
        text = self.parts.catalogue.text(
            "relay.game.broadcast", source="Discord", player=call.caller.name, text=parse_markdown(words, ())
        )
        try:
            await rcon.command(Tellraw(EVERYONE, to_component(text)), priority=Priority.STAFF)
        except CommandRefused as exc:
            return answer(call, "command.say.failed", server=title, reason=str(exc))
        except RconUnavailable:
            return answer(call, "command.server-silent", server=title)
        except RconUnknownOutcome:
            return answer(call, "command.say.unknown-outcome", server=title)
        await self._record(call, server, words)
        return answer(call, "command.say.done", server=title)

    async def _record(self, call: CommandCall, server: ServerId, words: str) -> None:
        """Keep what was said as a fact of that server's chat, so that the room's other ends read it."""
        end: EndId = server_end(server)
        speaker = Speaker(kind=SpeakerKind.MEMBER, name=call.caller.name, id=call.caller.id)
        event = ChatBroadcast(at=self.parts.now(), end=end, speaker=speaker, text=words)
        place = f"{event.at.isoformat()}:{call.caller.id}"
        await self.parts.journal.append(
            Draft(id=RecordId(f"say:{server}:{place}"), source=SourceName("say"), place=place, event=event)
        )
