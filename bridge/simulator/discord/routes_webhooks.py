"""Webhooks: made and listed by the bot, executed by whoever has their token."""

from __future__ import annotations

from typing import Final

from bridge.simulator.discord.compose import post, revise, webhook_author
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import ApiError, FormErrors, unknown
from bridge.simulator.discord.interactions import Interactions
from bridge.simulator.discord.limits import Refusal, round_up
from bridge.simulator.discord.payloads import message_payload, webhook_payload
from bridge.simulator.discord.routing import Call, Limited, Reply, Route
from bridge.simulator.discord.values import Channel, ChannelKind, Message, Permission, Webhook

_MOST_PER_CHANNEL: Final = 15


def _create(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"), Permission.MANAGE_WEBHOOKS)
    body = call.object("name", "avatar")
    errors = FormErrors()
    core.names.check(str(body.get("name") or ""), "name", errors)
    errors.check()
    if len(_in_channel(core, channel)) >= _MOST_PER_CHANNEL:
        raise ApiError(400, 30007, f"Maximum number of webhooks reached ({_MOST_PER_CHANNEL})")
    webhook = core.world.add_webhook(channel.id, body["name"].strip(), application=core.world.bot)
    return Reply(200, webhook_payload(core.world, webhook))


def _in_channel(core: Core, channel: Channel) -> list[Webhook]:
    return [one for one in core.world.webhooks.values() if one.channel == channel.id]


def _list_channel(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"), Permission.MANAGE_WEBHOOKS)
    return Reply(200, [_seen(core, one) for one in _in_channel(core, channel)])


def _list_guild(call: Call) -> Reply:
    core = call.core
    if call.id("guild") != core.world.guild or Permission.MANAGE_WEBHOOKS not in core.world.bot_permissions():
        raise ApiError(403, 50013, "Missing Permissions")
    return Reply(200, [_seen(core, one) for one in core.world.webhooks.values()])


def _seen(core: Core, webhook: Webhook) -> object:
    """Return a webhook as the bot sees it; the tokens of other applications are not shown to it."""
    foreign = webhook.application not in {None, core.world.bot}
    return webhook_payload(core.world, webhook, with_token=not foreign)


def _managed(call: Call) -> Webhook:
    webhook = call.core.world.webhooks.get(call.id("webhook"))
    if webhook is None:
        raise unknown(10015)
    call.core.world.open_channel(webhook.channel, Permission.MANAGE_WEBHOOKS)
    return webhook


def _held(call: Call) -> Webhook:
    """Return the webhook whose token is in the path."""
    webhook = call.core.world.webhooks.get(call.id("webhook"))
    if webhook is None:
        raise unknown(10015)
    if webhook.token != call.params["token"]:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return webhook


def _get(call: Call) -> Reply:
    return Reply(200, _seen(call.core, _managed(call)))


def _get_held(call: Call) -> Reply:
    payload = webhook_payload(call.core.world, _held(call))
    del payload["user"]
    return Reply(200, payload)


def _edit(call: Call) -> Reply:
    return _change(call, _managed(call))


def _edit_held(call: Call) -> Reply:
    return _change(call, _held(call))


def _change(call: Call, webhook: Webhook) -> Reply:
    body = call.object("name", "avatar", "channel_id")
    core = call.core
    errors = FormErrors()
    if "name" in body:
        core.names.check(str(body["name"] or ""), "name", errors)
    errors.check()
    channel = core.world.channel(body.get("channel_id", webhook.channel))
    changed = core.world.change_webhook(webhook, name=body.get("name", webhook.name), channel=channel.id)
    return Reply(200, webhook_payload(core.world, changed))


def _delete(call: Call) -> Reply:
    call.core.world.remove_webhook(_managed(call))
    return Reply(204)


def _delete_held(call: Call) -> Reply:
    call.core.world.remove_webhook(_held(call))
    return Reply(204)


def _target(call: Call, webhook: Webhook) -> Channel:
    """Return the channel or thread into which a webhook writes.

    Raises:
        ApiError: 10003, no such thread below its channel; 220001, a forum needs a thread.
    """
    world = call.core.world
    channel = world.channel(webhook.channel)
    wanted = call.query.get("thread_id")
    if wanted is not None:
        threads = [one for one in world.channels.values() if one.parent == channel.id and one.id == wanted]
        if not threads:
            raise unknown(10003)
        return threads[0]
    if channel.kind is ChannelKind.FORUM:
        raise ApiError(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
    return channel


def _execute(call: Call) -> Reply:
    core = call.core
    webhook = _held(call)
    channel = _target(call, webhook)
    form = call.form()
    if core.rates.webhook_channel is not None:
        fits, usage = core.buckets.take(core.rates.webhook_channel, "webhook-channel", webhook.channel)
        if not fits:
            raise Limited(Refusal(retry_after_s=round_up(usage.reset_after_s), scope="shared"))
    message = post(
        core,
        channel,
        form,
        call.uploads,
        author=webhook_author(webhook, form),
        webhook=webhook,
        application=webhook.application,
    )
    return Reply(200, message_payload(core.world, message)) if call.switch("wait") else Reply(204)


def _own_message(call: Call) -> Message:
    webhook = _held(call)
    message = call.core.world.message(_target(call, webhook).id, call.id("message"))
    if message.webhook != webhook.id:
        raise unknown(10008)
    return message


def _get_message(call: Call) -> Reply:
    return Reply(200, message_payload(call.core.world, _own_message(call)))


def _edit_message(call: Call) -> Reply:
    message = _own_message(call)
    return Reply(200, message_payload(call.core.world, revise(call.core, message, call.form(), call.uploads)))


def _delete_message(call: Call) -> Reply:
    message = _own_message(call)
    call.core.world.remove_messages(message.channel, [message.id])
    return Reply(204)


_HELD: Final = "/webhooks/{webhook}/{token}"


def webhook_routes(interactions: Interactions) -> list[Route]:
    """Return the routes of webhooks; those under the application's id answer slash commands."""
    plain = [
        Route(method="POST", path="/channels/{channel}/webhooks", handler=_create),
        Route(method="GET", path="/channels/{channel}/webhooks", handler=_list_channel),
        Route(method="GET", path="/guilds/{guild}/webhooks", handler=_list_guild),
        Route(method="GET", path="/webhooks/{webhook}", handler=_get),
        Route(method="PATCH", path="/webhooks/{webhook}", handler=_edit),
        Route(method="DELETE", path="/webhooks/{webhook}", handler=_delete),
    ]
    held = [
        ("GET", _HELD, _get_held),
        ("PATCH", _HELD, _edit_held),
        ("DELETE", _HELD, _delete_held),
        ("POST", _HELD, interactions.or_webhook(interactions.follow_up, _execute)),
        ("GET", _HELD + "/messages/@original", interactions.get),
        ("PATCH", _HELD + "/messages/@original", interactions.edit),
        ("DELETE", _HELD + "/messages/@original", interactions.delete),
        ("GET", _HELD + "/messages/{message}", interactions.or_webhook(interactions.get, _get_message)),
        ("PATCH", _HELD + "/messages/{message}", interactions.or_webhook(interactions.edit, _edit_message)),
        (
            "DELETE",
            _HELD + "/messages/{message}",
            interactions.or_webhook(interactions.delete, _delete_message),
        ),
    ]
    return plain + [
        Route(
            method=method,
            path=path,
            handler=handler,
            limit=lambda r: r.webhook,
            bucket=f"webhook-{method.lower()}",
            major=("webhook", "token"),
            authorized=False,
        )
        for method, path, handler in held
    ]
