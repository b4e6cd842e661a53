"""Which gateway events a change causes, and which intents a session needs to be told."""

from __future__ import annotations

import msgspec

from bridge.simulator.discord.changes import (
    Change,
    ChannelChanged,
    ChannelCreated,
    ChannelDeleted,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MessageCreated,
    MessageEdited,
    MessagesDeleted,
    RoleCreated,
    TypingStarted,
    WebhooksChanged,
)
from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.payloads import (
    channel_payload,
    member_payload,
    message_payload,
    role_payload,
    user_payload,
)
from bridge.simulator.discord.values import (
    AuthorKind,
    ChannelKind,
    Intent,
    JsonObject,
    Member,
    Message,
    Permission,
)
from bridge.simulator.discord.world import World


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """One event; *channel* is where it happened, *without_content* what sessions without that intent get."""

    name: str
    intent: Intent
    data: JsonObject
    channel: Snowflake | None = None
    without_content: JsonObject | None = None

    def for_session(self, world: World, intents: Intent) -> JsonObject | None:
        """Return what a session with these intents is told; None for nothing."""
        if self.intent not in intents:
            return None
        channel = None if self.channel is None else world.channels.get(self.channel)
        if channel is not None and Permission.VIEW_CHANNEL not in world.bot_permissions(channel):
            return None
        if self.without_content is not None and Intent.MESSAGE_CONTENT not in intents:
            return self.without_content
        return self.data


def dispatch_of(world: World, change: Change) -> Dispatch | None:
    """Return the event that a change causes; None for what Discord does not tell a bot."""
    found: Dispatch | None = None
    match change:
        case MessageCreated(message) if not message.ephemeral:
            found = _message(world, "MESSAGE_CREATE", message)
        case MessageEdited(message) if not message.ephemeral:
            found = _message(world, "MESSAGE_UPDATE", message)
        case MessagesDeleted() if not change.messages[0].ephemeral:
            found = _removed(world, change)
        case TypingStarted(channel, member):
            found = _typing(world, channel, member)
        case ChannelCreated() | ChannelChanged() | ChannelDeleted():
            found = _channel(world, change)
        case WebhooksChanged(channel):
            found = _webhooks(world, channel)
        case MemberJoined() | MemberChanged() | MemberLeft():
            found = _member(world, change)
        case RoleCreated(role):
            data: JsonObject = {"guild_id": world.guild, "role": role_payload(role)}
            found = Dispatch(name="GUILD_ROLE_CREATE", intent=Intent.GUILDS, data=data)
    return found


def _webhooks(world: World, channel: Snowflake) -> Dispatch:
    data: JsonObject = {"guild_id": world.guild, "channel_id": channel}
    return Dispatch(name="WEBHOOKS_UPDATE", intent=Intent.GUILD_WEBHOOKS, data=data, channel=channel)


def _message(world: World, name: str, message: Message) -> Dispatch:
    extra: JsonObject = {"guild_id": world.guild}
    writer = world.members.get(message.author.id)
    if writer is not None and message.author.kind is not AuthorKind.WEBHOOK:
        extra["member"] = member_payload(writer, with_user=False)
    own = world.bot in {message.author.id, message.application} or world.bot in message.pinged.users
    bare = None if own else message_payload(world, message, with_content=False) | extra
    return Dispatch(
        name=name,
        intent=Intent.GUILD_MESSAGES,
        data=message_payload(world, message) | extra,
        channel=message.channel,
        without_content=bare,
    )


def _removed(world: World, change: MessagesDeleted) -> Dispatch:
    data: JsonObject = {"channel_id": change.channel, "guild_id": world.guild}
    ids = [message.id for message in change.messages]
    return Dispatch(
        name="MESSAGE_DELETE_BULK" if change.bulk else "MESSAGE_DELETE",
        intent=Intent.GUILD_MESSAGES,
        data=data | ({"ids": ids} if change.bulk else {"id": ids[0]}),
        channel=change.channel,
    )


def _typing(world: World, channel: Snowflake, member: Snowflake) -> Dispatch:
    data: JsonObject = {
        "channel_id": channel,
        "guild_id": world.guild,
        "user_id": member,
        "timestamp": int(world.clock.wall()),
        "member": member_payload(world.members[member]),
    }
    return Dispatch(name="TYPING_START", intent=Intent.GUILD_MESSAGE_TYPING, data=data, channel=channel)


def _channel(world: World, change: ChannelCreated | ChannelChanged | ChannelDeleted) -> Dispatch:
    subject = "THREAD" if change.channel.kind is ChannelKind.THREAD else "CHANNEL"
    verb = {ChannelCreated: "CREATE", ChannelChanged: "UPDATE", ChannelDeleted: "DELETE"}[type(change)]
    return Dispatch(
        name=f"{subject}_{verb}", intent=Intent.GUILDS, data=channel_payload(world, change.channel)
    )


def _member(world: World, change: MemberJoined | MemberChanged | MemberLeft) -> Dispatch:
    member: Member = change.member
    data: JsonObject = {"guild_id": world.guild}
    if isinstance(change, MemberLeft):
        name, data = "GUILD_MEMBER_REMOVE", data | {"user": user_payload(member)}
    else:
        name = "GUILD_MEMBER_ADD" if isinstance(change, MemberJoined) else "GUILD_MEMBER_UPDATE"
        data |= member_payload(member)
    return Dispatch(name=name, intent=Intent.GUILD_MEMBERS, data=data)
