"""What players do and suffer: deaths, advancements, commands."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bridge.events import FrameKind, PlayerAdvanced, PlayerCommanded, PlayerDied
from bridge.minecraft.log.context import KNOWN, Context, Outcome, looks_like_say
from bridge.minecraft.log.layouts import Header
from bridge.minecraft.log.names import MOBS, known_in, plausible
from bridge.minecraft.log.speech import CONSOLES
from bridge.minecraft.log.vanilla import TOO_LONG_OPENINGS, achievement_key, advancement_key, death

_FRAMES: Final = (
    ("has made the advancement [", FrameKind.TASK),
    ("has completed the challenge [", FrameKind.CHALLENGE),
    ("has reached the goal [", FrameKind.GOAL),
    ("has just earned the achievement [", FrameKind.ACHIEVEMENT),
)
_ACHIEVEMENT: Final = FrameKind.ACHIEVEMENT
_ISSUED: Final = "issued server command: "
_LONGEST_DEATH: Final = 1024
_PLAYER_KEYS: Final = {
    "death.attack.mob": "death.attack.player",
    "death.attack.mob.item": "death.attack.player.item",
}


def advanced(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    """``Mira has made the advancement [Stone Age]`` and the three other ways to say it."""
    if tail[-1:] != "]":
        return None
    for opening, frame in _FRAMES:
        if tail.startswith(opening):
            name = context.subject(subject, header, stranger=not looks_like_say(subject))
            if name is None:
                return None
            context.roster.see(name)
            title = tail[len(opening) : -1]
            key = achievement_key(title) if frame is _ACHIEVEMENT else advancement_key(title)
            uuid = context.roster.uuids.get(name)
            return PlayerAdvanced(
                at=at, server=context.server, player=name, uuid=uuid, title=title, frame=frame, key=key
            )
    return None


def commanded(context: Context, subject: str, tail: str, at: datetime, _header: Header) -> Outcome:
    """``Mira issued server command: /home``; only the verb is kept."""
    if not tail.startswith(_ISSUED):
        return None
    if subject not in context.roster.online:
        if subject in CONSOLES:
            return KNOWN
        if not plausible(subject, prefix=context.bedrock_prefix):
            return None
    verb = tail[len(_ISSUED) :].split(maxsplit=1)[:1]
    if not verb:
        return None
    context.roster.see(subject)
    command = verb[0] if verb[0].startswith("/") else f"/{verb[0]}"
    uuid = context.roster.uuids.get(subject)
    return PlayerCommanded(at=at, server=context.server, player=subject, uuid=uuid, command=command)


def died(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    """``Mira was slain by Zombie``: one of the game's sentences to its end."""
    told = death(tail) if len(tail) <= _LONGEST_DEATH else None
    if told is None:
        return None
    name = context.subject(subject, header, stranger=not looks_like_say(subject), word=False)
    if name is None or (name in MOBS and name not in context.roster.online):
        return None
    context.roster.see(name)
    killer = told.killer
    key = told.key
    if killer is not None and (player := _player_in(killer, context)) is not None:
        killer = player
        key = _PLAYER_KEYS.get(key, key)
    return PlayerDied(
        at=at,
        server=context.server,
        player=name,
        uuid=context.roster.uuids.get(name),
        text=tail,
        key=key,
        killer=killer,
        item=told.item,
    )


def _player_in(killer: str, context: Context) -> str | None:
    """The player that a killer is, without a team's prefix."""
    online = context.roster.online
    if killer in online or killer in MOBS:
        return killer if killer in online else None
    player = known_in(killer, online)
    return player if player is not None and killer.endswith(player) else None


def stripped(message: str) -> str | None:
    """Return the sentence inside ``Actually, the message was too long …``, or None when it is not that."""
    return next((message[len(start) :] for start in TOO_LONG_OPENINGS if message.startswith(start)), None)
