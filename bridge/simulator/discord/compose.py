"""Turns checked forms into messages of the world."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import ApiError, FormErrors
from bridge.simulator.discord.forms import MessageForm, Upload, poll_of
from bridge.simulator.discord.mentions import pings_of
from bridge.simulator.discord.values import (
    LOADING,
    NOBODY,
    Attachment,
    Author,
    AuthorKind,
    Channel,
    CommandCall,
    JsonObject,
    Member,
    Message,
    Permission,
    Pings,
    Sticker,
    Webhook,
)


def author_of(member: Member) -> Author:
    """Return a member as the writer of a message."""
    return Author(
        id=member.id,
        name=member.name,
        kind=AuthorKind.BOT if member.bot else AuthorKind.MEMBER,
        avatar=member.avatar,
        avatar_url=member.avatar_url,
    )


def webhook_author(webhook: Webhook, form: MessageForm) -> Author:
    """Return a webhook as the writer of a message, under the name that the message asks for."""
    url = form.avatar_url or webhook.avatar_url
    return Author(
        id=webhook.id,
        name=form.username or webhook.name,
        kind=AuthorKind.WEBHOOK,
        avatar=blake2b(url.encode(), digest_size=16).hexdigest() if url else None,
        avatar_url=url,
    )


def post(
    core: Core,
    channel: Channel,
    form: MessageForm,
    uploads: list[Upload],
    *,
    author: Author,
    webhook: Webhook | None = None,
    application: Snowflake | None = None,
    call: CommandCall | None = None,
    flags: int = 0,
    stickers: tuple[Sticker, ...] = (),
    forwarded: JsonObject | None = None,
) -> Message:
    """Add a message to a channel and return it.

    Raises:
        ApiError: 50006, there is nothing in it; 50035, it answers a message that does not exist.
    """
    if form.empty and not (uploads or stickers or forwarded or flags & LOADING):
        raise ApiError(400, 50006, "Cannot send an empty message")
    message = Message(
        id=core.world.ids.next(),
        channel=channel.id,
        author=author,
        content=form.content,
        timestamp=core.clock.now(),
        embeds=form.embeds,
        attachments=_store(core, channel.id, uploads),
        stickers=stickers + tuple(Sticker(id=one, name="sticker") for one in form.stickers),
        components=form.components,
        poll=None if form.poll is None else poll_of(form.poll, core.clock),
        reply_to=_answered(core, channel, form),
        pinged=_pings(core, channel, form, author),
        nonce=form.nonce,
        flags=form.flags | flags,
        tts=form.tts,
        webhook=None if webhook is None else webhook.id,
        application=application,
        call=call,
        forwarded=forwarded,
    )
    return core.world.add_message(message)


def revise(core: Core, message: Message, form: MessageForm, uploads: list[Upload]) -> Message:
    """Change what the form names of a message and return it as it now is; edits notify nobody.

    Raises:
        ApiError: 50006, nothing would be left of it.
    """
    kept = message.attachments
    if form.kept_attachments is not None:
        kept = tuple(one for one in kept if one.id in form.kept_attachments)
    changed = msgspec.structs.replace(
        message,
        content=form.content if "content" in form.given else message.content,
        embeds=form.embeds if "embeds" in form.given else message.embeds,
        components=form.components if "components" in form.given else message.components,
        flags=form.flags | (message.flags & ~(1 << 2)) if "flags" in form.given else message.flags,
        attachments=kept + _store(core, message.channel, uploads),
        edited_at=core.clock.now(),
    )
    shown = (changed.content, changed.embeds, changed.components, changed.attachments)
    if not any((*shown, changed.poll, changed.stickers)):
        raise ApiError(400, 50006, "Cannot send an empty message")
    return core.world.change_message(changed)


def _store(core: Core, channel: Snowflake, uploads: list[Upload]) -> tuple[Attachment, ...]:
    return tuple(core.world.add_file(channel, one.filename, one.content_type, one.data) for one in uploads)


def _answered(core: Core, channel: Channel, form: MessageForm) -> Snowflake | None:
    if form.reply_to is None:
        return None
    if core.world.log(channel.id).get(form.reply_to) is not None:
        return form.reply_to
    if not form.reply_must_exist:
        return None
    errors = FormErrors()
    errors.add("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    errors.check()
    return None


def _pings(core: Core, channel: Channel, form: MessageForm, author: Author) -> Pings:
    """Tell who is notified; a webhook may mention everything, because some guilds let it."""
    if "@" not in form.content and form.reply_to is None:
        return NOBODY
    world = core.world
    if author.kind is AuthorKind.WEBHOOK:
        everything = True
    elif author.kind is AuthorKind.BOT:
        everything = Permission.MENTION_EVERYONE in world.bot_permissions(channel)
    else:
        everything = Permission.MENTION_EVERYONE in world.role_permissions(world.members[author.id])
    answered = None if form.reply_to is None else world.log(channel.id).get(form.reply_to)
    return pings_of(
        form.content,
        form.allowed,
        users=frozenset(world.members),
        roles=frozenset(one.id for one in world.roles.values() if one.mentionable or everything),
        everyone=everything,
        answered=None if answered is None else answered.author.id,
    )
