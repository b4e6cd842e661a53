"""Messages of a channel: list, get, send, edit, delete, typing."""

from __future__ import annotations

from typing import Final

from bridge.simulator.discord.changes import TypingStarted
from bridge.simulator.discord.compose import author_of, post, revise
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import ApiError, FormErrors
from bridge.simulator.discord.forms import MessageForm
from bridge.simulator.discord.payloads import message_payload, snowflake_list
from bridge.simulator.discord.routing import Call, Reply, Route
from bridge.simulator.discord.values import (
    Channel,
    ChannelKind,
    Intent,
    JsonObject,
    Message,
    Permission,
)

_OLD_S: Final = 14 * 86_400  # a bulk removal takes no message older than two weeks


def shown(core: Core, message: Message) -> JsonObject:
    """Return a message as the bot may see it over REST."""
    own = core.world.bot in {message.author.id, message.application}
    with_content = own or Intent.MESSAGE_CONTENT in core.granted or core.world.bot in message.pinged.users
    return message_payload(core.world, message, with_content=with_content)


def _list(call: Call) -> Reply:
    channel = call.core.world.open_channel(call.id("channel"))
    if Permission.READ_MESSAGE_HISTORY not in call.core.world.bot_permissions(channel):
        return Reply(200, [])
    log = call.core.world.log(channel.id)
    most = _limit(call)
    edges = {name: int(call.query[name]) for name in ("before", "after", "around") if name in call.query}
    if len(edges) > 1:
        raise ApiError(400, 50035, "Only one of before, after and around")
    if "after" in edges:
        found = log.after(edges["after"], most)
    elif "around" in edges:
        found = log.around(edges["around"], most)
    else:
        found = log.before(edges.get("before"), most)
    return Reply(200, [shown(call.core, message) for message in found])


def _limit(call: Call) -> int:
    most = call.query.get("limit", "50")
    if not most.isdecimal() or not 1 <= int(most) <= 100:
        errors = FormErrors()
        errors.add("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        errors.check()
    return int(most)


def _get(call: Call) -> Reply:
    channel = call.core.world.open_channel(call.id("channel"), Permission.READ_MESSAGE_HISTORY)
    return Reply(200, shown(call.core, call.core.world.message(channel.id, call.id("message"))))


def _send(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"))
    form = call.form()
    core.world.open_channel(channel.id, *_needed(channel, form, files=bool(call.uploads)))
    if form.nonce is not None and form.enforce_nonce:
        before = core.sent_before(core.world.bot, form.nonce)
        known = None if before is None else core.world.log(channel.id).get(before)
        if known is not None:
            return Reply(200, shown(core, known))
    message = post(core, channel, form, call.uploads, author=author_of(core.world.members[core.world.bot]))
    if form.nonce is not None:
        core.remember_nonce(core.world.bot, form.nonce, message.id)
    return Reply(200, shown(core, message))


def _needed(channel: Channel, form: MessageForm, *, files: bool) -> list[Permission]:
    thread = channel.kind is ChannelKind.THREAD
    needed = [Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES]
    if form.embeds:
        needed.append(Permission.EMBED_LINKS)
    if files:
        needed.append(Permission.ATTACH_FILES)
    if form.reply_to is not None:
        needed.append(Permission.READ_MESSAGE_HISTORY)
    if form.poll is not None:
        needed.append(Permission.SEND_POLLS)
    return needed


def _edit(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"))
    message = core.world.message(channel.id, call.id("message"))
    if message.author.id != core.world.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    return Reply(200, shown(core, revise(core, message, call.form(), call.uploads)))


def _delete(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"))
    message = core.world.message(channel.id, call.id("message"))
    if message.author.id != core.world.bot:
        core.world.open_channel(channel.id, Permission.MANAGE_MESSAGES)
    core.world.remove_messages(channel.id, [message.id])
    return Reply(204)


def _delete_many(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"), Permission.MANAGE_MESSAGES)
    chosen = snowflake_list(call.object("messages").get("messages"))
    if not 2 <= len(chosen) <= 100:
        raise ApiError(400, 50016, "You can only bulk delete between 2 and 100 messages.")
    log = core.world.log(channel.id)
    oldest = core.clock.wall() - _OLD_S
    if any((one := log.get(id_)) is not None and one.timestamp.timestamp() < oldest for id_ in chosen):
        raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    core.world.remove_messages(channel.id, chosen, bulk=True)
    return Reply(204)


def _type(call: Call) -> Reply:
    world = call.core.world
    channel = world.open_channel(call.id("channel"), Permission.SEND_MESSAGES)
    world.hub.publish(TypingStarted(channel.id, world.bot))
    return Reply(204)


_MESSAGES: Final = "/channels/{channel}/messages"
_MAJOR: Final = ("channel",)

ROUTES: Final = [
    Route(method="GET", path=_MESSAGES, handler=_list),
    Route(method="GET", path=_MESSAGES + "/{message}", handler=_get),
    Route(method="POST", path=_MESSAGES, handler=_send, limit=lambda r: r.send, bucket="send", major=_MAJOR),
    Route(method="POST", path=_MESSAGES + "/bulk-delete", handler=_delete_many),
    Route(
        method="PATCH",
        path=_MESSAGES + "/{message}",
        handler=_edit,
        limit=lambda r: r.edit,
        bucket="edit",
        major=_MAJOR,
    ),
    Route(
        method="DELETE",
        path=_MESSAGES + "/{message}",
        handler=_delete,
        limit=lambda r: r.delete,
        bucket="delete",
        major=_MAJOR,
    ),
    Route(
        method="POST",
        path="/channels/{channel}/typing",
        handler=_type,
        limit=lambda r: r.typing,
        bucket="typing",
        major=_MAJOR,
    ),
]
