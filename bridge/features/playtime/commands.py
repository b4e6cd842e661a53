"""``/playtime``, ``/stats``, ``/seen`` and ``/leaderboard``; what answers them is read at the first use."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bridge.config.settings import BridgeSettings
from bridge.discord import Answer, Choice, CommandCall, Option, SlashCommand
from bridge.features.answers import MOST_CHOICES, server_option, wording
from bridge.features.contract import Parts
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By

if TYPE_CHECKING:
    from bridge.features.playtime.answers import Answers

_LONGEST_NAME: Final = 40  # characters, with what Floodgate puts before


def playtime_commands(parts: Parts, settings: Callable[[], BridgeSettings]) -> tuple[SlashCommand, ...]:
    """Return the commands; everybody may use them."""
    late = _Late(parts, settings)
    period, server = _choice("period", PeriodName), server_option(parts.settings)
    asked: tuple[tuple[str, tuple[Option, ...]], ...] = (
        ("playtime", (late.player(required=False), period, server)),
        ("stats", (late.player(required=False),)),
        ("seen", (late.player(required=True),)),
        ("leaderboard", (_choice("by", By), period, server)),
    )
    return tuple(
        SlashCommand(
            name=wording(f"playtime.command.{name}.name"),
            description=wording(f"playtime.command.{name}.description"),
            options=options,
            handler=late.handler(name),
            failed=parts.catalogue.plain("command.unknown-error"),
        )
        for name, options in asked
    )


def _choice(option: str, values: type[StrEnum]) -> Option:
    return Option(
        name=wording(f"playtime.option.{option}.name"),
        description=wording(f"playtime.option.{option}.description"),
        choices=tuple(Choice(name=wording(f"playtime.{option}.{each}"), value=each) for each in values),
    )


class _Late:
    """Finds what answers, once somebody asks: most hours nobody does."""

    def __init__(self, parts: Parts, settings: Callable[[], BridgeSettings]) -> None:
        self._parts, self._settings = parts, settings

    def player(self, *, required: bool) -> Option:
        """Return the option that names a player."""
        return Option(
            name=wording("playtime.option.player.name"),
            description=wording("playtime.option.player.description"),
            required=required,
            longest=_LONGEST_NAME,
            suggest=self._suggest,
        )

    def handler(self, name: str) -> Callable[[CommandCall], Awaitable[Answer]]:
        """Return what answers a command."""

        async def handle(call: CommandCall) -> Answer:
            return await (await self._answers()).give(name, call)

        return handle

    async def _suggest(self, _call: CommandCall, typed: str) -> Sequence[str]:
        return await (await self._answers()).names(typed[:_LONGEST_NAME], most=MOST_CHOICES)

    async def _answers(self) -> Answers:
        await asyncio.to_thread(importlib.import_module, "bridge.features.playtime.answers")
        from bridge.features.playtime.answers import Answers  # noqa: PLC0415 - see the class

        return Answers(self._parts, self._settings())
