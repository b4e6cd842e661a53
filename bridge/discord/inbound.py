"""Turns Discord's messages into events. Pure: no I/O; what a member can type makes nothing but chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from bridge.discord.avatars import CDN, avatar_url
from bridge.discord.names import Names
from bridge.discord.wire import (
    AttachmentPayload,
    EmbedPayload,
    MessagePayload,
    SnapshotBody,
    StickerPayload,
)
from bridge.events import (
    Attachment,
    AttachmentKind,
    ChannelId,
    ChatEdited,
    ChatSaid,
    Mention,
    MentionKind,
    Reply,
    Speaker,
    SpeakerKind,
    channel_end,
)
from bridge.text.parse import parse_markdown

EXCERPT_LENGTH: Final = 80  # characters of an answered message
FORWARDED: Final = "\N{RIGHTWARDS ARROW WITH HOOK} "  # before what somebody forwarded; the game can show it
_EPOCH_MS: Final = 1_420_070_400_000  # Discord counts from the first second of 2015
_CONVERSATION: Final = frozenset(
    {0, 19, 20, 23}
)  # plain, reply, and answers to commands; the rest is the system's
_CHANNEL_MENTION: Final = re.compile(r"<#(\d{1,20})>")
_ROLE_MENTION: Final = re.compile(r"<@&(\d{1,20})>")
_MEDIA: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
}
_LOTTIE: Final = 3  # a sticker format without a picture to open


def moment_of(snowflake: str) -> datetime:
    """Return when Discord made an id.

    Raises:
        ValueError: Not an id.
        OverflowError: Not an id of this world's time.
    """
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _EPOCH_MS) / 1000, UTC)


def snowflake_of(moment: datetime) -> int:
    """Return the lowest id that Discord can make at that moment."""
    return max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22


@dataclass(frozen=True, slots=True)
class _Content:
    """What a message shows, whoever typed it."""

    markup: str
    mentions: tuple[Mention, ...]
    attachments: tuple[Attachment, ...]

    @property
    def text(self) -> str:
        """What it says, without any markup."""
        return parse_markdown(self.markup, self.mentions).plain

    def __bool__(self) -> bool:
        return bool(self.markup.strip() or self.attachments)


class Inbound:
    """Reads messages with the names that the session knows."""

    def __init__(self, names: Names, guild: str, *, relay_bots: bool) -> None:
        self._names, self._guild = names, guild
        self.relay_bots = relay_bots

    def said(self, message: MessagePayload) -> ChatSaid | None:
        """Return the message as it now is; None for what is no part of the conversation.

        Raises:
            ValueError, OverflowError: The message's id is none.
        """
        content = self._content_of(message)
        if not content:
            return None
        return ChatSaid(
            at=moment_of(message.id),
            end=channel_end(ChannelId(message.channel_id)),
            speaker=self._speaker(message),
            text=content.text,
            markup=content.markup,
            mentions=content.mentions,
            attachments=content.attachments,
            reply=self._reply(message),
            message=message.id,
        )

    def edited(self, message: MessagePayload) -> ChatEdited | None:
        """Return the change that the author made last; None when the author changed nothing.

        Raises:
            ValueError, OverflowError: The message's id or time is none.
        """
        if message.edited_timestamp is None:  # a link's preview arrived, a pin, a thread
            return None
        said = self.said(message)
        if said is None:
            return None
        return ChatEdited(
            at=datetime.fromisoformat(message.edited_timestamp).astimezone(UTC),
            **{name: getattr(said, name) for name in _EDITED_FIELDS},
        )

    def _content_of(self, message: MessagePayload) -> _Content:
        if message.type not in _CONVERSATION or (_is_bot(message) and not self.relay_bots):
            return _Content("", (), ())
        bodies: tuple[_Body, ...] = (message, *(s.message for s in message.message_snapshots))
        shown = (message.content, *(FORWARDED + s.message.content for s in message.message_snapshots))
        markup = "\n".join(text for text in shown if text.strip())
        return _Content(
            markup,
            tuple(self._mentions(bodies, markup)),
            tuple(_attachments(message, bodies)),
        )

    def _speaker(self, message: MessagePayload) -> Speaker:
        author = message.author
        member = message.member or self._names.member(author.id)
        return Speaker(
            kind=SpeakerKind.MEMBER,
            name=self._names.name(author, member),
            id=None if message.webhook_id is not None else author.id,
            avatar_url=avatar_url(author, member, self._guild),
            colour=self._names.lookup.colour(member.roles) if member is not None else None,
        )

    def _reply(self, message: MessagePayload) -> Reply | None:
        answered = message.referenced_message
        if answered is None:
            return None
        mentions = tuple(self._mentions((answered,), answered.content))
        return Reply(
            message=answered.id,
            name=self._names.name(answered.author, answered.member),
            text=_excerpt(parse_markdown(answered.content, mentions).plain),
        )

    def _mentions(self, bodies: Iterable[_Body], markup: str) -> Iterator[Mention]:
        seen: dict[tuple[MentionKind, str], str | None] = {}
        for body in bodies:
            seen.update({(MentionKind.USER, user.id): self._names.name(user) for user in body.mentions})
        for role in _ROLE_MENTION.findall(markup):  # Discord itself lists only those that it notified
            seen[MentionKind.ROLE, role] = self._names.lookup.role(role)
        for channel in _CHANNEL_MENTION.findall(markup):
            seen[MentionKind.CHANNEL, channel] = self._names.lookup.channel(channel)
        return (Mention(kind=kind, id=id_, name=name) for (kind, id_), name in seen.items() if name)


_Body: TypeAlias = MessagePayload | SnapshotBody
_EDITED_FIELDS: Final = tuple(name for name in ChatEdited.__struct_fields__ if name != "at")


def _is_bot(message: MessagePayload) -> bool:
    return message.author.bot or message.webhook_id is not None


def _attachments(message: MessagePayload, bodies: tuple[_Body, ...]) -> Iterator[Attachment]:
    for body in bodies:
        yield from map(_file, body.attachments)
        yield from map(_sticker, body.sticker_items)
    if message.poll is not None:
        yield Attachment(kind=AttachmentKind.POLL, name=message.poll.question.text or "")
    if _is_bot(message):  # below a member's message, an embed is only the preview of a link
        yield from map(_embed, message.embeds)


def _file(file: AttachmentPayload) -> Attachment:
    kind = _MEDIA.get((file.content_type or "").partition("/")[0], AttachmentKind.FILE)
    return Attachment(kind=kind, name=file.title or file.filename, url=file.url)


def _sticker(sticker: StickerPayload) -> Attachment:
    ending = "gif" if sticker.format_type == 4 else "png"
    url = None if sticker.format_type == _LOTTIE else f"{CDN}/stickers/{sticker.id}.{ending}"
    return Attachment(kind=AttachmentKind.STICKER, name=sticker.name, url=url)


def _embed(embed: EmbedPayload) -> Attachment:
    return Attachment(
        kind=AttachmentKind.EMBED,
        name=embed.title or _excerpt(embed.description or "") or embed.url or "",
        url=embed.url,
    )


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_LENGTH else line[: EXCERPT_LENGTH - 1].rstrip() + "…"
