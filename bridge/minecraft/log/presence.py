"""Who comes and goes: joins, leaves, refused logins, kicks, UUIDs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from bridge.events import PlayerIdentified, PlayerJoined, PlayerKicked, PlayerLeft, PlayerRefused
from bridge.minecraft.log.context import KNOWN, Context, Outcome, looks_like_say
from bridge.minecraft.log.layouts import Header
from bridge.minecraft.log.names import LONGEST_NAME, undecorated
from bridge.minecraft.log.roster import JOINED, LOGIN, STOPPING
from bridge.minecraft.log.vanilla import reason

_FORMERLY: Final = re.compile(r"\(formerly known as (.+)\) joined the game")
_UUID: Final = re.compile(
    r"UUID of player (.+) is ([0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12})\.?"
)
_PROFILE_NAME: Final = re.compile(r"\bname='?([^,'\]}]+)'?[,\]}]")
_ADDRESSED: Final = re.compile(
    r"(\S{1,32}?|(?P<spaced>\w[\w.-]{0,13}(?: [\w.-]{1,14}){1,3}))"
    r" ?[(\[](?:/|local|IP |[0-9a-fA-F-]{32,36}\b)"
)
_KICKED: Final = re.compile(
    r"Kicked (?:player )?(?P<name>.+?)"
    r"(?:\. With reason:\s?(?P<old>.*)| from the game(?:: '(?P<quoted>.*)')?|: (?P<plain>.*))",
    re.DOTALL,
)
_KICKING: Final = re.compile(r"CONSOLE: Kicking (\S{1,17})")


def joined(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    """``Mira joined the game``."""
    if tail not in ("joined the game", "joined the game."):
        return None
    return _join(context, subject, at, header, formerly=None)


def renamed(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    """``Mira (formerly known as Mirabelle) joined the game``."""
    found = _FORMERLY.fullmatch(tail)
    return _join(context, subject, at, header, formerly=found[1]) if found else None


def _join(context: Context, subject: str, at: datetime, header: Header, *, formerly: str | None) -> Outcome:
    name = context.subject(subject, header)
    if name is None:
        return None
    roster = context.roster
    if name not in roster.online and name not in roster.arriving:
        name = roster.glued(name) or name
    if looks_like_say(subject) and name not in roster.online and name not in roster.arriving:
        return KNOWN  # said by somebody, or told again by the login line
    if not roster.enter(name, JOINED):
        return KNOWN
    uuid = roster.uuids.get(name)
    return PlayerJoined(at=at, server=context.server, player=name, uuid=uuid, formerly=formerly)


def logged_in(context: Context, subject: str, tail: str, at: datetime, _header: Header) -> Outcome:
    """``Mira[/203.0.113.5:50000] logged in with entity id 7 at (1.0, 64.0, 1.0)``."""
    if not tail.startswith("logged in with entity id ") or not subject.endswith("]"):
        return None
    name = subject[: subject.find("[")].rstrip()
    if not context.plausible(name):
        return KNOWN
    if not context.roster.enter(name, LOGIN):
        return KNOWN
    uuid = context.roster.uuids.get(name)
    return PlayerJoined(at=at, server=context.server, player=name, uuid=uuid)


def left(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    """``Mira left the game``; most often after ``lost connection``, which has told already."""
    if tail not in ("left the game", "left the game."):
        return None
    name = context.subject(subject, header)
    if name is None:
        return None
    roster = context.roster
    if looks_like_say(subject) and name in roster.online and roster.phase is not STOPPING:
        return KNOWN  # a leave begins with ``lost connection``: this was said
    if name not in roster.online and name not in roster.gone and roster.glued_gone(name):
        return KNOWN
    return _leave(context, name, at, None, final=True)


def lost(context: Context, subject: str, tail: str, at: datetime, _header: Header) -> Outcome:
    """``Mira lost connection: Timed out``; with an address beside the name she never got in."""
    if tail != "lost connection" and not tail.startswith("lost connection: "):
        return None
    why = reason(tail[17:]) if len(tail) > 17 else None
    if subject in context.roster.online or context.plausible(subject):
        return _leave(context, subject, at, why, final=False)
    return _refuse(context, subject, at, why, final=True)


def _leave(context: Context, name: str, at: datetime, why: str | None, *, final: bool) -> Outcome:
    if not context.roster.leave(name, final=final):
        return KNOWN
    uuid = context.roster.uuids.get(name)
    return PlayerLeft(at=at, server=context.server, player=name, uuid=uuid, reason=why)


def disconnecting(context: Context, message: str, at: datetime) -> Outcome:
    """``Disconnecting Mira (/203.0.113.5:50000): You are not white-listed on this server!``."""
    who, separator, why = message.removeprefix("Disconnecting ").partition("): ")
    if not separator:
        who, separator, why = message.removeprefix("Disconnecting ").partition("]: ")
    if not separator:
        who, separator, why = message.removeprefix("Disconnecting ").partition(": ")
        return _refuse(context, who, at, reason(why), final=False) if separator else None
    return _refuse(context, who + separator[0], at, reason(why), final=False)


def _refuse(context: Context, who: str, at: datetime, why: str | None, *, final: bool) -> Outcome:
    name = _name_of_profile(context, who)
    if name is None or not context.roster.refuse(name, final=final):
        return KNOWN
    uuid = context.roster.uuids.get(name)
    return PlayerRefused(at=at, server=context.server, player=name, uuid=uuid, reason=why)


def _name_of_profile(context: Context, who: str) -> str | None:
    """The name in a profile or before an address; None for an address alone."""
    if "GameProfile" in who:
        found = _PROFILE_NAME.search(who)
    elif (found := _ADDRESSED.match(who)) is not None and found["spaced"] is not None:
        return found[1] if len(found[1]) <= LONGEST_NAME else None  # no account's name, and so refused
    name = found[1] if found else who
    return name if context.plausible(name) else None


def identified(context: Context, message: str, at: datetime) -> Outcome:
    """``UUID of player Mira is 11111111-2222-3333-4444-555555555555``; 1.7 writes it without dashes."""
    found = _UUID.fullmatch(message)
    if found is None or not context.plausible(found[1]):
        return None
    digits = found[2].replace("-", "").lower()
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    context.roster.identify(found[1], uuid)
    return PlayerIdentified(at=at, server=context.server, player=found[1], uuid=uuid)


def kicked(context: Context, message: str, at: datetime, by: str | None = None) -> Outcome:
    """``Kicked Mira: reason``, ``Kicked Mira from the game: 'reason'``; *by* stood before it."""
    if (found := _KICKING.fullmatch(message)) is not None:
        return _kick(context, found[1], at, None, "CONSOLE")
    found = _KICKED.fullmatch(message)
    if found is None:
        return None
    why = found["quoted"] or found["plain"] or found["old"] or None
    return _kick(context, found["name"], at, why, by)


def _kick(context: Context, display: str, at: datetime, why: str | None, by: str | None) -> Outcome:
    known = context.roster.online
    name = undecorated(display.strip("<>"), known, prefix=context.bedrock_prefix)
    if name not in known and not context.plausible(name):
        return None
    uuid = context.roster.uuids.get(name)
    return PlayerKicked(at=at, server=context.server, player=name, uuid=uuid, reason=why, by=by)
