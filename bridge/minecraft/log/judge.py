"""Which rule a message belongs to, by its first character and its first words.

Chat, emotes and announcements come first: their marks stand before any word a player chooses, and what
bears such a mark is never taken for anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from bridge.minecraft.log import deeds, lifecycle, presence, proxies, speech
from bridge.minecraft.log.context import FOREIGN, KNOWN, Context, Outcome
from bridge.minecraft.log.layouts import CHAT, LOGIN, OTHER, SERVER, Header
from bridge.minecraft.log.noise import PASSED
from bridge.minecraft.log.vanilla import DEATH_VERBS

Rule: TypeAlias = Callable[[Context, str, datetime, Header], Outcome]
"""Judges a whole message."""
VerbRule: TypeAlias = Callable[[Context, str, str, datetime, Header], Outcome]
"""Judges a subject and the words after it."""

_SYSTEM_CHAT: Final = "System chat: "  # since 26.3, before what the game itself says
_DECORATIONS: Final = "[<({"  # with which a team's prefix in feedback begins
_HALT: Final = ": Stopping the server]"
_MOST_HEAD: Final = 112  # characters in which the verb must stand


def _left_or_died(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    outcome = presence.left(context, subject, tail, at, header)
    return deeds.died(context, subject, tail, at, header) if outcome is None else outcome


_VERB_RULES: Final[dict[str, VerbRule]] = dict.fromkeys(DEATH_VERBS, deeds.died) | {
    "joined": presence.joined,
    "(formerly": presence.renamed,
    "logged": presence.logged_in,
    "lost": presence.lost,
    "left": _left_or_died,
    "has": deeds.advanced,
    "issued": deeds.commanded,
}
"""By the word after the player's name."""
_VERBS: Final = frozenset(_VERB_RULES)
_LOGIN_VERBS: Final = frozenset({"lost"})


