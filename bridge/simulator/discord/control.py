"""A small HTTP door to a pretend Discord in another process: ``/sim/…``, JSON in and out."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import msgspec
from aiohttp import web

from bridge.simulator.discord.errors import ApiError
from bridge.simulator.discord.faults import Fault, FaultKind
from bridge.simulator.discord.limits import UNLIMITED, Limit, RateLimits
from bridge.simulator.discord.sim import SimDiscord
from bridge.simulator.discord.values import Channel, Member, Message

PREFIX: Final = "/sim/"

Body: TypeAlias = dict[str, Any]
"""A request's JSON: the border to programs that are not ours, read field by field."""


class Control:
    """Serves the door; every action answers ``{"at_s": …}``, the monotonic time before it, and its result.

    Channels are named by id or name (the first channel when not named), members by name; a member who
    does not exist yet joins.
    """

    def __init__(self, sim: SimDiscord) -> None:
        self._sim = sim
        self._views: dict[str, Callable[[web.BaseRequest], Awaitable[object]]] = {
            "errors": self._errors,
            "messages": self._messages,
            "requests": self._requests,
            "state": self._state,
            "wait": self._wait,
        }
        self._actions: dict[str, Callable[[Body], Awaitable[object]]] = {
            "clear": self._clear,
            "command": self._command,
            "delete": self._delete,
            "edit": self._edit,
            "fault": self._fault,
            "gateway": self._gateway,
            "limits": self._limits,
            "outage": self._outage,
            "remove-webhooks": self._remove_webhooks,
            "revoke": self._revoke,
            "say": self._say,
        }
        sim.front.extra[PREFIX] = self._serve

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        at_s = time.monotonic()
        name = request.path.removeprefix(PREFIX)
        try:
            if request.method == "GET" and name in self._views:
                return _answer(await self._views[name](request))
            if request.method == "POST" and name in self._actions:
                body = msgspec.json.decode(await request.read() or b"{}", type=Body)
                return _answer({"at_s": at_s, "result": await self._actions[name](body)})
        except (ApiError, LookupError, RuntimeError, TypeError, ValueError, TimeoutError) as exc:
            return _answer({"error": f"{type(exc).__name__}: {exc}"}, status=400)
        known = {"GET": sorted(self._views), "POST": sorted(self._actions)}
        return _answer({"error": f"no {request.method} {request.path}", "known": known}, status=404)

    # -- views

    async def _state(self, _: web.BaseRequest) -> object:
        sim = self._sim
        return {
            "guild": sim.guild_id,
            "bot": sim.bot.id,
            "channels": {one.id: one.name for one in sim.world.channels.values()},
            "members": {one.id: one.name for one in sim.world.members.values()},
            "created": {one.id: sim.created(one) for one in sim.world.channels.values()},
            "commands": sim.commands,
            "requests": sim.rest.received,
            "invalid_requests": sim.rest.invalid,
            "online": len(sim.gateway.online),
            "identified": sim.gateway.identified,
        }

    async def _messages(self, request: web.BaseRequest) -> object:
        return self._sim.messages(self._channel(request.query.get("channel")))

    async def _requests(self, request: web.BaseRequest) -> object:
        """Return requests from number *from* on whose path matches *path*."""
        first, pattern = int(request.query.get("from", "0")), re.compile(request.query.get("path", ""))
        return [one for one in self._sim.requests if one.number >= first and pattern.search(one.path)]

    async def _errors(self, _: web.BaseRequest) -> object:
        return [f"{type(one).__name__}: {one}" for one in self._sim.errors]

    async def _wait(self, request: web.BaseRequest) -> object:
        """Return once a channel ever got *messages* messages, or a bot is *online*."""
        timeout_s = float(request.query.get("timeout", "10"))
        if "online" in request.query:
            await self._sim.wait_online(timeout_s)
            return {}
        channel, count = self._channel(request.query.get("channel")), int(request.query["messages"])
        await self._sim.wait_for(lambda: self._sim.created(channel) >= count, timeout_s)
        return {"created": self._sim.created(channel)}

    # -- actions

    async def _say(self, body: Body) -> Message:
        channel, member = self._channel(body.get("channel")), self._member(body.get("member", "Alex"))
        return await self._sim.say(channel, member, body["content"])

    async def _edit(self, body: Body) -> Message:
        channel = self._channel(body.get("channel"))
        return await self._sim.edit(self._sim.world.message(channel.id, body["message"]), body["content"])

    async def _delete(self, body: Body) -> None:
        channel = self._channel(body.get("channel"))
        await self._sim.delete(*(self._sim.world.message(channel.id, one) for one in body["messages"]))

    async def _command(self, body: Body) -> object:
        use = await self._sim.use_command(
            self._member(body.get("member", "Alex")),
            self._channel(body.get("channel")),
            body["name"],
            body.get("options"),
            locale=body.get("locale", "en-US"),
        )
        return {"responses": use.responses, "ephemeral": use.ephemeral, "deferred": use.deferred}

    async def _fault(self, body: Body) -> None:
        self._sim.faults.add(msgspec.convert(body, Fault))

    async def _outage(self, body: Body) -> None:
        if body.get("on", True):
            self._sim.faults.start_outage(
                FaultKind(body.get("kind", "error")), status=body.get("status", 503)
            )
        else:
            self._sim.faults.end_outage()

    async def _clear(self, _: Body) -> None:
        self._sim.faults.clear()

    async def _gateway(self, body: Body) -> None:
        """Do to the gateway what ``do`` says."""
        sim, code = self._sim, int(body.get("code", 4000))
        doings: dict[str, Callable[[], None]] = {
            "drop": lambda: sim.gateway.drop(code),
            "cut": lambda: sim.gateway.drop(abruptly=True),
            "invalidate": lambda: sim.gateway.invalidate(resumable=bool(body.get("resumable"))),
            "reconnect": sim.gateway.ask_to_reconnect,
            "refuse": lambda: setattr(sim.faults, "refuse_connects", True),
            "accept": lambda: setattr(sim.faults, "refuse_connects", False),
            "mute": lambda: setattr(sim.faults, "ignore_heartbeats", True),
            "unmute": lambda: setattr(sim.faults, "ignore_heartbeats", False),
        }
        doings[body["do"]]()

    async def _limits(self, body: Body) -> None:
        """Replace limits by name: ``[count, seconds]`` or null; ``"all": "off"`` switches every one off."""
        base = UNLIMITED if body.pop("all", None) == "off" else self._sim.rates
        self._sim.rates = with_limits(base, body)

    async def _remove_webhooks(self, body: Body) -> None:
        for webhook in self._sim.webhooks(self._channel(body.get("channel"))):
            self._sim.remove_webhook(webhook)

    async def _revoke(self, _: Body) -> None:
        self._sim.revoke_token()

    def _channel(self, named: str | None) -> Channel:
        for channel in self._sim.world.channels.values():
            if named in {None, channel.id, channel.name}:
                return channel
        raise LookupError(f"no channel {named!r}")

    def _member(self, name: str) -> Member:
        found = [one for one in self._sim.world.members.values() if one.name == name]
        return found[0] if found else self._sim.add_member(name)


def with_limits(base: RateLimits, changes: dict[str, Any]) -> RateLimits:
    """Return limits with some replaced: ``{"webhook": [5, 2.0], "overall": None}``.

    Raises:
        TypeError: There is no limit of that name.
    """
    replaced = {name: None if value is None else Limit(*value) for name, value in changes.items()}
    return msgspec.structs.replace(base, **replaced)


def _answer(body: object, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")
