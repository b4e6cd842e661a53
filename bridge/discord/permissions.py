"""What the bot may do in a channel, after Discord's rules for roles and overwrites."""

from __future__ import annotations

from enum import IntFlag

from bridge.discord.wire import ChannelPayload, GuildPayload, MemberPayload, OverwritePayload


class Permission(IntFlag):
    """The permissions that the bridge needs, numbered as on the wire."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MANAGE_WEBHOOKS = 1 << 29
    SEND_MESSAGES_IN_THREADS = 1 << 38


NEEDED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MANAGE_WEBHOOKS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What an invitation asks for."""


def permissions_in(channel: ChannelPayload, guild: GuildPayload, member: MemberPayload, user: str) -> int:
    """Return the permissions of a member in a channel as bits."""
    roles = {guild.id, *member.roles}  # the role @everyone has the guild's id
    granted = 0
    for role in guild.roles:
        if role.id in roles:
            granted |= int(role.permissions)
    if user == guild.owner_id or granted & Permission.ADMINISTRATOR:
        return ~0
    overwrites = {overwrite.id: overwrite for overwrite in channel.permission_overwrites}
    granted = _apply(granted, [overwrites[guild.id]] if guild.id in overwrites else [])
    granted = _apply(granted, [overwrites[role] for role in member.roles if role in overwrites])
    return _apply(granted, [overwrites[user]] if user in overwrites else [])


def _apply(granted: int, overwrites: list[OverwritePayload]) -> int:
    denied = allowed = 0
    for overwrite in overwrites:
        denied |= int(overwrite.deny)
        allowed |= int(overwrite.allow)
    return (granted & ~denied) | allowed
