"""Sends, edits, deletes and finds our messages; each method makes one attempt and says how it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bridge.config.settings import AllowedMention
from bridge.discord.errors import Forbidden, HistoryTooLong
from bridge.discord.history import History, Page
from bridge.discord.limits import Route
from bridge.discord.meaning import meaning
from bridge.discord.posts import NONCE_LIMIT, Expected, MessageId, Post, Sent, match_posts, post_body
from bridge.discord.rest import Rejected, Rest
from bridge.discord.webhooks import Hook, Webhooks
from bridge.discord.wire import MessagePayload, read
from bridge.events import ChannelId

_MOST_PAGES: Final = 10  # of a hundred messages, when looking for our own
_MESSAGES: Final = "/channels/{channel}/messages"
_EXECUTE: Final = "/webhooks/{webhook}/{token}"


class Poster:
    """Everything the bridge writes to Discord goes through here."""

    def __init__(
        self,
        rest: Rest,
        webhooks: Webhooks,
        history: History,
        *,
        allowed: frozenset[AllowedMention],
        is_ours: Callable[[MessagePayload], Awaitable[bool]],
    ) -> None:
        self._rest, self._webhooks, self._history = rest, webhooks, history
        self._is_ours = is_ours
        self.allowed = allowed

    async def send(self, post: Post, channel: ChannelId, *, nonce: str) -> Sent:
        """Post as the bot; see :meth:`DiscordLink.send`."""
        if not 0 < len(nonce) <= NONCE_LIMIT:
            raise ValueError(f"a nonce has 1 to {NONCE_LIMIT} characters, not {len(nonce)}")
        body = {**post_body(post, self.allowed), "nonce": nonce, "enforce_nonce": True}
        try:
            reply = await self._rest.call(Route.of("POST", _MESSAGES, channel=channel), body)
        except Rejected as exc:
            raise meaning(exc, channel, permission="Send Messages") from exc
        return Sent(channel=channel, message=MessageId(read(reply.body, MessagePayload).id))

    async def send_as(self, post: Post, channel: ChannelId, *, name: str, avatar_url: str | None) -> Sent:
        """Post through our webhook; see :meth:`DiscordLink.send_as`."""
        body = post_body(post, self.allowed)
        reply = await self._webhooks.execute(channel, body, name=name, avatar_url=avatar_url)
        message = read(reply.body, MessagePayload)
        return Sent(channel=channel, message=MessageId(message.id), webhook=message.webhook_id)

    async def turn(self, channel: ChannelId) -> None:
        """Wait until a post would go out at once; see :meth:`DiscordLink.turn`."""
        hook = self._webhooks.known(channel)
        route = hook.route("POST") if hook is not None else Route.of("POST", _MESSAGES, channel=channel)
        await self._rest.limiter.wait(route)

    async def find(
        self, channel: ChannelId, posts: Sequence[Expected], after: MessageId | None
    ) -> tuple[Sent | None, ...]:
        """Look which posts have arrived; see :meth:`DiscordLink.find_sent`."""
        pages = await self._pages(channel, after)
        if not any(page.ids for page in pages) and await self._history.newest(channel) is None:
            # What a bot that may not read is shown; a channel that is empty looks the same.
            raise Forbidden(
                f"channel {channel} looks empty to the bot; allow it 'Read Message History' "
                "(channel settings → Permissions → the bot's role)",
                permission="Read Message History",
            )
        ours = [message for page in pages for message in page.messages if await self._is_ours(message)]
        found = match_posts(posts, ours)
        if None in found and len(pages) >= _MOST_PAGES:
            raise HistoryTooLong(f"more than {_MOST_PAGES * 100} messages to look through in {channel}")
        return found

    async def edit(self, sent: Sent, post: Post) -> None:
        """Replace the content of a message of ours; see :meth:`DiscordLink.edit`."""
        await self._change("PATCH", sent, post_body(post, self.allowed), permission="Send Messages")

    async def delete(self, sent: Sent) -> None:
        """Delete a message; see :meth:`DiscordLink.delete`."""
        await self._change("DELETE", sent, None, permission="Manage Messages")

    async def _pages(self, channel: ChannelId, after: MessageId | None) -> list[Page]:
        if after is None:
            return [await self._history.newest_page(channel)]
        pages: list[Page] = []
        async for page in self._history.after(channel, after):
            pages.append(page)
            if len(pages) >= _MOST_PAGES:
                break
        return pages

    async def _change(self, method: str, sent: Sent, body: object, *, permission: str) -> None:
        hook = await self._hook_of(sent)
        try:
            if hook is not None:
                route = hook.route(method, "/messages/{message}", message=sent.message)
                await self._rest.call(route, body, query=hook.query, as_bot=False)
                return
            route = Route.of(method, _MESSAGES + "/{message}", channel=sent.channel, message=sent.message)
            await self._rest.call(route, body)
        except Rejected as exc:
            raise meaning(exc, sent.channel, permission=permission) from exc

    async def _hook_of(self, sent: Sent) -> Hook | None:
        """Return the webhook that posted a message; None if it was the bot, or the webhook is gone."""
        if sent.webhook is None:
            return None
        hook = self._webhooks.known(sent.channel)
        if hook is None and self._webhooks.usable(sent.channel):
            hook = await self._webhooks.find(sent.channel)
        return hook if hook is not None and hook.id == sent.webhook else None
