"""The guild's values as the JSON objects that Discord sends."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.values import (
    Attachment,
    AuthorKind,
    Channel,
    ChannelKind,
    Intent,
    JsonObject,
    Member,
    Message,
    Permission,
    Role,
    Sticker,
    Webhook,
)
from bridge.simulator.discord.world import World

_APPLICATION_FLAGS: Final = {  # what the developer portal shows for a bot in fewer than 100 guilds
    Intent.GUILD_PRESENCES: 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 19,
}


def timestamp(moment: datetime | None) -> str | None:
    """Return a time in Discord's ISO 8601 form."""
    return None if moment is None else moment.isoformat()


def user_payload(member: Member) -> JsonObject:
    """Return the account behind a member."""
    return {
        "id": member.id,
        "username": member.username,
        "discriminator": "0000" if member.bot else "0",
        "global_name": member.display,
        "avatar": member.avatar,
        "bot": member.bot,
        "public_flags": 0,
    }


def member_payload(member: Member, *, with_user: bool = True) -> JsonObject:
    """Return a member of the guild."""
    payload: JsonObject = {
        "nick": member.nick,
        "avatar": None,
        "roles": list(member.roles),
        "joined_at": timestamp(member.joined_at),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        payload["user"] = user_payload(member)
    return payload


def role_payload(role: Role) -> JsonObject:
    """Return a role."""
    return {
        "id": role.id,
        "name": role.name,
        "color": role.colour,
        "colors": {"primary_color": role.colour, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "icon": None,
        "unicode_emoji": None,
        "position": role.position,
        "permissions": str(int(role.permissions)),
        "managed": role.managed,
        "mentionable": role.mentionable,
        "flags": 0,
    }


def channel_payload(world: World, channel: Channel) -> JsonObject:
    """Return a channel or thread."""
    newest = world.log(channel.id).before(None, 1)
    payload: JsonObject = {
        "id": channel.id,
        "type": int(channel.kind),
        "guild_id": world.guild,
        "name": channel.name,
        "position": channel.position,
        "parent_id": channel.parent,
        "topic": channel.topic,
        "nsfw": False,
        "rate_limit_per_user": channel.slowmode_s,
        "last_message_id": newest[0].id if newest else None,
        "permission_overwrites": _overwrites(world, channel),
        "flags": 0,
    }
    if channel.kind is ChannelKind.VOICE:
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.kind is ChannelKind.FORUM:
        payload |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
    if channel.kind is ChannelKind.THREAD:
        payload |= _thread_part(world, channel)
    return payload


def _overwrites(world: World, channel: Channel) -> list[JsonObject]:
    if not channel.denied and not channel.allowed:
        return []
    return [
        {
            "id": world.bot,
            "type": 1,
            "allow": str(int(channel.allowed)),
            "deny": str(int(channel.denied)),
        }
    ]


def _thread_part(world: World, channel: Channel) -> JsonObject:
    return {
        "owner_id": world.owner.id,
        "message_count": world.log(channel.id).created,
        "total_message_sent": world.log(channel.id).created,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 10_080,
            "archive_timestamp": timestamp(world.clock.now()),
            "locked": False,
        },
    }


def webhook_payload(world: World, webhook: Webhook, *, with_token: bool = True) -> JsonObject:
    """Return a webhook; Discord shows the token to the application that made it."""
    payload: JsonObject = {
        "id": webhook.id,
        "type": 1,
        "guild_id": world.guild,
        "channel_id": webhook.channel,
        "name": webhook.name,
        "avatar": webhook.avatar,
        "application_id": webhook.application,
    }
    if with_token:
        payload["token"] = webhook.token
    maker = world.bot if webhook.application else world.owner.id
    return payload | {"user": user_payload(world.members[maker])}


def attachment_payload(attachment: Attachment) -> JsonObject:
    """Return a file below a message."""
    payload: JsonObject = {
        "id": attachment.id,
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size_bytes,
        "url": attachment.url,
        "proxy_url": attachment.url,
        "flags": 0,
    }
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.content_type.startswith(("image/", "video/")):
        payload |= {"width": 64, "height": 64}
    return payload


def sticker_payload(sticker: Sticker) -> JsonObject:
    """Return a sticker below a message."""
    return {"id": sticker.id, "name": sticker.name, "format_type": sticker.format}


def author_payload(world: World, message: Message) -> JsonObject:
    """Return who a message shows as its writer."""
    member = world.members.get(message.author.id)
    if message.author.kind is not AuthorKind.WEBHOOK and member is not None:
        return user_payload(member)
    return {
        "id": message.author.id,
        "username": message.author.name,
        "discriminator": "0000",
        "global_name": None,
        "avatar": message.author.avatar,
        "bot": message.author.kind is not AuthorKind.MEMBER,
        "public_flags": 0,
    }


def message_payload(
    world: World, message: Message, *, with_content: bool = True, nested: bool = False
) -> JsonObject:
    """Return a message; without content it looks as it does without the message content intent."""
    payload: JsonObject = {
        "id": message.id,
        "channel_id": message.channel,
        "type": _message_type(message),
        "author": author_payload(world, message),
        "content": message.content if with_content else "",
        "timestamp": timestamp(message.timestamp),
        "edited_timestamp": timestamp(message.edited_at),
        "tts": message.tts,
        "mention_everyone": message.pinged.everyone,
        "mentions": _mentioned(world, message),
        "mention_roles": list(message.pinged.roles),
        "attachments": [attachment_payload(one) for one in message.attachments] if with_content else [],
        "embeds": list(message.embeds) if with_content else [],
        "components": list(message.components) if with_content else [],
        "pinned": False,
        "flags": message.flags,
    }
    _add_optional(payload, message, with_content=with_content)
    _add_relations(world, payload, message, nested=nested)
    return payload


def _message_type(message: Message) -> int:
    if message.call is not None:
        return 20
    return 0 if message.reply_to is None else 19


def _mentioned(world: World, message: Message) -> list[JsonObject]:
    named = list(message.pinged.users)
    if message.pinged.replied is not None and message.pinged.replied not in named:
        named.append(message.pinged.replied)
    members = (world.members.get(one) for one in named)
    return [
        user_payload(one) | {"member": member_payload(one, with_user=False)}
        for one in members
        if one is not None
    ]


def _add_optional(payload: JsonObject, message: Message, *, with_content: bool) -> None:
    if message.stickers:
        payload["sticker_items"] = [sticker_payload(one) for one in message.stickers]
    if message.poll is not None and with_content:
        payload["poll"] = message.poll
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.webhook is not None:
        payload["webhook_id"] = message.webhook
    if message.application is not None:
        payload["application_id"] = message.application
    if message.forwarded is not None:
        payload["message_snapshots"] = [{"message": message.forwarded}]


def _add_relations(world: World, payload: JsonObject, message: Message, *, nested: bool) -> None:
    if message.call is not None:
        payload["interaction_metadata"] = {
            "id": message.call.id,
            "type": 2,
            "user": user_payload(world.members[message.call.member]),
            "authorizing_integration_owners": {"0": world.guild},
        }
    if message.reply_to is None and message.forwarded is None:
        return
    payload["message_reference"] = {
        "type": 1 if message.forwarded is not None else 0,
        "message_id": message.reply_to or message.id,
        "channel_id": message.channel,
        "guild_id": world.guild,
    }
    if message.reply_to is not None and not nested:
        answered = world.log(message.channel).get(message.reply_to)
        payload["referenced_message"] = (
            None if answered is None else message_payload(world, answered, nested=True)
        )


def application_payload(world: World, granted: Intent) -> JsonObject:
    """Return the application, whose flags tell which privileged intents are switched on."""
    return {
        "id": world.bot,
        "name": world.bot_name,
        "icon": None,
        "description": "",
        "summary": "",
        "verify_key": "0" * 64,
        "bot_public": False,
        "bot_require_code_grant": False,
        "owner": user_payload(world.owner),
        "team": None,
        "flags": application_flags(granted),
        "bot": user_payload(world.members[world.bot]),
    }


def application_flags(granted: Intent) -> int:
    """Return the application's flags for the intents that its owner switched on."""
    return sum(flag for intent, flag in _APPLICATION_FLAGS.items() if intent in granted)


def guild_payload(world: World) -> JsonObject:
    """Return the guild as REST gives it, without channels and members."""
    return {
        "id": world.guild,
        "name": world.guild_name,
        "icon": None,
        "banner": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "owner_id": world.owner.id,
        "features": [],
        "roles": [role_payload(role) for role in world.roles.values()],
        "emojis": [],
        "stickers": [],
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "vanity_url_code": None,
    }


def guild_create_payload(world: World, intents: Intent) -> JsonObject:
    """Return the guild as the gateway sends it after READY."""
    everyone = Intent.GUILD_MEMBERS in intents and Intent.GUILD_PRESENCES in intents
    members = world.members.values() if everyone else (world.members[world.bot],)
    plain = [one for one in world.channels.values() if one.kind is not ChannelKind.THREAD]
    threads = [one for one in world.channels.values() if one.kind is ChannelKind.THREAD]
    return guild_payload(world) | {
        "joined_at": timestamp(world.members[world.bot].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(world.members),
        "members": [member_payload(member) for member in members],
        "channels": [channel_payload(world, channel) for channel in plain],
        "threads": [channel_payload(world, thread) for thread in threads],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def permissions_text(permissions: Permission) -> str:
    """Return permissions as the wire has them."""
    return str(int(permissions) & ((1 << 53) - 1))


def snowflake_list(values: object) -> tuple[Snowflake, ...]:
    """Return ids from a JSON list."""
    return tuple(Snowflake(str(one)) for one in values) if isinstance(values, list) else ()
