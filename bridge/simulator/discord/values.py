"""What the pretend Discord is made of: frozen values, replaced when something changes."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, IntFlag, StrEnum
from typing import Any, Final, TypeAlias

import msgspec

from bridge.simulator.discord.clock import Snowflake

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object on its way from or to the wire."""


class Permission(IntFlag):
    """The permissions that the simulator looks at."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_POLLS = 1 << 49


EVERY_PERMISSION: Final = Permission(~0)
MEMBER_PERMISSIONS: Final = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.ADD_REACTIONS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
)
BOT_PERMISSIONS: Final = (
    MEMBER_PERMISSIONS
    | Permission.MANAGE_CHANNELS
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_ROLES
    | Permission.MANAGE_WEBHOOKS
)


class Intent(IntFlag):
    """The gateway intents that decide what a session is told."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_WEBHOOKS = 1 << 5
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_TYPING = 1 << 11
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED: Final = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
"""Intents that the owner of a bot must switch on in the developer portal."""


class ChannelKind(IntEnum):
    """The kinds of channel, numbered as on the wire."""

    TEXT = 0
    VOICE = 2
    CATEGORY = 4
    NEWS = 5
    THREAD = 11
    FORUM = 15


class AuthorKind(StrEnum):
    """Who wrote a message."""

    MEMBER = "member"
    BOT = "bot"
    WEBHOOK = "webhook"


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role of the guild; *colour* is 0xRRGGBB, 0 for none."""

    id: Snowflake
    name: str
    colour: int = 0
    permissions: Permission = Permission(0)
    position: int = 0
    mentionable: bool = False
    hoist: bool = False
    managed: bool = False


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the guild with the account behind it."""

    id: Snowflake
    username: str
    display: str | None = None  # the account's own display name
    nick: str | None = None  # the name in this guild
    avatar: str | None = None  # the hash in the picture's address; the default picture without
    avatar_url: str = ""
    bot: bool = False
    roles: tuple[Snowflake, ...] = ()
    joined_at: datetime

    @property
    def name(self) -> str:
        """The name that the guild sees."""
        return self.nick or self.display or self.username


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel or thread; *denied* and *allowed* are the bot's own overwrites."""

    id: Snowflake
    name: str
    kind: ChannelKind = ChannelKind.TEXT
    topic: str | None = None
    position: int = 0
    parent: Snowflake | None = None
    slowmode_s: int = 0
    denied: Permission = Permission(0)
    allowed: Permission = Permission(0)


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An incoming webhook; *application* is set when the bot made it."""

    id: Snowflake
    token: str
    channel: Snowflake
    name: str
    avatar: str | None = None
    avatar_url: str = ""
    application: Snowflake | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file below a message."""

    id: Snowflake
    filename: str
    content_type: str
    size_bytes: int
    url: str
    description: str | None = None


class Sticker(msgspec.Struct, frozen=True, kw_only=True):
    """A sticker below a message; *format* 1 is PNG, 2 APNG, 3 Lottie, 4 GIF."""

    id: Snowflake
    name: str
    format: int = 1


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who a message shows as its writer."""

    id: Snowflake
    name: str
    kind: AuthorKind
    avatar: str | None = None
    avatar_url: str = ""


class Pings(msgspec.Struct, frozen=True, kw_only=True):
    """Who a message really notified."""

    everyone: bool = False
    users: tuple[Snowflake, ...] = ()
    roles: tuple[Snowflake, ...] = ()
    replied: Snowflake | None = None  # the writer of the answered message

    def __bool__(self) -> bool:
        return self.everyone or bool(self.users) or bool(self.roles) or self.replied is not None


NOBODY: Final = Pings()


class CommandCall(msgspec.Struct, frozen=True, kw_only=True):
    """The slash command that a message answers."""

    id: Snowflake
    name: str
    member: Snowflake


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it now is; editing replaces it under the same id."""

    id: Snowflake
    channel: Snowflake
    author: Author
    content: str
    timestamp: datetime
    edited_at: datetime | None = None
    embeds: tuple[JsonObject, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    stickers: tuple[Sticker, ...] = ()
    components: tuple[JsonObject, ...] = ()
    poll: JsonObject | None = None
    reply_to: Snowflake | None = None
    pinged: Pings = NOBODY
    nonce: str | None = None
    flags: int = 0
    tts: bool = False
    webhook: Snowflake | None = None
    application: Snowflake | None = None
    call: CommandCall | None = None
    forwarded: JsonObject | None = None  # the snapshot of a forwarded message

    @property
    def ephemeral(self) -> bool:
        """Whether only the member who used the command sees it."""
        return bool(self.flags & EPHEMERAL)


EPHEMERAL: Final = 1 << 6
LOADING: Final = 1 << 7
COMPONENTS_V2: Final = 1 << 15
