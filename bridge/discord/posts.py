"""What we send to Discord and what comes back, as values; and whether a post has already arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NewType

from bridge.config.settings import AllowedMention
from bridge.discord.inbound import snowflake_of
from bridge.discord.wire import MessagePayload
from bridge.events import ChannelId

MessageId = NewType("MessageId", str)

CONTENT_LIMIT: Final = 2000  # characters
NONCE_LIMIT: Final = 25  # characters
_SILENT: Final = 1 << 12  # the message flag for "no push notification"
_NO_PREVIEWS: Final = 1 << 2  # the message flag for "no link previews"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message to send: Discord's markdown, ready to be shown.

    ``allow`` names the kinds of mention that may notify somebody; what the settings do not allow
    notifies nobody in any case. ``role`` is the one role that may be notified whatever they say.

    Raises:
        ValueError: Nothing to show, or more than 2000 characters.
    """

    content: str
    allow: frozenset[AllowedMention] = frozenset()
    role: str | None = None
    silent: bool = False
    previews: bool = True

    def __post_init__(self) -> None:
        if not self.content.strip():
            raise ValueError("a post without visible content: Discord would refuse it")
        if len(self.content) > CONTENT_LIMIT:
            raise ValueError(f"a post of {len(self.content)} characters: Discord takes {CONTENT_LIMIT}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of ours that Discord has; ``webhook`` is who posted it, None for the bot itself."""

    channel: ChannelId
    message: MessageId
    webhook: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A post that may have arrived: its content, and the webhook name it was sent under, if any."""

    content: str
    name: str | None = None


def post_body(post: Post, allowed: frozenset[AllowedMention]) -> dict[str, Any]:
    """Return the JSON body of a post; allowed mentions are always in it, so nothing pings by default."""
    flags = (_SILENT if post.silent else 0) | (0 if post.previews else _NO_PREVIEWS)
    mentions: dict[str, Any] = {"parse": sorted(post.allow & allowed), "replied_user": False}
    if post.role is not None and AllowedMention.ROLES not in mentions["parse"]:  # Discord takes no both
        mentions["roles"] = [post.role]
    body: dict[str, Any] = {"content": post.content, "allowed_mentions": mentions}
    return {**body, "flags": flags} if flags else body


def message_id_at(moment: datetime) -> MessageId:
    """Return an id that is older than all messages since *moment* by Discord's clock."""
    return MessageId(str(snowflake_of(moment)))


def match_posts(expected: Sequence[Expected], ours: Iterable[MessagePayload]) -> tuple[Sent | None, ...]:
    """Return for each post the message that carries it, each message used once, both oldest first.

    A post that is not found between its neighbours' messages counts as not arrived.
    """
    waiting = list(ours)
    found: list[Sent | None] = []
    for post in expected:
        at = next((i for i, message in enumerate(waiting) if _carries(message, post)), None)
        if at is None:
            found.append(None)
            continue
        message = waiting[at]
        waiting = waiting[at + 1 :]
        found.append(
            Sent(
                channel=ChannelId(message.channel_id),
                message=MessageId(message.id),
                webhook=message.webhook_id,
            )
        )
    return tuple(found)


def _carries(message: MessagePayload, post: Expected) -> bool:
    if _as_kept(message.content) != _as_kept(post.content):
        return False
    if post.name is None:
        return message.webhook_id is None
    return message.webhook_id is not None and _as_kept(message.author.username) == _as_kept(post.name)


def _as_kept(text: str) -> str:
    """Return the text without the blanks that Discord trims or folds."""
    return " ".join(text.split())
