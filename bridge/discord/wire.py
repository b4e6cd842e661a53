"""Discord's JSON as typed values: only the fields we read, everything optional that may be missing."""

from __future__ import annotations

import json
from typing import Any, Final, TypeVar

import msgspec

from bridge.discord.errors import DiscordUnavailable

_T = TypeVar("_T")


class UserPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A user as Discord sends it."""

    id: str
    username: str = ""
    global_name: str | None = None
    avatar: str | None = None
    bot: bool = False
    member: MemberPayload | None = None  # only inside a gateway message's ``mentions``


class MemberPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A user's place in the guild; ``user`` is missing inside messages."""

    user: UserPayload | None = None
    nick: str | None = None
    avatar: str | None = None
    roles: tuple[str, ...] = ()
    permissions: str | None = None  # only inside interactions


class AttachmentPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A file below a message."""

    filename: str = "file"
    title: str | None = None
    url: str | None = None
    content_type: str | None = None


class StickerPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A sticker below a message."""

    id: str
    name: str = ""
    format_type: int = 1


class EmbedPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A box below a message: a bot's own or a link's preview."""

    type: str = "rich"
    title: str | None = None
    description: str | None = None
    url: str | None = None


class PollMediaPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a poll's question."""

    text: str | None = None


class PollPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A poll."""

    question: PollMediaPayload = PollMediaPayload()


class ReferencePayload(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message points: the one it answers (type 0) or forwards (type 1)."""

    type: int = 0
    message_id: str | None = None


class SnapshotBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a forwarded message held."""

    content: str = ""
    attachments: tuple[AttachmentPayload, ...] = ()
    embeds: tuple[EmbedPayload, ...] = ()
    sticker_items: tuple[StickerPayload, ...] = ()
    mentions: tuple[UserPayload, ...] = ()


class SnapshotPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A forwarded message inside the one that forwards it."""

    message: SnapshotBody = SnapshotBody()


class AnsweredPayload(SnapshotBody, frozen=True, kw_only=True):
    """The message that a reply answers."""

    id: str
    author: UserPayload
    member: MemberPayload | None = None


class MessagePayload(msgspec.Struct, frozen=True, kw_only=True):
    """A message from the gateway or from the channel's history."""

    id: str
    channel_id: str
    author: UserPayload
    type: int = 0
    content: str = ""
    guild_id: str | None = None
    member: MemberPayload | None = None
    webhook_id: str | None = None
    application_id: str | None = None
    edited_timestamp: str | None = None
    attachments: tuple[AttachmentPayload, ...] = ()
    embeds: tuple[EmbedPayload, ...] = ()
    sticker_items: tuple[StickerPayload, ...] = ()
    mentions: tuple[UserPayload, ...] = ()
    poll: PollPayload | None = None
    message_reference: ReferencePayload | None = None
    message_snapshots: tuple[SnapshotPayload, ...] = ()
    referenced_message: AnsweredPayload | None = None


class IdPayload(msgspec.Struct, frozen=True, kw_only=True):
    """Only the id of something."""

    id: str


class RemovedPayload(msgspec.Struct, frozen=True, kw_only=True):
    """One removed message, or several at once."""

    channel_id: str
    id: str | None = None
    ids: tuple[str, ...] = ()


class ChannelHead(msgspec.Struct, frozen=True, kw_only=True):
    """Only what tells where a message belongs."""

    channel_id: str = ""


class ChannelPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A channel or thread."""

    id: str
    type: int = 0
    name: str = ""
    guild_id: str | None = None
    parent_id: str | None = None
    permission_overwrites: tuple[OverwritePayload, ...] = ()


class OverwritePayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel grants or takes from a role or a member beyond the guild's roles."""

    id: str
    allow: str = "0"
    deny: str = "0"


class RolePayload(msgspec.Struct, frozen=True, kw_only=True):
    """A role of the guild."""

    id: str
    permissions: str = "0"


class GuildPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The guild."""

    id: str
    name: str = ""
    owner_id: str | None = None
    roles: tuple[RolePayload, ...] = ()


class ApplicationPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The application that the bot token belongs to."""

    id: str
    name: str = ""
    flags: int = 0


class WebhookPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; the token is only there for those we may use."""

    id: str
    type: int = 1
    name: str | None = None
    application_id: str | None = None
    token: str | None = None


class FramePayload(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of the gateway, its content still unread."""

    op: int
    t: str | None = None
    d: msgspec.Raw = msgspec.Raw(b"null")


class OptionPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What was filled in for one option of a command."""

    name: str
    value: str | int | bool = ""
    focused: bool = False  # the one that is being filled in


class CommandPayload(msgspec.Struct, frozen=True, kw_only=True):
    """Which command was used, and with what."""

    name: str = ""
    options: tuple[OptionPayload, ...] = ()


class InteractionPayload(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody used a command."""

    id: str
    application_id: str
    token: str
    type: int
    data: CommandPayload | None = None
    member: MemberPayload | None = None  # missing in private messages
    channel_id: str | None = None
    locale: str = "en-US"


class ReadyPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway granted a session; the guilds are named but not there yet."""

    guilds: tuple[IdPayload, ...] = ()


class ErrorPayload(msgspec.Struct, frozen=True, kw_only=True):
    """Discord's answer when it refuses something."""

    code: int = 0
    message: str = ""
    errors: dict[str, Any] = {}
    retry_after: float | None = None
    is_global: bool = msgspec.field(name="global", default=False)


_LONE_SURROGATES: Final = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


class Unreadable(DiscordUnavailable):
    """A payload that is not what Discord documents: something else answered, or the interface changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, outcome_unknown=True)


def read(raw: bytes | str | msgspec.Raw, wanted: type[_T]) -> _T:
    """Return the JSON as *wanted*; half a surrogate pair, which JSON may hold, becomes U+FFFD.

    Raises:
        Unreadable: Not JSON, or not of that shape.
    """
    try:
        return msgspec.json.decode(raw, type=wanted)
    except msgspec.ValidationError as exc:
        raise Unreadable(f"Discord sent something that is not a {_name(wanted)}: {exc}") from exc
    except (msgspec.DecodeError, UnicodeError) as exc:
        return _read_slowly(raw, wanted, exc)


def _read_slowly(raw: bytes | str | msgspec.Raw, wanted: type[_T], cause: Exception) -> _T:
    text = raw if isinstance(raw, str) else bytes(raw).decode("utf-8", "replace")
    try:
        return msgspec.convert(_mended(json.loads(text)), wanted)
    except (ValueError, RecursionError, msgspec.ValidationError) as exc:
        raise Unreadable(f"Discord sent something that is not a {_name(wanted)}: {cause}") from exc


def _name(wanted: object) -> str:
    return getattr(wanted, "__name__", str(wanted)).removesuffix("Payload").lower()


def _mended(value: object) -> object:
    if isinstance(value, str):
        return value.translate(_LONE_SURROGATES)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value
