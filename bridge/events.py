"""Every event type: a frozen fact in the past tense, complete in itself.

The ``tag`` of each class is its kind as stored in the journal: never renamed, never reused.
New fields get defaults, so that old records stay readable.
"""

from __future__ import annotations

from datetime import datetime  # msgspec reads the annotations at run time
from enum import StrEnum
from typing import Final, NewType, TypeAlias

import msgspec

ServerId = NewType("ServerId", str)  # the key under ``servers:``
ChannelId = NewType("ChannelId", str)  # a Discord channel's snowflake
RoomId = NewType("RoomId", str)  # the key under ``rooms:``
EndId = NewType("EndId", str)  # one end of a room: see server_end, channel_end, site_end


def server_end(server: ServerId) -> EndId:
    """Return the end that stands for a game server's chat."""
    return EndId(f"server:{server}")


def channel_end(channel: ChannelId) -> EndId:
    """Return the end that stands for a Discord channel."""
    return EndId(f"discord:{channel}")


def site_end(room: RoomId) -> EndId:
    """Return the end that stands for a room's page on the website."""
    return EndId(f"site:{room}")


class SpeakerKind(StrEnum):
    """Who can speak in a room."""

    PLAYER = "player"
    MEMBER = "member"
    VISITOR = "visitor"
    CONSOLE = "console"


class Speaker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who said something, with what is needed to show them."""

    kind: SpeakerKind
    name: str
    id: str | None = None  # the player's UUID or the member's snowflake, where known
    avatar_url: str | None = None  # a member's picture
    colour: int | None = None  # a member's role colour, 0xRRGGBB


class MentionKind(StrEnum):
    """What a Discord message can mention."""

    USER = "user"
    ROLE = "role"
    CHANNEL = "channel"


class Mention(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The name behind a snowflake in a Discord message's markup, as it was when the message was read."""

    kind: MentionKind
    id: str
    name: str


class AttachmentKind(StrEnum):
    """What hangs below a Discord message."""

    FILE = "file"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    STICKER = "sticker"
    POLL = "poll"
    EMBED = "embed"


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A file, sticker, poll or embed: its name or title, and where to open it."""

    kind: AttachmentKind
    name: str
    url: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The message that a Discord message answers."""

    message: str
    name: str
    text: str = ""  # its beginning, plain


class FrameKind(StrEnum):
    """The four ways in which the game words an advancement."""

    TASK = "task"
    CHALLENGE = "challenge"
    GOAL = "goal"
    ACHIEVEMENT = "achievement"  # before Minecraft 1.12


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True, gc=False):
    """What every event has: when it happened (UTC).

    Events cannot refer to each other, so the garbage collector need not look at them (``gc=False``).
    """

    at: datetime

    @property
    def kind(self) -> str:
        """The kind as stored, such as ``chat.said``."""
        return kind_of(type(self))


def kind_of(event_type: type[Event]) -> str:
    """Return the stored kind of an event type."""
    return str(event_type.__struct_config__.tag)


