"""Chat, ``/me`` and ``/say``: decided before anything else, because players choose the words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from bridge.events import ChatBroadcast, ChatEmoted, ChatSaid, Event, Speaker, SpeakerKind
from bridge.minecraft.log.context import KNOWN, Context, Outcome
from bridge.minecraft.log.layouts import CHAT, Header
from bridge.minecraft.log.names import known_in, undecorated

NOT_SECURE: Final = "[Not Secure] "
_CONSOLE: Final = SpeakerKind.CONSOLE
CONSOLES: Final = frozenset({"Server", "Rcon", "@", "CONSOLE", "RCON"})
_AMPERSAND: Final = re.compile(r"&[0-9a-fk-or]")  # CanaryMod and chat plugins write colours so
_CONSOLE_SPEAKERS: Final = {name: Speaker(kind=_CONSOLE, name=name) for name in CONSOLES}
_HAS_LETTER: Final = re.compile(r"\w")
_WORLD: Final = re.compile(r"\[[\w.-]{1,40}\]<")
_MOST_EMOTE_WORDS: Final = 5


def said(context: Context, message: str, at: datetime) -> Outcome:
    """``<Mira> hello``; the name may wear a team's or a plugin's decoration."""
    end = message.find("> ", 1)
    if end < 0:
        return None
    display = message[1:end]
    roster = context.roster
    speaker = roster.speakers.get(display)
    if speaker is None or display not in roster.online:
        if not _HAS_LETTER.search(display):
            return None
        name = undecorated(_AMPERSAND.sub("", display).strip(), roster.online, prefix=context.bedrock_prefix)
        if context.plausible(name):
            roster.see(name)
        speaker = roster.speaker(name)
    return ChatSaid(at=at, end=context.end, speaker=speaker, text=message[end + 2 :])


def emoted(context: Context, message: str, at: datetime, header: Header, *, secure: bool) -> Outcome:
    """``* Mira waves``; without the name of somebody online it is a plugin's banner.

    *secure* tells that the line bears the game's own mark, so that the name need not be known.
    """
    if not message.startswith("* "):
        return None
    found = _actor(context, message[2:], trusting=secure or header.own)
    if found is None:
        return None
    speaker, text = found
    return ChatEmoted(at=at, end=context.end, speaker=speaker, text=text)


def _actor(context: Context, words: str, *, trusting: bool) -> tuple[Speaker, str] | None:
    first, _, rest = words.partition(" ")
    roster = context.roster
    if first in roster.online:
        return roster.speaker(first), rest
    end = 0
    for word in words.split(" ", _MOST_EMOTE_WORDS)[:_MOST_EMOTE_WORDS]:
        end += len(word) + 1
        name = word if word in roster.online else known_in(word, roster.online)
        if name is not None:
            return roster.speaker(name), words[end:]
    if first in CONSOLES and rest:
        return _CONSOLE_SPEAKERS[first], rest
    if trusting and rest:
        return _stranger(context, words)
    return None


def _stranger(context: Context, words: str) -> tuple[Speaker, str] | None:
    """Somebody whose join was not read; a team's prefix in brackets may stand before the name."""
    bare = re.sub(r"^(?:\[[^\]]*\]:? ?)+", "", words)
    name, _, text = bare.partition(" ")
    if not context.plausible(name) or not text:
        return None
    context.roster.see(name)
    return context.roster.speaker(name), text


def announced(context: Context, message: str, at: datetime, *, secure: bool) -> Outcome:
    """``[Server] text``, ``[Rcon] text``, ``[@] text`` or ``[Mira] text``; plugins write the same."""
    end = message.find("] ", 1)
    if end < 0:
        return None
    display = message[1:end]
    text = message[end + 2 :]
    roster = context.roster
    if display in roster.online:
        speaker = roster.speaker(display)
    elif display in CONSOLES:
        speaker = _CONSOLE_SPEAKERS[display]
    elif display.startswith("[") or secure:
        return _announced_decorated(context, message, at, secure=secure)
    else:
        return None
    return ChatBroadcast(at=at, end=context.end, speaker=speaker, text=text)


