"""What an application asks with a member's own token, and how it gets that token."""

from __future__ import annotations

from typing import Final

from bridge.simulator.discord.errors import ApiError, missing_access, unknown
from bridge.simulator.discord.oauth import TokenRefused
from bridge.simulator.discord.payloads import member_payload
from bridge.simulator.discord.routing import Call, Reply, Route


def _token(call: Call) -> Reply:
    try:
        return Reply(200, call.core.oauth.exchange(call.form_fields, call.authorization))
    except TokenRefused as exc:
        return Reply(exc.status, exc.body)


def _revoke(call: Call) -> Reply:
    try:
        call.core.oauth.revoke(call.form_fields, call.authorization)
    except TokenRefused as exc:
        return Reply(exc.status, exc.body)
    return Reply(200, {})


def _my_place(call: Call) -> Reply:
    if call.grant is None:
        raise ApiError(403, 20001, "Bots cannot use this endpoint")
    if call.id("guild") != call.core.world.guild:
        raise missing_access()
    member = call.core.world.members.get(call.grant.member.id)
    if member is None:
        raise unknown(10004)
    return Reply(200, member_payload(member))


ROUTES: Final = [
    Route(method="POST", path="/oauth2/token", handler=_token, authorized=False, overall=False),
    Route(method="POST", path="/oauth2/token/revoke", handler=_revoke, authorized=False, overall=False),
    Route(
        method="GET",
        path="/users/@me/guilds/{guild}/member",
        handler=_my_place,
        scope="guilds.members.read",
        overall=False,
    ),
]
