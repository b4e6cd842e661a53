"""What the fields of a message body may hold."""

from __future__ import annotations

from typing import Any, Final, Required, TypedDict, get_type_hints


class EmbedField(TypedDict, total=False):
    """One field of an embed."""

    name: Required[str]
    value: Required[str]
    inline: bool | None


class EmbedFooter(TypedDict, total=False):
    """The line below an embed."""

    text: Required[str]
    icon_url: str | None


class EmbedAuthor(TypedDict, total=False):
    """The line above an embed."""

    name: Required[str]
    url: str | None
    icon_url: str | None


class EmbedPicture(TypedDict, total=False):
    """A picture in an embed."""

    url: Required[str]


class Embed(TypedDict, total=False):
    """An embed as bots send it; Discord ignores other keys."""

    title: str | None
    description: str | None
    url: str | None
    color: int | None
    timestamp: str | None
    fields: list[EmbedField] | None
    footer: EmbedFooter | None
    author: EmbedAuthor | None
    image: EmbedPicture | None
    thumbnail: EmbedPicture | None


class AllowedMentions(TypedDict, total=False):
    """Which mentions of a message may notify."""

    parse: list[str] | None
    users: list[str | int] | None
    roles: list[str | int] | None
    replied_user: bool | None


class Reference(TypedDict, total=False):
    """The message that another one answers."""

    message_id: str | int | None
    channel_id: str | int | None
    guild_id: str | int | None
    fail_if_not_exists: bool | None


class PollMedia(TypedDict, total=False):
    """A text of a poll."""

    text: str | None


class PollAnswer(TypedDict, total=False):
    """One answer of a poll."""

    poll_media: Required[PollMedia]


class PollRequest(TypedDict, total=False):
    """A poll as it is asked for."""

    question: Required[PollMedia]
    answers: Required[list[PollAnswer]]
    duration: float | None
    allow_multiselect: bool | None
    layout_type: int | None


class MessageBody(TypedDict, total=False):
    """The body of a request that makes or changes a message."""

    content: str | None
    nonce: str | int | None
    enforce_nonce: bool | None
    tts: bool | None
    embeds: list[Embed] | None
    allowed_mentions: AllowedMentions | None
    message_reference: Reference | None
    components: list[dict[str, Any]] | None
    sticker_ids: list[str | int] | None
    attachments: list[dict[str, Any]] | None
    flags: int | None
    poll: PollRequest | None
    username: str | None
    avatar_url: str | None


SHAPES: Final[dict[str, Any]] = get_type_hints(MessageBody)
"""Every field of a message body, and what it may hold."""
