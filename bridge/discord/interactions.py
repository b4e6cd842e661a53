"""Registers the slash commands and answers those who use them, in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import structlog

from bridge.config.settings import Language
from bridge.discord.commands import Answer, Caller, CommandCall, Refuse, SlashCommand, definition, kept
from bridge.discord.errors import DiscordError
from bridge.discord.limits import Route
from bridge.discord.posts import CONTENT_LIMIT
from bridge.discord.rest import Rest
from bridge.discord.wire import InteractionPayload, read
from bridge.events import ChannelId

log = structlog.get_logger(__name__)

DEFER_AFTER_S: Final = 1.5  # Discord gives up on an interaction after three seconds
_GIVE_UP_AFTER_S: Final = 14 * 60.0  # and on its answer after fifteen minutes
_ADMINISTRATOR: Final = 1 << 3
_EPHEMERAL: Final = 1 << 6
_COMMAND, _TYPING = 2, 4  # types of an interaction
_ANSWER, _DEFER, _SUGGEST = 4, 5, 8  # types of the first answer
_MOST_SUGGESTED: Final = 25
_LONGEST_SUGGESTED: Final = 100  # characters
_CALLBACK: Final = "/interactions/{interaction}/{token}/callback"
_ORIGINAL: Final = "/webhooks/{webhook}/{token}/messages/@original"


class Interactions:
    """The commands of all features, by name."""

    def __init__(self, rest: Rest, *, defer_after_s: float = DEFER_AFTER_S) -> None:
        self._rest, self._defer_after_s = rest, defer_after_s
        self._commands: dict[str, SlashCommand] = {}
        self.refuse: Refuse | None = None

    def add(self, command: SlashCommand) -> None:
        """Offer a command.

        Raises:
            ValueError: There is one of that name already.
        """
        if command.name.en in self._commands:
            raise ValueError(f"two features offer the command /{command.name.en}")
        self._commands[command.name.en] = command

    async def register(self, application: str, guild: str) -> bool:
        """Tell Discord our commands if it knows others; return whether it had to be told.

        Raises:
            DiscordError: As for every request.
        """
        ids = {"application": application, "guild": guild}
        path = "/applications/{application}/guilds/{guild}/commands"
        reply = await self._rest.call(Route.of("GET", path, **ids), query={"with_localizations": "true"})
        known = {c["name"]: kept(c) for c in read(reply.body, list[dict[str, Any]]) if "name" in c}
        wanted = {name: definition(command) for name, command in self._commands.items()}
        if known == wanted:
            return False
        await self._rest.call(Route.of("PUT", path, **ids), list(wanted.values()))
        log.info("registered the slash commands", commands=sorted(wanted))
        return True

    async def handle(self, raw: msgspec.Raw) -> None:
        """Run the command that somebody used and answer; never raises but for cancellation."""
        try:
            interaction = read(raw, InteractionPayload)
            command = self._commands.get(interaction.data.name) if interaction.data is not None else None
            if command is not None and interaction.type == _COMMAND:
                await self._answer(interaction, command)
            elif command is not None and interaction.type == _TYPING:
                await self._suggest(interaction, command)
        except DiscordError as exc:
            log.warning("a command could not be answered", problem=str(exc))
        except Exception:  # one strange interaction must not end the link
            log.exception("an interaction could not be handled")

    async def _answer(self, interaction: InteractionPayload, command: SlashCommand) -> None:
        call = _call_of(interaction)
        refused = self.refuse(call) if self.refuse is not None else None
        if refused is not None:
            await self._first(interaction, {"type": _ANSWER, "data": _body(refused)})
            return
        work = asyncio.ensure_future(_run(command, call))
        try:
            done, _ = await asyncio.wait({work}, timeout=self._defer_after_s)
            if done:
                await self._first(interaction, {"type": _ANSWER, "data": _body(work.result())})
                return
            await self._first(interaction, {"type": _DEFER, "data": {"flags": _EPHEMERAL}})
            await self._later(interaction, await asyncio.wait_for(work, _GIVE_UP_AFTER_S))
        except TimeoutError:
            log.warning("a command took too long to answer", command=command.name.en)
        finally:
            work.cancel()

    async def _suggest(self, interaction: InteractionPayload, command: SlashCommand) -> None:
        """Offer what could be filled in; nothing to those who may not use the command."""
        call = _call_of(interaction)
        refused = self.refuse(call) if self.refuse is not None else None
        found = () if refused is not None else await _suggestions(interaction, command, call)
        kept = [each for each in found if 0 < len(each) <= _LONGEST_SUGGESTED][:_MOST_SUGGESTED]
        choices = [{"name": each, "value": each} for each in kept]
        await self._first(interaction, {"type": _SUGGEST, "data": {"choices": choices}})

    async def _first(self, interaction: InteractionPayload, body: dict[str, Any]) -> None:
        route = Route.of("POST", _CALLBACK, interaction=interaction.id, token=interaction.token)
        await self._rest.call(route, body, as_bot=False)

    async def _later(self, interaction: InteractionPayload, answer: Answer) -> None:
        route = Route.of("PATCH", _ORIGINAL, webhook=interaction.application_id, token=interaction.token)
        body = {name: value for name, value in _body(answer).items() if name != "flags"}
        await self._rest.call(route, body, as_bot=False)


async def _run(command: SlashCommand, call: CommandCall) -> Answer:
    try:
        return await command.handler(call)
    except Exception:  # one broken command must not stop the others
        log.exception("a command broke", command=command.name.en)
        return Answer(content=command.failed)


async def _suggestions(
    interaction: InteractionPayload, command: SlashCommand, call: CommandCall
) -> Sequence[str]:
    options = interaction.data.options if interaction.data is not None else ()
    typed = next((option for option in options if option.focused), None)
    if typed is None:
        return ()
    suggest = next((option.suggest for option in command.options if option.name.en == typed.name), None)
    if suggest is None:
        return ()
    try:
        return await suggest(call, str(typed.value))
    except Exception:  # whoever types can go on without
        log.exception("suggestions for a command could not be made", command=command.name.en)
        return ()


def _call_of(interaction: InteractionPayload) -> CommandCall:
    member, data = interaction.member, interaction.data
    user = member.user if member is not None else None
    return CommandCall(
        command=data.name if data is not None else "",
        channel=ChannelId(interaction.channel_id or ""),
        caller=Caller(
            id=user.id if user is not None else "",
            name=(member.nick if member is not None else None)
            or (user.global_name or user.username if user is not None else ""),
            roles=frozenset(member.roles) if member is not None else frozenset(),
            administrator=bool(
                int((member.permissions if member is not None else None) or 0) & _ADMINISTRATOR
            ),
        ),
        language=Language.FR if interaction.locale.startswith("fr") else Language.EN,
        values={option.name: option.value for option in data.options} if data is not None else {},
    )


def _body(answer: Answer) -> dict[str, Any]:
    content = answer.content
    if len(content) > CONTENT_LIMIT:
        content = content[: CONTENT_LIMIT - 2].rsplit("\n", 1)[0] + "\n…"
    return {
        "content": content,
        "flags": _EPHEMERAL if answer.ephemeral else 0,
        "allowed_mentions": {"parse": []},
    }
