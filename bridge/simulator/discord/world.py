"""The guild: its channels, roles, members, webhooks and messages, and every way in which they change."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from bridge.simulator.discord.changes import (
    ChannelChanged,
    ChannelCreated,
    ChannelDeleted,
    Hub,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MessageCreated,
    MessageEdited,
    MessagesDeleted,
    RoleCreated,
    WebhooksChanged,
)
from bridge.simulator.discord.clock import Clock, Snowflake, Snowflakes
from bridge.simulator.discord.errors import missing_access, missing_permissions, unknown
from bridge.simulator.discord.messages import MessageLog
from bridge.simulator.discord.values import (
    BOT_PERMISSIONS,
    EVERY_PERMISSION,
    MEMBER_PERMISSIONS,
    Attachment,
    Channel,
    Member,
    Message,
    Permission,
    Role,
    Webhook,
)

_KEPT_FILES: Final = 64  # attachments whose bytes can still be fetched


class World:
    """Everything the pretend Discord knows; each change is published to *hub*."""

    def __init__(
        self,
        *,
        clock: Clock,
        guild: Snowflake | None,
        guild_name: str,
        bot: Snowflake | None,
        bot_name: str,
        keep_messages: int | None,
    ) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.hub = Hub()
        self.guild = guild or self.ids.next()
        self.guild_name = guild_name
        self.bot = bot or self.ids.next()  # one id for the account and the application, as Discord does now
        self.bot_name = bot_name
        self.base_url = ""  # where pictures and files are served, once the server has its port
        self.roles: dict[Snowflake, Role] = {}
        self.members: dict[Snowflake, Member] = {}
        self.gone: dict[Snowflake, Member] = {}  # accounts that left the guild
        self.channels: dict[Snowflake, Channel] = {}
        self.webhooks: dict[Snowflake, Webhook] = {}
        self.files: dict[Snowflake, tuple[Attachment, bytes]] = {}
        self._logs: dict[Snowflake, MessageLog] = {}
        self._keep_messages = keep_messages
        self._found_guild()

    def _found_guild(self) -> None:
        self.add_role(Role(id=self.guild, name="@everyone", permissions=MEMBER_PERMISSIONS))
        role = self.add_role(
            Role(
                id=self.ids.next(), name=self.bot_name, permissions=BOT_PERMISSIONS, position=1, managed=True
            )
        )
        now = self.clock.now()
        self.owner = Member(id=self.ids.next(), username="owner", display="Owner", joined_at=now)
        self.members[self.owner.id] = self.owner
        self.members[self.bot] = Member(
            id=self.bot, username=self.bot_name, bot=True, roles=(role.id,), joined_at=now
        )
        self._bot_role = role.id

    # -- looking things up

    def channel(self, channel: Snowflake) -> Channel:
        """Return a channel.

        Raises:
            ApiError: 10003, there is none.
        """
        if (found := self.channels.get(channel)) is None:
            raise unknown(10003)
        return found

    def open_channel(self, channel: Snowflake, *needed: Permission) -> Channel:
        """Return a channel in which the bot has all *needed* permissions.

        Raises:
            ApiError: 10003 there is none; 50001 the bot cannot see it; 50013 a permission is missing.
        """
        found = self.channel(channel)
        granted = self.bot_permissions(found)
        if Permission.VIEW_CHANNEL not in granted:
            raise missing_access()
        if any(permission not in granted for permission in needed):
            raise missing_permissions()
        return found

    def message(self, channel: Snowflake, message: Snowflake) -> Message:
        """Return a message.

        Raises:
            ApiError: 10008, there is none.
        """
        if (found := self.log(channel).get(message)) is None:
            raise unknown(10008)
        return found

    def log(self, channel: Snowflake) -> MessageLog:
        """Return the messages of a channel."""
        return self._logs.setdefault(channel, MessageLog(self._keep_messages))

    def role_permissions(self, member: Member) -> Permission:
        """Return what a member's roles allow in the whole guild."""
        granted = Permission(0)
        for role in (self.guild, *member.roles):
            granted |= self.roles[role].permissions
        if member.id == self.owner.id or Permission.ADMINISTRATOR in granted:
            return EVERY_PERMISSION
        return granted

    def bot_permissions(self, channel: Channel | None = None) -> Permission:
        """Return what the bot may do, in a channel or in the guild."""
        granted = self.role_permissions(self.members[self.bot])
        if channel is None or Permission.ADMINISTRATOR in granted:
            return granted
        rules = self.channels.get(channel.parent, channel) if channel.parent else channel
        return (granted & ~rules.denied & ~channel.denied) | rules.allowed | channel.allowed

    # -- changing things

    def add_role(self, role: Role) -> Role:
        """Add a role."""
        self.roles[role.id] = role
        self.hub.publish(RoleCreated(role))
        return role

    def grant_bot(self, permissions: Permission) -> None:
        """Set what the bot's own role allows."""
        self.roles[self._bot_role] = msgspec.structs.replace(
            self.roles[self._bot_role], permissions=permissions
        )

    def serve_at(self, base_url: str) -> None:
        """Set where pictures and files are served, and give every member a picture there."""
        self.base_url = base_url
        self.members = {member.id: self._pictured(member) for member in self.members.values()}

    def _pictured(self, member: Member) -> Member:
        own = f"avatars/{member.id}/{member.avatar}" if member.avatar else f"embed/avatars/{member.id}"
        return msgspec.structs.replace(member, avatar_url=f"{self.base_url}/{own}.png")

    def add_member(self, member: Member) -> Member:
        """Let somebody join."""
        member = self._pictured(member)
        self.members[member.id] = member
        self.gone.pop(member.id, None)
        self.hub.publish(MemberJoined(member))
        return member

    def change_member(self, member: Member, **changes: Any) -> Member:  # noqa: ANN401 - fields of any type
        """Replace fields of a member."""
        changed = msgspec.structs.replace(self.members[member.id], **changes)
        self.members[member.id] = changed
        self.hub.publish(MemberChanged(changed))
        return changed

    def remove_member(self, member: Member) -> None:
        """Let somebody leave."""
        left = self.gone[member.id] = self.members.pop(member.id)
        self.hub.publish(MemberLeft(left))

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel or thread."""
        self.channels[channel.id] = channel
        self.hub.publish(ChannelCreated(channel))
        return channel

    def change_channel(self, channel: Channel, **changes: Any) -> Channel:  # noqa: ANN401 - fields of any type
        """Replace fields of a channel."""
        changed = msgspec.structs.replace(self.channels[channel.id], **changes)
        self.channels[channel.id] = changed
        self.hub.publish(ChannelChanged(changed))
        return changed

    def remove_channel(self, channel: Channel) -> None:
        """Remove a channel with its webhooks and messages."""
        removed = self.channels.pop(channel.id)
        self._logs.pop(channel.id, None)
        for webhook in [one for one in self.webhooks.values() if one.channel == channel.id]:
            del self.webhooks[webhook.id]
        self.hub.publish(ChannelDeleted(removed))

    def add_webhook(self, channel: Snowflake, name: str, *, application: Snowflake | None) -> Webhook:
        """Make a webhook in a channel."""
        webhook = Webhook(
            id=self.ids.next(),
            token=secrets.token_urlsafe(48),
            channel=channel,
            name=name,
            application=application,
        )
        self.webhooks[webhook.id] = webhook
        self.hub.publish(WebhooksChanged(channel))
        return webhook

    def change_webhook(self, webhook: Webhook, **changes: Any) -> Webhook:  # noqa: ANN401 - fields of any type
        """Replace fields of a webhook."""
        changed = msgspec.structs.replace(webhook, **changes)
        self.webhooks[webhook.id] = changed
        self.hub.publish(WebhooksChanged(changed.channel))
        return changed

    def remove_webhook(self, webhook: Webhook) -> None:
        """Remove a webhook; its messages stay."""
        del self.webhooks[webhook.id]
        self.hub.publish(WebhooksChanged(webhook.channel))

    def add_message(self, message: Message) -> Message:
        """Add a message to its channel; ephemeral ones are only published."""
        if not message.ephemeral:
            self.log(message.channel).add(message)
        self.hub.publish(MessageCreated(message))
        return message

    def change_message(self, message: Message) -> Message:
        """Put an edited message in the place of the one with its id."""
        if not message.ephemeral:
            self.log(message.channel).replace(message)
        self.hub.publish(MessageEdited(message))
        return message

    def remove_messages(
        self, channel: Snowflake, messages: Iterable[Snowflake], *, bulk: bool = False
    ) -> None:
        """Remove messages; those that do not exist are passed over."""
        log = self.log(channel)
        removed = tuple(found for one in messages if (found := log.remove(one)) is not None)
        if removed:
            self.hub.publish(MessagesDeleted(channel, removed, bulk))

    def add_file(self, channel: Snowflake, filename: str, content_type: str, data: bytes) -> Attachment:
        """Keep an uploaded file for a while and return it as an attachment."""
        number = self.ids.next()
        attachment = Attachment(
            id=number,
            filename=filename,
            content_type=content_type,
            size_bytes=len(data),
            url=f"{self.base_url}/attachments/{channel}/{number}/{filename}",
        )
        self.files[number] = (attachment, data)
        if len(self.files) > _KEPT_FILES:
            del self.files[next(iter(self.files))]
        return attachment
