"""Our own webhook in each channel: found, made, used and made again when somebody deletes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from bridge.discord.errors import DiscordError, DiscordUnavailable, NameRefused, WebhooksForbidden
from bridge.discord.limits import Route
from bridge.discord.meaning import meaning
from bridge.discord.rest import Rejected, Reply, Rest
from bridge.discord.wire import ChannelPayload, WebhookPayload, read
from bridge.events import ChannelId

log = structlog.get_logger(__name__)

NAME: Final = "Passerelle"
NAME_LIMIT: Final = 80  # characters of a webhook's name
_ASK_AGAIN_S: Final = 60.0  # how long a missing permission is believed
THREADS: Final = frozenset({10, 11, 12})
_INCOMING: Final = 1
_UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN, _TOO_MANY_WEBHOOKS = 10015, 50027, 30007


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that we may use; in a thread it is its parent's."""

    id: str
    token: str = field(repr=False)
    thread: ChannelId | None = None

    @property
    def query(self) -> dict[str, str]:
        """What an address needs beside the webhook to reach a thread."""
        return {} if self.thread is None else {"thread_id": self.thread}

    def route(self, method: str, template: str = "", **ids: str) -> Route:
        """Return an address below the webhook's own."""
        return Route.of(
            method, "/webhooks/{webhook}/{token}" + template, webhook=self.id, token=self.token, **ids
        )


class Webhooks:
    """Finds or makes our webhook in a channel and posts through it."""

    def __init__(
        self,
        rest: Rest,
        application: Callable[[], Awaitable[str]],
        *,
        enabled: bool = True,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest, self._application = rest, application
        self._now = now
        self.enabled = enabled
        self._hooks: dict[ChannelId, Hook] = {}
        self._barred: dict[ChannelId, tuple[float, WebhooksForbidden]] = {}
        self._finding: dict[ChannelId, asyncio.Lock] = {}
        self.own: set[str] = set()  # ids of every webhook of ours that we have seen

    def usable(self, channel: ChannelId) -> bool:
        """Tell whether posts under another name are possible here, as far as is known."""
        if not self.enabled:
            return False
        until, _ = self._barred.get(channel, (0.0, None))
        return self._now() >= until

    def known(self, channel: ChannelId) -> Hook | None:
        """Return the channel's webhook if it has been found already."""
        return self._hooks.get(channel)

    def look_again(self) -> None:
        """Believe no longer that a permission is missing."""
        self._barred.clear()

    async def find(self, channel: ChannelId) -> Hook:
        """Return our webhook in the channel, made if it is not there yet.

        Raises:
            WebhooksForbidden: Switched off, no permission, or the channel has no room for another.
            DiscordError: As for every request.
        """
        if not self.enabled:
            raise WebhooksForbidden(
                "webhooks are switched off (discord.webhooks)", permission="Manage Webhooks"
            )
        async with self._finding.setdefault(channel, asyncio.Lock()):
            hook = self._hooks.get(channel)
            if hook is None:
                self._raise_if_barred(channel)
                hook = self._hooks[channel] = await self._look_or_make(channel)
                self.own.add(hook.id)
            return hook

    async def execute(
        self, channel: ChannelId, body: dict[str, Any], *, name: str, avatar_url: str | None
    ) -> Reply:
        """Post once under *name*; a webhook that somebody deleted is made again first.

        Raises:
            NameRefused: Discord does not take the name.
            DiscordError: As for :meth:`find` and every request.
        """
        if not 0 < len(name.strip()) <= NAME_LIMIT:
            raise NameRefused(f"a webhook's name has 1 to {NAME_LIMIT} characters", reason="length")
        body = {**body, "username": name}
        if avatar_url is not None and avatar_url.startswith(("http://", "https://")):
            body["avatar_url"] = avatar_url
        try:
            return await self._execute(channel, body)
        except Rejected as exc:
            if not self._mended(channel, body, exc):
                raise meaning(exc, channel, permission="Manage Webhooks") from exc
        try:  # safe: the first attempt was refused, so nothing was posted
            return await self._execute(channel, body)
        except Rejected as exc:
            raise meaning(exc, channel, permission="Manage Webhooks") from exc

    def _mended(self, channel: ChannelId, body: dict[str, Any], exc: Rejected) -> bool:
        """Tell whether another attempt makes sense: with a new webhook, or without the picture."""
        if exc.code in {_UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN}:
            log.warning("our webhook is gone; making a new one", channel=channel)
            self._hooks.pop(channel, None)
            return True
        if "avatar_url" in exc.fields and "username" not in exc.fields:
            log.warning("discord refuses the picture's address", url=body.pop("avatar_url", None))
            return True
        return False

    async def _execute(self, channel: ChannelId, body: dict[str, Any]) -> Reply:
        hook = await self.find(channel)
        query = {"wait": "true", **hook.query}
        return await self._rest.call(hook.route("POST"), body, query=query, as_bot=False)

    def _raise_if_barred(self, channel: ChannelId) -> None:
        until, error = self._barred.get(channel, (0.0, None))
        if error is not None and self._now() < until:
            raise error

    async def _look_or_make(self, channel: ChannelId) -> Hook:
        home, thread = channel, None
        try:
            place = await self._channel(channel)
            if place.type in THREADS and place.parent_id is not None:
                home, thread = ChannelId(place.parent_id), channel
            found = await self._ours(home)
            webhook = found if found is not None else await self._make(home)
        except Rejected as exc:
            raise self._bar(channel, exc) from exc
        except DiscordUnavailable as exc:  # whatever became of this request, nothing has been posted
            raise DiscordUnavailable(str(exc), retry_after_s=exc.retry_after_s) from exc
        if webhook.token is None:
            raise self._bar(channel, None)
        return Hook(webhook.id, webhook.token, thread)

    async def _channel(self, channel: ChannelId) -> ChannelPayload:
        reply = await self._rest.call(Route.of("GET", "/channels/{channel}", channel=channel))
        return read(reply.body, ChannelPayload)

    async def _ours(self, home: ChannelId) -> WebhookPayload | None:
        application = await self._application()
        reply = await self._rest.call(Route.of("GET", "/channels/{channel}/webhooks", channel=home))
        ours = [w for w in read(reply.body, list[WebhookPayload]) if w.application_id == application]
        self.own.update(webhook.id for webhook in ours)
        usable = (w for w in ours if w.type == _INCOMING and w.token and w.name == NAME)
        return next(usable, None)

    async def _make(self, home: ChannelId) -> WebhookPayload:
        route = Route.of("POST", "/channels/{channel}/webhooks", channel=home)
        made = read((await self._rest.call(route, {"name": NAME})).body, WebhookPayload)
        log.info("made a webhook", channel=home)
        return made

    def _bar(self, channel: ChannelId, exc: Rejected | None) -> DiscordError:
        """Return what a failure to find or make the webhook means; one that lasts is remembered a while."""
        if exc is not None and exc.status != 403 and exc.code != _TOO_MANY_WEBHOOKS:
            return meaning(exc, channel, permission="Manage Webhooks")
        if exc is not None and exc.code == _TOO_MANY_WEBHOOKS:
            why = (
                f"channel {channel} has no room for another webhook; "
                "delete one (channel settings → Integrations)"
            )
        else:
            why = (
                f"the bot may not use webhooks in channel {channel}; allow it 'Manage Webhooks' "
                "(channel settings → Permissions → the bot's role)"
            )
        error = WebhooksForbidden(why, permission="Manage Webhooks")
        log.warning("no webhook here; posting as the bot", channel=channel, why=why)
        self._barred[channel] = (self._now() + _ASK_AGAIN_S, error)
        return error
