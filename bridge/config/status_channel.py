"""The settings of messages, channels and the bot's presence that always show how the servers are."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from bridge.config.base import Settings
from bridge.config.values import Name, Seconds

PLACEHOLDERS: Final = (
    "online",
    "max",
    "players",
    "server",
    "state",
    "version",
    "uptime",
    "up",
    "servers",
)
"""What the owner's own texts can use here."""

MOST_CHARACTERS: Final = MappingProxyType({"message": 500, "name": 100, "topic": 1024, "line": 128})
"""How long the owner's own texts may be: as long as Discord takes the last three."""

NAME_EVERY_S: Final = 360.0
TOPIC_EVERY_S: Final = 600.0


class BoardLayout(StrEnum):
    """How a board is laid out."""

    COMPACT = "compact"  # one line a server
    FULL = "full"  # a card a server, with everything
    LIST = "list"  # a card a server, with who is on
    CHART = "chart"  # counts and the picture
    BOARD = "board"  # all servers side by side in one card


class BoardSettings(Settings):
    """One message that always shows how servers are."""

    channel: Name = Field(description="A name from discord.channels.")
    servers: tuple[Name, ...] = Field((), description="Names from servers; all of them when not set.")
    layout: BoardLayout = Field(
        BoardLayout.FULL, description="How it is laid out: compact, full, list, chart or board."
    )
    message: str | None = Field(
        None,
        min_length=1,
        max_length=MOST_CHARACTERS["message"],
        description="Your own words above it, with {online}, {max} and so on; nothing when not set.",
    )
    chart_s: Seconds = Field(
        86400.0,
        alias="chart",
        le=7 * 86400,
        description="How far back the picture of who was on reaches; 0s: no picture.",
    )
    most_names: int = Field(40, ge=0, le=100, description="How many players of a server are named at most.")
    every_s: Seconds = Field(
        30.0, alias="every", ge=15, description="How long at least from one change to the next."
    )


class SignSettings(Settings):
    """A channel whose name or topic tells how servers are."""

    servers: tuple[Name, ...] = Field((), description="Names from servers; all of them when not set.")
    name: str | None = Field(
        None,
        min_length=1,
        max_length=MOST_CHARACTERS["name"],
        description="The channel's name, with {online}, {max} and so on; left alone when not set.",
    )
    topic: str | None = Field(
        None,
        min_length=1,
        max_length=MOST_CHARACTERS["topic"],
        description="The channel's topic, in the same way; left alone when not set.",
    )
    every_s: Seconds = Field(
        TOPIC_EVERY_S,
        alias="every",
        ge=NAME_EVERY_S,
        description="How long at least from one change to the next; 10m with a topic.",
    )


class PresenceSettings(Settings):
    """What the bot shows below its name."""

    lines: tuple[
        Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS["line"])],
        ...,
    ] = Field(description="What is shown, one after the other, with {online}, {max} and so on.")
    servers: tuple[Name, ...] = Field((), description="Names from servers; all of them when not set.")
    every_s: Seconds = Field(
        60.0, alias="every", ge=15, description="How long each line stays, and how often it is looked at."
    )


class StatusChannelSettings(Settings):
    """What on Discord always shows how the servers are, without anybody asking."""

    boards: dict[Name, BoardSettings] = Field(
        {}, description="Messages that are changed in place, each under a name of your choice."
    )
    signs: dict[Name, SignSettings] = Field(
        {}, description="Names from discord.channels, and what each channel's name or topic tells."
    )
    presence: PresenceSettings | None = Field(None, description="What the bot shows below its name.")
