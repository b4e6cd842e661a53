"""The settings of what comes from and goes to other programs: hooks, feeds, NamelessMC."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr

from bridge.config.base import Settings
from bridge.config.values import Address, Name, Seconds, Snowflake, WebUrl


class HookKind(StrEnum):
    """Whose way of sending and signing a hook follows."""

    GENERIC = "generic"  # any JSON, signed as docs/hooks.md says
    GITHUB = "github"
    NAMELESS = "nameless"  # NamelessMC signs nothing: the address carries the secret
    WORDPRESS = "wordpress"


class HookPost(Settings):
    """A message on Discord."""

    channel: Name = Field(description="A name from discord.channels.")
    text: str = Field(
        min_length=1, max_length=2000, description="What is posted; {fields.of.the.body} are filled in."
    )


class HookSay(Settings):
    """A line in the game."""

    servers: tuple[Name, ...] = Field((), description="Names from servers; all of them when not set.")
    text: str = Field(
        min_length=1, max_length=500, description="What is said; {fields.of.the.body} are filled in."
    )


class HookCommand(Settings):
    """A console command, one of hooks.commands."""

    server: Name = Field(description="A name from servers.")
    run: Name = Field(description="A name from hooks.commands.")


class HookThen(Settings):
    """What one kind of body becomes."""

    when: dict[str, str] = Field(
        {},
        description="Fields of the body (dotted, such as issue.state) and the values they must have; "
        "'event' is the name that the sender gives. Everything when not set.",
    )
    post: HookPost | None = Field(None, description="A message on Discord.")
    say: HookSay | None = Field(None, description="A line in the game.")
    command: HookCommand | None = Field(None, description="A console command from the safe list.")


class HookInSettings(Settings):
    """What another program may tell the bridge, at POST /hooks/<name>."""

    kind: HookKind = Field(HookKind.GENERIC, description="generic, github, nameless or wordpress.")
    secret: SecretStr = Field(min_length=16, description="Shared with the sender; at least 16 characters.")
    previous_secret: SecretStr | None = Field(
        None, min_length=16, description="Still accepted while the sender gets the new one."
    )
    allow: tuple[Address, ...] = Field(
        (), description="Addresses or networks that may send; any when not set."
    )
    window_s: Seconds = Field(
        300.0, alias="window", gt=0, le=3600, description="How far the sender's clock may be from ours."
    )
    then: tuple[HookThen, ...] = Field(
        (), description="What bodies become; every rule that fits is applied. It is journalled in any case."
    )


class HookOutSettings(Settings):
    """Where the bridge tells what happens."""

    url: WebUrl = Field(description="Where it is sent to.")
    secret: SecretStr = Field(min_length=16, description="Signs what is sent; at least 16 characters.")
    kinds: tuple[str, ...] = Field(
        min_length=1, description="Kinds of event, such as player.joined, or areas such as chat.*."
    )
    servers: tuple[Name, ...] = Field((), description="Only events of these servers; all when not set.")
    give_up_after_s: Seconds = Field(
        86400.0,
        alias="give-up-after",
        gt=0,
        description="How long one event is tried before it is set aside.",
    )
    allow_private: bool = Field(
        False, description="Whether the address may be on this machine or in a private network."
    )


class HooksSettings(Settings):
    """Signed messages from and to other programs."""

    incoming: dict[Name, HookInSettings] = Field({}, alias="in", description="What others tell the bridge.")
    outgoing: dict[Name, HookOutSettings] = Field(
        {}, alias="out", description="What the bridge tells others."
    )
    commands: dict[Name, str] = Field(
        {},
        description="The console commands that hooks may run, by name; {player} and other fields of the body "
        "are filled in where they are a player's name, a whole number or a word.",
    )


class FeedSettings(Settings):
    """An RSS or Atom feed whose new entries are told."""

    url: WebUrl = Field(description="Where the feed is.")
    channel: Name | None = Field(None, description="A name from discord.channels; nothing when not set.")
    servers: tuple[Name, ...] = Field((), description="Servers that are told in one line.")
    every_s: Seconds = Field(
        1800.0, alias="every", ge=300, description="How long from one look to the next, at least 5m."
    )
    allow_private: bool = Field(
        False, description="Whether the address may be on this machine or in a private network."
    )


class NamelessSettings(Settings):
    """The community's NamelessMC site, through its REST API (version 2)."""

    url: WebUrl = Field(description="The site's address, such as https://www.example.org.")
    api_key: SecretStr = Field(min_length=1, description="From StaffCP, Configuration, API.")
    servers: dict[Name, Annotated[int, Field(ge=1, le=999_999)]] = Field(
        {},
        description="Names from servers and the id that the site gives each (StaffCP, Minecraft, Servers).",
    )
    every_s: Seconds = Field(
        60.0, alias="every", ge=10, description="How long from one report of the servers to the next."
    )
    groups: dict[Snowflake, str] = Field(
        {}, description="Discord roles by id and the group each stands for on the site's synchronised server."
    )
    group_server: Name | None = Field(
        None, description="The name from servers that the site synchronises groups with."
    )
    announcements: Name | None = Field(
        None, description="A name from discord.channels where the site's announcements are posted."
    )
    announce_on: tuple[Name, ...] = Field((), description="Servers that are told of announcements.")
    allow_private: bool = Field(
        False, description="Whether the address may be on this machine or in a private network."
    )