def spoken(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """``<Mira> hello``."""
    if header.role is OTHER or context.proxy:
        return None
    return speech.said(context, message, at)


def starred(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """``* Mira waves``; without the space it is the first character of a name."""
    if header.role is OTHER or context.proxy:
        return None
    if message[1:2] != " ":
        return sentence(context, message, at, header)
    return speech.emoted(context, message, at, header, secure=False)


def bracketed(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """``[Server] hello``, ``[Not Secure] …``, feedback, team prefixes, a proxy's lines, plugins' lines."""
    if context.proxy or header.role is OTHER:
        return proxies.proxied(context, message, at, header)
    end = message.find("]", 1)
    inside = message[1:end]
    after = message[end + 1 : end + 2]
    if after == " ":
        if inside == "Not Secure":
            return speech.unsigned(context, message, at, header)
        if inside in context.roster.online or inside in speech.CONSOLES:
            return speech.announced(context, message, at, secure=False)
    elif after == "<":
        return speech.said_in_world(context, message, at)
    return _unknown_bracket(context, message, inside, at, header)


def _unknown_bracket(context: Context, message: str, inside: str, at: datetime, header: Header) -> Outcome:
    """What stands in the first bracket is nobody who is known to be online."""
    outcome: Outcome = None
    if inside[:1] == "[":
        outcome = speech.announced(context, message, at, secure=False)
    if outcome is None and header.role is not CHAT:
        if inside[:1] in _DECORATIONS or ": " in inside:
            outcome = _feedback(context, message, at)
        if outcome is None and (header.role is LOGIN or "/" in inside or "connect" in inside):
            outcome = proxies.proxied(context, message, at, header)
        if outcome is None and header.role is SERVER:
            outcome = _prefixed(context, message, len(inside) + 2, at, header)
    return FOREIGN if outcome is None else outcome


def _feedback(context: Context, message: str, at: datetime) -> Outcome:
    """``[Mira: Kicked Noah: reason]`` and ``[Mira: Stopping the server]``; no other feedback counts."""
    by, separator, feedback = message[1:].partition(": Kicked ")
    if separator:
        if not _is_name(by):
            return None
        by = by.strip("<>").rpartition(" ")[2]
        return presence.kicked(context, "Kicked " + feedback.removesuffix("]"), at, by)
    if message.endswith(_HALT) and _is_name(message[1 : -len(_HALT)]):
        return lifecycle.halt(context, at)
    return None


def _is_name(before: str) -> bool:
    """Tell a name with a team's prefix, ``[Staff]: Noah``, from what somebody says, ``Mira] I say``."""
    return ": " not in before.replace("]: ", "") and not speech.closes(before)


def _prefixed(context: Context, message: str, end: int, at: datetime, header: Header) -> Outcome:
    """``[Staff]: Mira joined the game`` among the many lines of plugins: the second word decides."""
    space = message.find(" ", end + 2) + 1
    if space == 0:
        return None
    stop = message.find(" ", space)
    word = message[space:stop] if stop > 0 else message[space:]
    if word in _VERBS or word[:1] == "[" or message[end + 1 : end + 2] == "[":
        return _decorated(context, message, at, header)
    return None


def maybe_system(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """A sentence, or what the game itself says since 26.3: never a player's words."""
    if not message.startswith(_SYSTEM_CHAT):
        return sentence(context, message, at, header)
    message = message[len(_SYSTEM_CHAT) :]
    mark = message[:1]
    if mark == "[":
        outcome = _feedback(context, message, at)
        return _decorated(context, message, at, header) if outcome is None else outcome
    return KNOWN if mark in ("<", "*") else sentence(context, message, at, header)


def mended(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """``?eMira left the game``: the section sign of a colour code was lost in writing."""
    return sentence(context, message[2:], at, header)


def sentence(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """A sentence about a player, who is most often its first word, or about the server."""
    space = message.find(" ")
    if space < 0:
        return None
    first = message[:space]
    role = header.role
    if role is SERVER and not context.proxy:
        end = message.find(" ", space + 1)
        rule = _VERB_RULES.get(message[space + 1 : end] if end > 0 else message[space + 1 :])
        if (
            rule is not None
            and (outcome := rule(context, first, message[space + 1 :], at, header)) is not None
        ):
            return outcome
    elif role is CHAT:
        return None
    opening = _OPENINGS.get(first)
    if opening is not None and (outcome := opening(context, message, at, header)) is not None:
        return outcome
    if first in PASSED:
        return KNOWN
    return _decorated(context, message, at, header) if role is SERVER or role is LOGIN else None


def _decorated(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    """A sentence whose subject has several words: a team's prefix, a profile, an address."""
    verbs = _VERBS if header.role is SERVER and not context.proxy else _LOGIN_VERBS
    words = message[:_MOST_HEAD].split(" ")
    if verbs.isdisjoint(words):
        if "GameProfile" not in message[:64]:
            return None
        words = message.split(" ")
    end = len(words[0])
    for word in words[1:]:
        if word in verbs:
            outcome = _VERB_RULES[word](context, message[:end], message[end + 1 :], at, header)
            if outcome is not None:
                return outcome
        end += len(word) + 1
    return None


def _too_long(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    stripped = deeds.stripped(message)
    if stripped is None:
        return None
    subject, _, tail = stripped.partition(" ")
    return deeds.died(context, subject, tail, at, header)


def _started(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    context.proxy = context.proxy or header.velocity
    return lifecycle.started(context, message, at)


def _console(context: Context, message: str, at: datetime, _header: Header) -> Outcome:
    return lifecycle.stopping(context, message, at) or presence.kicked(context, message, at)


def _creature(_context: Context, _message: str, _at: datetime, _header: Header) -> Outcome:
    return KNOWN  # its death, whatever its name


def _plainly(rule: Callable[[Context, str, datetime], Outcome]) -> Rule:
    def judge(context: Context, message: str, at: datetime, _header: Header) -> Outcome:
        return rule(context, message, at)

    return judge


_OPENINGS: Final[dict[str, Rule]] = {
    "UUID": _plainly(presence.identified),
    "Disconnecting": _plainly(presence.disconnecting),
    "Starting": _plainly(lifecycle.starting),
    "Done": _started,
    "Stopping": _plainly(lifecycle.stopping),
    "CONSOLE:": _console,
    "Can't": _plainly(lifecycle.overloaded),
    "Kicked": _plainly(presence.kicked),
    "Actually,": _too_long,
    "Named": _creature,
    "Booting": proxies.proxy_life,
    "Listening": proxies.proxy_life,
    "Shutting": proxies.proxy_life,
    "Closing": proxies.proxy_life,
}
"""By the first word of sentences that do not begin with a player."""

MARKS: Final[dict[str, Rule]] = {
    "<": spoken,
    "*": starred,
    "[": bracketed,
    "S": maybe_system,
    "?": mended,
}
"""By a message's first character; all others begin a :func:`sentence`."""
