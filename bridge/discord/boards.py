"""Messages that show how something is and are changed in place, and the names and topics of channels."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from bridge.discord.errors import HistoryTooLong, MessageGone
from bridge.discord.history import History
from bridge.discord.limits import Route
from bridge.discord.meaning import meaning
from bridge.discord.posts import CONTENT_LIMIT, NONCE_LIMIT, MessageId, Sent
from bridge.discord.rest import Rejected, Rest, Upload
from bridge.discord.wire import MessagePayload, read
from bridge.events import ChannelId

TITLE_LIMIT: Final = 256  # characters, as all limits here
DESCRIPTION_LIMIT: Final = 4096
FIELD_NAME_LIMIT: Final = 256
FIELD_LIMIT: Final = 1024
FOOTER_LIMIT: Final = 2048
MOST_FIELDS: Final = 25
MOST_CARDS: Final = 10
ALL_CARDS_LIMIT: Final = 6000
NAME_LIMIT: Final = 100  # of a channel
TOPIC_LIMIT: Final = 1024

_SILENT: Final = 1 << 12  # the message flag for "no push notification"
_MOST_PAGES: Final = 10  # of a hundred messages, when looking for our own
_MESSAGES: Final = "/channels/{channel}/messages"
_WRITING: Final = "Send Messages, Embed Links, Attach Files"
_PING_NOBODY: Final = {"parse": list[str]()}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardField:
    """A short text under a small title; those that are ``inline`` stand side by side."""

    name: str
    value: str
    inline: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A box with a coloured edge below a message: Discord's markdown in everything but title and footer."""

    title: str = ""
    description: str = ""
    colour: int | None = None  # 0xRRGGBB
    url: str | None = None  # where the title leads
    fields: tuple[CardField, ...] = ()
    footer: str = ""
    at: datetime | None = None  # shown beside the footer in each reader's own zone
    pictured: bool = False  # shows the panel's picture

    @property
    def size(self) -> int:
        """How many characters count towards the limit of all cards together."""
        texts = (self.title, self.description, self.footer)
        return sum(map(len, texts)) + sum(len(field.name) + len(field.value) for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG that a card shows."""

    name: str  # of the file: small letters, digits, ``-`` and ``.png``
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What a message shows.

    Raises:
        ValueError: Nothing to show, or more than Discord takes; see the limits above.
    """

    content: str = ""
    cards: tuple[Card, ...] = ()
    picture: Picture | None = None

    def __post_init__(self) -> None:
        if not (self.content.strip() or self.cards):
            raise ValueError("a panel without visible content: Discord would refuse it")
        if len(self.content) > CONTENT_LIMIT or len(self.cards) > MOST_CARDS:
            raise ValueError("a panel with more text or cards than Discord takes")
        if sum(card.size for card in self.cards) > ALL_CARDS_LIMIT:
            raise ValueError(f"cards of more than {ALL_CARDS_LIMIT} characters: Discord takes no more")

    @property
    def mark(self) -> str:
        """By what the message is known again when it is looked for."""
        return _mark(self.content, [(card.title, card.description) for card in self.cards])


class Boards:
    """Shows panels; each method makes one attempt and says how it went, as those of DiscordLink do."""

    def __init__(
        self, rest: Rest, history: History, is_ours: Callable[[MessagePayload], Awaitable[bool]]
    ) -> None:
        self._rest, self._history, self._is_ours = rest, history, is_ours

    async def turn(self, sent: Sent) -> None:
        """Wait until a change of a message would go out at once: who makes the panel then shows the newest.

        Raises:
            DiscordUnavailable: The wait would be too long.
        """
        await self._rest.limiter.wait(_edit_of(sent))

    async def put(self, panel: Panel, channel: ChannelId, *, nonce: str) -> Sent:
        """Post a panel; within a few minutes the same *nonce* posts nothing a second time.

        Raises:
            DiscordError: See DiscordLink.
            ValueError: The nonce is empty or too long.
        """
        if not 0 < len(nonce) <= NONCE_LIMIT:
            raise ValueError(f"a nonce has 1 to {NONCE_LIMIT} characters, not {len(nonce)}")
        body = {**_body(panel), "nonce": nonce, "enforce_nonce": True, "flags": _SILENT}
        route = Route.of("POST", _MESSAGES, channel=channel)
        try:
            reply = await self._rest.call(route, body, files=_files(panel))
        except Rejected as exc:
            raise meaning(exc, channel, permission=_WRITING) from exc
        return Sent(channel=channel, message=MessageId(read(reply.body, MessagePayload).id))

    async def change(self, sent: Sent, panel: Panel) -> None:
        """Let a message of ours show this panel and nothing else; doing it twice is harmless.

        Raises:
            MessageGone: It was deleted.
            DiscordError: See DiscordLink.
        """
        try:
            await self._rest.call(_edit_of(sent), _body(panel), files=_files(panel))
        except Rejected as exc:
            raise meaning(exc, sent.channel, permission=_WRITING) from exc

    async def check(self, sent: Sent) -> None:
        """See whether a message of ours is still there.

        Raises:
            MessageGone: It was deleted.
            DiscordError: See DiscordLink.
        """
        await self._ask("GET", sent, "Read Message History")

    async def remove(self, sent: Sent) -> None:
        """Delete a message of ours; twice is harmless.

        Raises:
            MessageGone: It is gone already.
            DiscordError: See DiscordLink.
        """
        await self._ask("DELETE", sent, "View Channel")

    async def find(self, channel: ChannelId, mark: str, *, after: MessageId) -> Sent | None:
        """Look for our message with a panel's mark among those after another; None if it is not there.

        Raises:
            HistoryTooLong: It was not among the thousand messages after that one.
            Forbidden: The bot may not read the channel's history.
            DiscordError: See DiscordLink.
        """
        pages = 0
        async for page in self._history.after(channel, after):
            pages += 1
            for message in page.messages:
                if message.webhook_id is None and _mark_of(message) == mark and await self._is_ours(message):
                    return Sent(channel=channel, message=MessageId(message.id))
            if pages >= _MOST_PAGES:
                raise HistoryTooLong(f"more than {_MOST_PAGES * 100} messages to look through in {channel}")
        if pages == 0:  # a bot that may not read is shown nothing, too, but is refused a single message
            with contextlib.suppress(MessageGone):
                await self.check(Sent(channel=channel, message=after))
        return None

    async def _ask(self, method: str, sent: Sent, permission: str) -> None:
        route = Route.of(method, _MESSAGES + "/{message}", channel=sent.channel, message=sent.message)
        try:
            await self._rest.call(route)
        except Rejected as exc:
            raise meaning(exc, sent.channel, permission=permission) from exc

    async def sign(self, channel: ChannelId, *, name: str | None = None, topic: str | None = None) -> None:
        """Give a channel another name or topic, or both; Discord allows two such changes in ten minutes.

        Raises:
            DiscordUnavailable: Not now; after too many changes ``retry_after_s`` is several minutes.
            DiscordError: See DiscordLink.
        """
        changes = {"name": name, "topic": topic}
        body = {key: value for key, value in changes.items() if value is not None}
        try:
            await self._rest.call(Route.of("PATCH", "/channels/{channel}", channel=channel), body)
        except Rejected as exc:
            raise meaning(exc, channel, permission="Manage Channels") from exc


def _edit_of(sent: Sent) -> Route:
    return Route.of("PATCH", _MESSAGES + "/{message}", channel=sent.channel, message=sent.message)


def _body(panel: Panel) -> dict[str, Any]:
    """Return the JSON body; what is not in it is taken off the message."""
    picture = panel.picture
    return {
        "content": panel.content,
        "embeds": [_embed(card, picture) for card in panel.cards],
        "attachments": [] if picture is None else [{"id": "0", "filename": picture.name}],
        "allowed_mentions": _PING_NOBODY,
    }


def _files(panel: Panel) -> tuple[Upload, ...]:
    if panel.picture is None:
        return ()
    return (Upload(name=panel.picture.name, content_type="image/png", content=panel.picture.content),)


def _embed(card: Card, picture: Picture | None) -> dict[str, Any]:
    embed: dict[str, Any] = {
        "title": card.title[:TITLE_LIMIT],
        "description": card.description[:DESCRIPTION_LIMIT],
        "color": card.colour,
        "url": card.url,
        "fields": [
            {
                "name": field.name[:FIELD_NAME_LIMIT],
                "value": field.value[:FIELD_LIMIT],
                "inline": field.inline,
            }
            for field in card.fields[:MOST_FIELDS]
        ],
        "footer": {"text": card.footer[:FOOTER_LIMIT]} if card.footer else None,
        "timestamp": None if card.at is None else card.at.isoformat(),
        "image": {"url": f"attachment://{picture.name}"} if picture is not None and card.pictured else None,
    }
    return {key: value for key, value in embed.items() if value not in (None, "", [])}


def _mark_of(message: MessagePayload) -> str:
    return _mark(message.content, [(each.title or "", each.description or "") for each in message.embeds])


def _mark(content: str, cards: list[tuple[str, str]]) -> str:
    """Return a digest of what Discord gives back as it was sent, without the blanks that it trims."""
    texts = [content, *(text for card in cards for text in card)]
    folded = "\0".join(" ".join(text.split()) for text in texts)
    return blake2b(folded.encode(errors="replace"), digest_size=16).hexdigest()
