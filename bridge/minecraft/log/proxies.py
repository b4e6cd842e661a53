"""What proxies tell: players connect and disconnect; switches between servers and pings are nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from bridge.events import PlayerJoined, PlayerLeft
from bridge.minecraft.log.context import KNOWN, Context, Outcome
from bridge.minecraft.log.layouts import LOGIN, Header
from bridge.minecraft.log.lifecycle import begin, halt, ready
from bridge.minecraft.log.roster import JOINED

_VELOCITY: Final = re.compile(
    r"\[connected player\] (.+?) \([^)]*\) has (connected|disconnected)(?:: (.*))?", re.DOTALL
)
_BUNGEE: Final = re.compile(
    r"\[(.+?)\] (<->|->) (InitialHandler|UpstreamBridge|ServerConnector)\b.* has (connected|disconnected)"
)
_BUNGEE_REASON: Final = re.compile(r"\[(.+?)\] disconnected with: (.*)", re.DOTALL)
_BOOT: Final = re.compile(r"Booting up Velocity(?: ([^ ]+?))?(?:\.{3}| |$)")
_MARKS: Final = ("[connected player] ", "[server connection] ", "[initial connection] ")
_MOST_WAITING: Final = 4096


def proxied(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """A bracketed line of Velocity's or BungeeCord's own."""
    if message.startswith(_MARKS):
        context.proxy = True
        return _velocity(context, message, at)
    trusted = context.proxy or header.role is LOGIN
    if (found := _BUNGEE.match(message)) is not None:
        name, address = _who(found[1])
        if address is None and not trusted:
            return None
        context.proxy = True
        return _bungee(context, found, name, address, at)
    if trusted and (found := _BUNGEE_REASON.fullmatch(message)) is not None:
        name, _ = _who(found[1])
        return KNOWN if name is None else _leave(context, name, at, found[2])
    return KNOWN if "] <-> " in message and trusted else None


def _velocity(context: Context, message: str, at: datetime) -> Outcome:
    found = _VELOCITY.fullmatch(message)
    if found is None or not context.plausible(found[1]):
        return KNOWN
    if found[2] == "connected":
        return _join(context, found[1], at)
    return _leave(context, found[1], at, found[3])


def _bungee(
    context: Context, found: re.Match[str], name: str | None, address: str | None, at: datetime
) -> Outcome:
    """The first line with a name after a connection from its address is the join."""
    handler, verb = found[3], found[4]
    if name is None:
        if handler == "InitialHandler" and verb == "connected" and address is not None:
            if len(context.waiting) >= _MOST_WAITING:
                del context.waiting[next(iter(context.waiting))]
            context.waiting[address] = None
        return KNOWN
    if verb == "disconnected":
        return _leave(context, name, at, None) if handler == "UpstreamBridge" else KNOWN
    if handler in ("InitialHandler", "UpstreamBridge"):
        context.waiting.pop(address or "", None)
        return _join(context, name, at)
    if handler == "ServerConnector" and context.waiting:
        if address is None:
            address = next(iter(context.waiting))
        if address in context.waiting:
            del context.waiting[address]
            return _join(context, name, at)
    return KNOWN


def _who(inside: str) -> tuple[str | None, str | None]:
    """The name and the address in ``Mira,/203.0.113.5:50000``, in either order, with either separator."""
    parts = [part.strip() for part in re.split(r"[,|]", inside)]
    address = next((part for part in parts if part.startswith("/")), None)
    name = next((part for part in parts if part and not part.startswith("/")), None)
    return name, address


def _join(context: Context, name: str, at: datetime) -> Outcome:
    if not context.plausible(name) or not context.roster.enter(name, JOINED):
        return KNOWN
    return PlayerJoined(at=at, server=context.server, player=name, uuid=context.roster.uuids.get(name))


def _leave(context: Context, name: str, at: datetime, why: str | None) -> Outcome:
    if not context.plausible(name) or not context.roster.leave(name, final=False):
        return KNOWN
    return PlayerLeft(
        at=at, server=context.server, player=name, uuid=context.roster.uuids.get(name), reason=why
    )


def proxy_life(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """A proxy's start and stop."""
    if (found := _BOOT.match(message)) is not None:
        context.proxy = True
        return begin(context, at, found[1])
    if message.startswith("Listening on /"):
        velocity = header.velocity or "epoll Boss" in (header.thread or "")
        context.proxy = True
        return KNOWN if velocity else ready(context, at, None)
    if message.startswith(("Shutting down the proxy", "Closing listener [")):
        context.proxy = True
        return halt(context, at)
    return None