def _announced_decorated(context: Context, message: str, at: datetime, *, secure: bool) -> Outcome:
    """``[[Red] Mira] text``: the bracket closes where those inside it have closed."""
    end = _closing(message)
    if end < 0 or message[end + 1 : end + 2] != " ":
        return None
    display, text = message[1:end], message[end + 2 :]
    if ": " in display and not secure:
        return None
    name = known_in(display, context.roster.online)
    if name is None:
        if not secure:
            return None
        name = undecorated(display, context.roster.online, prefix=context.bedrock_prefix)
    named = context.plausible(name)
    speaker = context.roster.speaker(name) if named else Speaker(kind=_CONSOLE, name=name)
    return ChatBroadcast(at=at, end=context.end, speaker=speaker, text=text)


def _closing(message: str) -> int:
    depth = 0
    for index, character in enumerate(message[:120]):
        if character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return index
    return -1


def closes(inside: str) -> bool:
    """Tell whether a bracket that was opened before *inside* is closed in it."""
    return "]" in inside and _closing("[" + inside) >= 0


def unsigned(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """``[Not Secure] `` and then chat, an emote or ``/say``; nothing else bears that mark."""
    rest = message[len(NOT_SECURE) :]
    if rest.startswith("<"):
        return said(context, rest, at) or KNOWN
    if rest.startswith("* "):
        return emoted(context, rest, at, header, secure=True) or KNOWN
    if rest.startswith("["):
        if _WORLD.match(rest):
            return said(context, rest[rest.index("<") :], at) or KNOWN
        return (
            _announced_by_plugin(context, rest, header) or announced(context, rest, at, secure=True) or KNOWN
        )
    return KNOWN


def _announced_by_plugin(context: Context, message: str, header: Header) -> Outcome:
    """``[Member] Mira: hello`` is a chat plugin's way to write chat, not an announcement by Member."""
    display, _, text = message[1:].partition("] ")
    name, colon, _ = text.partition(": ")
    online = context.roster.online
    if not colon or display in CONSOLES or known_in(display, online) is not None:
        return None
    return KNOWN if header.role is CHAT or known_in(name, online) is not None else None


def said_in_world(context: Context, message: str, at: datetime) -> Outcome:
    """``[world]<Mira> hello``, as world managers write it; with a space it is a team's own channel."""
    return said(context, message[message.index("<") :], at) if _WORLD.match(message) else None


class PatternError(ValueError):
    """A chat pattern of the settings cannot be used; the text says which and why."""


class ChatRule:
    """A chat plugin's way of writing chat, from the settings.

    Raises:
        PatternError: Not a regular expression, or without the groups ``player`` and ``text``.
    """

    def __init__(self, pattern: str, thread: str | None = None) -> None:
        try:
            self._pattern = re.compile(pattern, re.DOTALL)
        except re.error as exc:
            raise PatternError(f"chat pattern {pattern!r} is not a regular expression: {exc}") from exc
        missing = [name for name in ("player", "text") if name not in self._pattern.groupindex]
        if missing:
            raise PatternError(f"chat pattern {pattern!r} needs the group (?P<{missing[0]}>...)")
        try:
            self._thread = re.compile(thread) if thread is not None else None
        except re.error as exc:
            raise PatternError(
                f"thread {thread!r} of a chat pattern is not a regular expression: {exc}"
            ) from exc

    def apply(self, context: Context, message: str, at: datetime, header: Header) -> Event | None:
        """Return the chat line that the message is by this rule, or None."""
        if self._thread is not None and not self._thread.match(header.thread or ""):
            return None
        found = self._pattern.match(message)
        if found is None or not found["player"] or found["text"] is None:
            return None
        name = undecorated(found["player"].strip(), context.roster.online, prefix=context.bedrock_prefix)
        if name not in context.roster.online and not context.plausible(name):
            return None
        return ChatSaid(at=at, end=context.end, speaker=context.roster.speaker(name), text=found["text"])