class _Chat(Event, frozen=True, kw_only=True):
    end: EndId
    speaker: Speaker
    text: str  # plain; empty once retention has removed it
    markup: str | None = None  # Discord's markdown as typed, when it came from there
    mentions: tuple[Mention, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    reply: Reply | None = None
    message: str | None = None  # the outside's own id of the line (a Discord snowflake)


class ChatSaid(_Chat, frozen=True, kw_only=True, tag="chat.said"):
    """Somebody said something in one end of a room."""


class ChatEmoted(_Chat, frozen=True, kw_only=True, tag="chat.emoted"):
    """A player used ``/me``."""


class ChatBroadcast(_Chat, frozen=True, kw_only=True, tag="chat.broadcast"):
    """The console, RCON, a command block or an operator used ``/say``."""


class ChatEdited(_Chat, frozen=True, kw_only=True, tag="chat.edited"):
    """The author changed the message named by ``message``; the fields hold it as it now is."""


class ChatRemoved(Event, frozen=True, kw_only=True, tag="chat.removed"):
    """The message named by ``message`` was removed where it was said."""

    end: EndId
    message: str


class _Player(Event, frozen=True, kw_only=True):
    server: ServerId
    player: str  # the account's name, without team prefixes
    uuid: str | None = None  # with dashes, lower case, where the log told it


class PlayerIdentified(_Player, frozen=True, kw_only=True, tag="player.identified"):
    """The server told which UUID belongs to a name, at login."""


class PlayerJoined(_Player, frozen=True, kw_only=True, tag="player.joined"):
    """A player came onto a server: once per stay, however many lines told it."""

    formerly: str | None = None


class PlayerLeft(_Player, frozen=True, kw_only=True, tag="player.left"):
    """A player's stay ended: once per stay, however many lines told it."""

    reason: str | None = None


class PlayerRefused(_Player, frozen=True, kw_only=True, tag="player.refused"):
    """Somebody tried to log in and never got in."""

    reason: str | None = None


class PlayerKicked(_Player, frozen=True, kw_only=True, tag="player.kicked"):
    """Staff or the server removed a player; their ``player.left`` is a fact of its own."""

    reason: str | None = None
    by: str | None = None


class PlayerDied(_Player, frozen=True, kw_only=True, tag="player.died"):
    """A player died."""

    text: str  # the log's sentence after the player's name: ``was slain by Zombie``
    key: str | None = None  # the game's own key, ``death.attack.mob``, where a template matched
    killer: str | None = None
    item: str | None = None


class PlayerAdvanced(_Player, frozen=True, kw_only=True, tag="player.advanced"):
    """A player made an advancement, completed a challenge, reached a goal or earned an achievement."""

    title: str  # as the log has it, without brackets
    frame: FrameKind = FrameKind.TASK
    key: str | None = None  # ``advancements.story.mine_stone.title``, where the title is the game's own


class PlayerCommanded(_Player, frozen=True, kw_only=True, tag="player.commanded"):
    """A player ran a command; its arguments can be secrets and are never kept."""

    command: str  # the verb with its slash: ``/msg``


class _Server(Event, frozen=True, kw_only=True):
    server: ServerId


class ServerFollowed(_Server, frozen=True, kw_only=True, tag="server.followed"):
    """The bridge began to read this server's log for the first time; what stood there before is not told."""


class ServerStarting(_Server, frozen=True, kw_only=True, tag="server.starting"):
    """The server process began to start."""

    version: str | None = None
    silent_since: datetime | None = None  # its log's last line before, where that was read


class ServerStarted(_Server, frozen=True, kw_only=True, tag="server.started"):
    """The server is ready for players."""

    took_s: float | None = None


class ServerStopping(_Server, frozen=True, kw_only=True, tag="server.stopping"):
    """The server began to stop: once, however many lines told it."""


class ServerStopped(_Server, frozen=True, kw_only=True, tag="server.stopped"):
    """The server came to its end in good order."""


class ServerCrashed(_Server, frozen=True, kw_only=True, tag="server.crashed"):
    """The server ended, and nobody had asked it to."""

    lines: tuple[str, ...] = ()  # the last of its log
    report: str | None = None  # the head of its crash report


class ServerHung(_Server, frozen=True, kw_only=True, tag="server.hung"):
    """The server runs and does nothing any more."""


class ListedPlayer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A player in a list of those who are on."""

    name: str
    uuid: str | None = None  # with dashes, lower case, where it was told


class ServerListed(_Server, frozen=True, kw_only=True, tag="server.listed"):
    """Who is on the server, all of them, at that moment: where nobody had seen them come or go."""

    players: tuple[ListedPlayer, ...] = ()


class ServerMissed(_Server, frozen=True, kw_only=True, tag="server.missed"):
    """What happened on this server between *since* and ``at`` cannot be told: its log has a hole there."""

    since: datetime


class ServerObserved(_Server, frozen=True, kw_only=True, tag="server.observed"):
    """What happened on this server from *since* to ``at`` has been read from its old logs, all of it."""

    since: datetime


class ServerLost(_Server, frozen=True, kw_only=True, tag="server.lost"):
    """The server stopped answering its status port."""


class ServerRecovered(_Server, frozen=True, kw_only=True, tag="server.recovered"):
    """The server answers its status port again."""


class ServerOverloaded(_Server, frozen=True, kw_only=True, tag="server.overloaded"):
    """The server fell behind (``Can't keep up!``)."""

    behind_ms: int | None = None
    behind_ticks: int | None = None


class ServerSampled(_Server, frozen=True, kw_only=True, tag="server.sampled"):
    """What a status ping answered, and what the console said of the server's pace."""

    online: int
    maximum: int
    version: str
    latency_ms: float
    tps: float | None = None  # ticks a second, 20 where the server keeps up
    mspt: float | None = None  # milliseconds that a tick takes


class HookReceived(Event, frozen=True, kw_only=True, tag="hook.received"):
    """Another program told something at ``/hooks/<name>``, with a signature that was right."""

    hook: str  # its name in the settings
    delivery: str  # the sender's id of it
    event: str = ""  # what the sender calls it
    body: str = "{}"  # JSON, an object


class FeedPublished(Event, frozen=True, kw_only=True, tag="feed.published"):
    """A feed has a new entry."""

    feed: str  # its name in the settings
    entry: str  # the feed's own id of the entry
    title: str
    url: str | None = None
    summary: str = ""  # plain text
    author: str | None = None


class AnnouncementMade(Event, frozen=True, kw_only=True, tag="announcement.made"):
    """The bridge is to tell something to some Discord channels and some servers."""

    origin: str  # what asked for it: ``hook:shop``, ``feed:blog``, ``nameless``
    markup: str  # Discord's markdown, of ours and of those who may write it
    channels: tuple[ChannelId, ...] = ()
    servers: tuple[ServerId, ...] = ()
    url: str | None = None  # where there is more; clickable in the game
    line: str | None = None  # what the servers are told, where it is not the markup
    role: str | None = None  # the id of a Discord role to ping: alerts may, where the settings name it


ChatLine: TypeAlias = ChatSaid | ChatEmoted | ChatBroadcast
AnyEvent: TypeAlias = (
    ChatSaid
    | ChatEmoted
    | ChatBroadcast
    | ChatEdited
    | ChatRemoved
    | PlayerIdentified
    | PlayerJoined
    | PlayerLeft
    | PlayerRefused
    | PlayerKicked
    | PlayerDied
    | PlayerAdvanced
    | PlayerCommanded
    | ServerFollowed
    | ServerStarting
    | ServerStarted
    | ServerStopping
    | ServerStopped
    | ServerCrashed
    | ServerHung
    | ServerListed
    | ServerMissed
    | ServerObserved
    | ServerLost
    | ServerRecovered
    | ServerOverloaded
    | ServerSampled
    | HookReceived
    | FeedPublished
    | AnnouncementMade
)

CHAT_LINES: Final = (ChatSaid, ChatEmoted, ChatBroadcast)
"""The kinds that are lines of a conversation."""
