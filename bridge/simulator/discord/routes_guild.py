"""The bot itself, the gateway's address, the guild, its channels, members and roles."""

from __future__ import annotations

from typing import Final

from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import FormErrors, missing_access, unknown
from bridge.simulator.discord.limits import Refusal, round_up
from bridge.simulator.discord.payloads import (
    application_payload,
    channel_payload,
    guild_payload,
    member_payload,
    role_payload,
    user_payload,
)
from bridge.simulator.discord.routing import Call, Limited, Reply, Route
from bridge.simulator.discord.values import ChannelKind, Intent, JsonObject, Permission

_EDITABLE: Final = ("name", "topic", "position", "parent_id", "rate_limit_per_user", "nsfw")


def _me(call: Call) -> Reply:
    world = call.core.world
    if call.grant is not None:
        member = call.grant.member
        return Reply(200, user_payload(world.members.get(member.id, member)))
    extra = {"verified": True, "mfa_enabled": False, "email": None, "flags": 0, "locale": "en-US"}
    return Reply(200, user_payload(world.members[world.bot]) | extra)


def _application(call: Call) -> Reply:
    return Reply(200, application_payload(call.core.world, call.core.granted))


def _user(call: Call) -> Reply:
    member = call.core.world.members.get(call.id("user"))
    if member is None:
        raise unknown(10013)
    return Reply(200, user_payload(member))


def _my_guilds(call: Call) -> Reply:
    world = call.core.world
    entry: JsonObject = {
        "id": world.guild,
        "name": world.guild_name,
        "icon": None,
        "owner": False,
        "permissions": str(int(world.bot_permissions())),
        "features": [],
    }
    return Reply(200, [entry])


def _gateway(call: Call) -> Reply:
    return Reply(200, {"url": _gateway_url(call.core)})


def _gateway_bot(call: Call) -> Reply:
    core = call.core
    sessions = core.rates.sessions
    total = sessions.count if sessions is not None else 1000
    limits: JsonObject = {
        "total": total,
        "remaining": total - core.buckets.used("sessions", ""),
        "reset_after": 14_400_000,
        "max_concurrency": 1,
    }
    return Reply(200, {"url": _gateway_url(core), "shards": 1, "session_start_limit": limits})


def _gateway_url(core: Core) -> str:
    return core.world.base_url.replace("http", "ws", 1) + "/gateway"


def _check_guild(call: Call) -> None:
    if call.id("guild") != call.core.world.guild:
        raise missing_access()


def _guild(call: Call) -> Reply:
    _check_guild(call)
    payload = guild_payload(call.core.world)
    if call.switch("with_counts"):
        count = len(call.core.world.members)
        payload |= {"approximate_member_count": count, "approximate_presence_count": count}
    return Reply(200, payload)


def _channels(call: Call) -> Reply:
    _check_guild(call)
    world = call.core.world
    plain = [one for one in world.channels.values() if one.kind is not ChannelKind.THREAD]
    return Reply(200, [channel_payload(world, channel) for channel in plain])


def _roles(call: Call) -> Reply:
    _check_guild(call)
    return Reply(200, [role_payload(role) for role in call.core.world.roles.values()])


def _members(call: Call) -> Reply:
    _check_guild(call)
    if Intent.GUILD_MEMBERS not in call.core.granted:
        raise missing_access()
    after = int(call.query.get("after", "0"))
    most = int(call.query.get("limit", "1"))
    found = sorted(
        (one for one in call.core.world.members.values() if int(one.id) > after), key=lambda one: int(one.id)
    )
    return Reply(200, [member_payload(one) for one in found[:most]])


def _member(call: Call) -> Reply:
    _check_guild(call)
    member = call.core.world.members.get(call.id("user"))
    if member is None:
        raise unknown(10007)
    return Reply(200, member_payload(member))


def _channel(call: Call) -> Reply:
    world = call.core.world
    return Reply(200, channel_payload(world, world.open_channel(call.id("channel"))))


def _edit_channel(call: Call) -> Reply:
    core = call.core
    channel = core.world.open_channel(call.id("channel"), Permission.MANAGE_CHANNELS)
    body = call.object(*_EDITABLE)
    _check_channel(body)
    renamed = body.get("name", channel.name) != channel.name
    if renamed or ("topic" in body and body["topic"] != channel.topic):
        _take_name_topic(core, channel.id)
    changed = core.world.change_channel(
        channel,
        name=body.get("name") or channel.name,
        topic=body.get("topic", channel.topic),
        position=body.get("position", channel.position),
        slowmode_s=body.get("rate_limit_per_user", channel.slowmode_s) or 0,
    )
    return Reply(200, channel_payload(core.world, changed))


def _check_channel(body: JsonObject) -> None:
    errors = FormErrors()
    if "name" in body and not 1 <= len(body["name"] or "") <= 100:
        errors.bad_length("name", 1, 100)
    if len(body.get("topic") or "") > 1024:
        errors.too_long("topic", 1024)
    if not 0 <= int(body.get("rate_limit_per_user") or 0) <= 21_600:
        errors.add("rate_limit_per_user", "NUMBER_TYPE_MAX", "int value should be between 0 and 21600.")
    errors.check()


def _take_name_topic(core: Core, channel: str) -> None:
    """Count a change of name or topic, whose limit no header shows."""
    limit = core.rates.channel_name_topic
    if limit is None:
        return
    fits, usage = core.buckets.take(limit, "name-topic", channel)
    if not fits:
        raise Limited(Refusal(retry_after_s=round_up(usage.reset_after_s)))


def _delete_channel(call: Call) -> Reply:
    world = call.core.world
    channel = world.open_channel(call.id("channel"), Permission.MANAGE_CHANNELS)
    payload = channel_payload(world, channel)
    world.remove_channel(channel)
    return Reply(200, payload)


ROUTES: Final = [
    Route(method="GET", path="/users/@me", handler=_me, scope="identify"),
    Route(method="GET", path="/users/@me/guilds", handler=_my_guilds),
    Route(method="GET", path="/users/{user}", handler=_user),
    Route(method="GET", path="/oauth2/applications/@me", handler=_application),
    Route(method="GET", path="/applications/@me", handler=_application),
    Route(method="GET", path="/gateway", handler=_gateway, authorized=False),
    Route(method="GET", path="/gateway/bot", handler=_gateway_bot),
    Route(method="GET", path="/guilds/{guild}", handler=_guild),
    Route(method="GET", path="/guilds/{guild}/channels", handler=_channels),
    Route(method="GET", path="/guilds/{guild}/roles", handler=_roles),
    Route(method="GET", path="/guilds/{guild}/members", handler=_members),
    Route(method="GET", path="/guilds/{guild}/members/{user}", handler=_member),
    Route(method="GET", path="/channels/{channel}", handler=_channel),
    Route(
        method="PATCH",
        path="/channels/{channel}",
        handler=_edit_channel,
        limit=lambda r: r.channel,
        bucket="channel",
        major=("channel",),
    ),
    Route(method="DELETE", path="/channels/{channel}", handler=_delete_channel),
]
