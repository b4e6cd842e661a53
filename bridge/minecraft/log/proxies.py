"""What proxies tell: players connect and disconnect; switches between servers and pings are nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
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
_TOGETHER: Final = timedelta(seconds=5)  # within which both lines about a leave stand


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
        return KNOWN if name is None else _leave(context, name, at, found[2], "reason")
    return KNOWN if "] <-> " in message and trusted else None


def _velocity(context: Context, message: str, at: datetime) -> Outcome:
    found = _VELOCITY.fullmatch(message)
    if found is None or not context.plausible(found[1]):
        return KNOWN
    if found[2] == "connected":
        return _join(context, found[1], at)
    return _leave(context, found[1], at, found[3], "player")


def _bungee(
    context: Context, found: re.Match[str], name: str | None, address: str | None, at: datetime
) -> Outcome:
    """The first line with a name after a connection from its address is the join.

    Where connections are not written, the first server that the player reaches is.
    """
    handler, verb = found[3], found[4]
    if name is None:
        if handler == "InitialHandler" and verb == "connected" and address is not None:
            context.knocks = True
            if len(context.waiting) >= _MOST_WAITING:
                del context.waiting[next(iter(context.waiting))]
            context.waiting[address] = None
        return KNOWN
    if verb == "disconnected":
        return _leave(context, name, at, None, handler) if handler == "UpstreamBridge" else KNOWN
    if handler in ("InitialHandler", "UpstreamBridge"):
        context.waiting.pop(address or "", None)
        return _join(context, name, at)
    return _reached(context, name, address, at) if handler == "ServerConnector" else KNOWN


def _reached(context: Context, name: str, address: str | None, at: datetime) -> Outcome:
    """A player reached a server behind the proxy: the join where nothing else tells of it, else a switch."""
    if not context.knocks:
        return _join(context, name, at)
    if not context.waiting:
        return KNOWN
    if address is None:
        address = next(iter(context.waiting))
    if address not in context.waiting:
        return KNOWN
    del context.waiting[address]
    return _join(context, name, at)


def _who(inside: str) -> tuple[str | None, str | None]:
    """The name and the address in ``Mira,/203.0.113.5:50000``, in either order, with either separator."""
    parts = [part.strip() for part in re.split(r"[,|]", inside)]
    address = next((part for part in parts if part.startswith("/")), None)
    name = next((part for part in parts if part and not part.startswith("/")), None)
    return name, address


def _join(context: Context, name: str, at: datetime) -> Outcome:
    if not context.plausible(name) or not context.roster.enter(name, JOINED):
        return KNOWN
    context.parted.pop(name, None)
    return PlayerJoined(at=at, server=context.server, player=name, uuid=context.roster.uuids.get(name))


def _leave(context: Context, name: str, at: datetime, why: str | None, line: str) -> Outcome:
    """One of the lines about a leave, in either order; *line* tells them apart."""
    if not context.plausible(name):
        return KNOWN
    roster = context.roster
    if name not in roster.online:
        told_by, told_at = context.parted.pop(name, ("", at))
        was_told = name in roster.gone  # by this process or, before it began, by another
        if was_told and told_by != line and at - told_at <= _TOGETHER:
            del roster.gone[name]
            return KNOWN
    roster.leave(name, final=False)
    if len(context.parted) >= _MOST_WAITING:
        del context.parted[next(iter(context.parted))]
    context.parted[name] = (line, at)
    return PlayerLeft(at=at, server=context.server, player=name, uuid=roster.uuids.get(name), reason=why)


def proxy_life(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """A proxy's start and stop."""
    if (found := _BOOT.match(message)) is not None:
        context.proxy = context.velocity = True
        return begin(context, at, found[1])
    if message.startswith("Listening on /"):
        velocity = context.velocity or header.velocity or "epoll Boss" in (header.thread or "")
        context.proxy = True
        return KNOWN if velocity else ready(context, at, None)
    if message.startswith(("Shutting down the proxy", "Closing listener [")):
        context.proxy = True
        return halt(context, at)
    return None
