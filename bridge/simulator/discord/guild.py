"""The guild in the hands of a test or demo: building it, letting its members act, looking at it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bridge.simulator.discord.changes import TypingStarted
from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.compose import author_of, post, revise, webhook_author
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.forms import MessageForm, Upload
from bridge.simulator.discord.values import (
    BOT_PERMISSIONS,
    Channel,
    ChannelKind,
    JsonObject,
    Member,
    Message,
    Permission,
    Role,
    Sticker,
    Webhook,
)


class SimGuild:
    """Everything about the guild that needs no socket."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.world = core.world

    # -- building it

    def add_channel(
        self,
        name: str,
        id: str | None = None,  # noqa: A002 - the word everybody uses for it
        *,
        kind: ChannelKind = ChannelKind.TEXT,
        topic: str | None = None,
        parent: Channel | None = None,
    ) -> Channel:
        """Add a channel, or with *parent* a thread below it or a channel in a category."""
        return self.world.add_channel(
            Channel(
                id=self.world.ids.next() if id is None else Snowflake(id),
                name=name,
                kind=kind,
                topic=topic,
                parent=None if parent is None else parent.id,
                position=len(self.world.channels),
            )
        )

    def add_role(
        self, name: str, *, colour: int = 0, permissions: Permission | None = None, mentionable: bool = False
    ) -> Role:
        """Add a role; *colour* is 0xRRGGBB."""
        return self.world.add_role(
            Role(
                id=self.world.ids.next(),
                name=name,
                colour=colour,
                permissions=permissions or Permission(0),
                position=len(self.world.roles),
                mentionable=mentionable,
            )
        )

    def add_member(
        self,
        name: str,
        id: str | None = None,  # noqa: A002 - the word everybody uses for it
        *,
        roles: Sequence[Role] = (),
        nick: str | None = None,
        avatar: str | None = None,
        bot: bool = False,
    ) -> Member:
        """Add a member called *name*; *avatar* is the hash in the address of their picture."""
        return self.world.add_member(
            Member(
                id=self.world.ids.next() if id is None else Snowflake(id),
                username=name.lower().replace(" ", "_"),
                display=name,
                nick=nick,
                avatar=avatar,
                bot=bot,
                roles=tuple(role.id for role in roles),
                joined_at=self.world.clock.now(),
            )
        )

    def deny(self, channel: Channel, permissions: Permission) -> None:
        """Take permissions from the bot in one channel."""
        now = self.world.channel(channel.id)
        self.world.change_channel(now, denied=now.denied | permissions, allowed=now.allowed & ~permissions)

    def allow(self, channel: Channel, permissions: Permission) -> None:
        """Give permissions to the bot in one channel."""
        now = self.world.channel(channel.id)
        self.world.change_channel(now, denied=now.denied & ~permissions, allowed=now.allowed | permissions)

    def grant(self, permissions: Permission = BOT_PERMISSIONS) -> None:
        """Set what the bot's own role allows in the guild."""
        self.world.grant_bot(permissions)

    def webhooks(self, channel: Channel) -> list[Webhook]:
        """Return the webhooks of a channel."""
        return [one for one in self.world.webhooks.values() if one.channel == channel.id]

    def add_webhook(self, channel: Channel, name: str) -> Webhook:
        """Make a webhook by hand, as a moderator would."""
        return self.world.add_webhook(channel.id, name, application=None)

    def remove_webhook(self, webhook: Webhook) -> None:
        """Remove a webhook behind the bot's back."""
        self.world.remove_webhook(webhook)

    # -- what members do

    async def say(
        self,
        channel: Channel,
        member: Member,
        content: str = "",
        *,
        reply_to: Message | None = None,
        attachments: Sequence[Upload] = (),
        stickers: Sequence[str] = (),
        embeds: Sequence[JsonObject] = (),
        poll: JsonObject | None = None,
        forwarded: JsonObject | None = None,
    ) -> Message:
        """Let a member write; *stickers* are names, *poll* is as bots create it, *forwarded* a snapshot."""
        form = MessageForm(
            given=frozenset(),
            content=content.strip(),
            embeds=tuple(embeds),
            poll=poll,
            reply_to=None if reply_to is None else reply_to.id,
        )
        worn = tuple(Sticker(id=self.world.ids.next(), name=name) for name in stickers)
        author = author_of(self.world.members[member.id])
        channel = self.world.channel(channel.id)
        return post(
            self.core, channel, form, list(attachments), author=author, stickers=worn, forwarded=forwarded
        )

    async def say_by_webhook(
        self, webhook: Webhook, content: str, *, username: str | None = None, avatar_url: str | None = None
    ) -> Message:
        """Let somebody else's program write through a webhook."""
        form = MessageForm(given=frozenset(), content=content, username=username, avatar_url=avatar_url)
        channel = self.world.channel(webhook.channel)
        author = webhook_author(webhook, form)
        return post(self.core, channel, form, [], author=author, webhook=webhook)

    async def edit(self, message: Message, content: str) -> Message:
        """Let the author change the text of a message."""
        now = self.world.message(message.channel, message.id)
        return revise(self.core, now, MessageForm(given=frozenset({"content"}), content=content), [])

    async def unfurl(self, message: Message, *embeds: JsonObject) -> Message:
        """Let Discord add previews of links: an update without an edit time, though nobody edited."""
        now = self.world.message(message.channel, message.id)
        return self.world.change_message(msgspec.structs.replace(now, embeds=embeds))

    async def delete(self, *messages: Message) -> None:
        """Remove messages of one channel; several at once make a bulk removal."""
        chosen = [message.id for message in messages]
        self.world.remove_messages(messages[0].channel, chosen, bulk=len(chosen) > 1)

    async def start_typing(self, channel: Channel, member: Member) -> None:
        """Let a member begin to type."""
        self.world.hub.publish(TypingStarted(channel.id, member.id))

    # -- looking at it

    def messages(self, channel: Channel) -> list[Message]:
        """Return the messages of a channel as they are now, oldest first."""
        return self.world.log(channel.id).all()

    def created(self, channel: Channel) -> int:
        """Return how many messages a channel ever got, removed and forgotten ones too."""
        return self.world.log(channel.id).created
