"""One log line in, at most one event out; knows no files and no sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from bridge.config.settings import ChatPattern, DialectName
from bridge.events import Event, ServerId
from bridge.minecraft.log import deeds, lifecycle, presence, proxies, speech
from bridge.minecraft.log.clock import Clock
from bridge.minecraft.log.context import KNOWN, Context, Outcome
from bridge.minecraft.log.dialects import PROXIES, LineSplitter
from bridge.minecraft.log.layouts import Header, Role, Split
from bridge.minecraft.log.names import without_codes
from bridge.minecraft.log.noise import OPENINGS
from bridge.minecraft.log.vanilla import DEATH_VERBS

_Rule: TypeAlias = Callable[[Context, str, str, datetime, Header], Outcome]

_SYSTEM_CHAT: Final = "System chat: "  # since 26.3, before what the game itself says
_MOST_HEAD: Final = 112  # characters in which the verb must stand


def _left_or_died(context: Context, subject: str, tail: str, at: datetime, header: Header) -> Outcome:
    outcome = presence.left(context, subject, tail, at, header)
    return deeds.died(context, subject, tail, at, header) if outcome is None else outcome


_RULES: Final[dict[str, _Rule]] = dict.fromkeys(DEATH_VERBS, deeds.died) | {
    "joined": presence.joined,
    "(formerly": presence.renamed,
    "logged": presence.logged_in,
    "lost": presence.lost,
    "left": _left_or_died,
    "has": deeds.advanced,
    "issued": deeds.commanded,
}
"""By the word after the player's name."""
_VERBS: Final = frozenset(_RULES)
_LOGIN_VERBS: Final = frozenset({"lost"})


class Counts(msgspec.Struct):
    """How many lines came to what; the sum is the number of lines."""

    events: int = 0
    known: int = 0  # understood, and no event
    foreign: int = 0  # plugins, mods, warnings
    continuations: int = 0  # without a prefix: the rest of a message
    unrecognised: int = 0  # a prefix, but words that no rule knows

    @property
    def lines(self) -> int:
        """Return the number of lines."""
        return self.events + self.known + self.foreign + self.continuations + self.unrecognised


class LogParser:
    """Tells what each line of one server's log means, line after line in order.

    Raises:
        PatternError: One of *chat_patterns* cannot be used.
    """

    def __init__(
        self,
        server: ServerId,
        *,
        dialect: DialectName = DialectName.AUTO,
        chat_patterns: tuple[ChatPattern, ...] = (),
        bedrock_prefix: str = ".",
    ) -> None:
        self.counts = Counts()
        self._splitter = LineSplitter(dialect)
        self._context = Context(server, bedrock_prefix=bedrock_prefix, proxy=dialect in PROXIES)
        self._chat_rules = tuple(speech.ChatRule(rule.pattern, rule.thread) for rule in chat_patterns)

    @property
    def unknown(self) -> int:
        """Return how many lines had a prefix but words that no rule knows."""
        return self.counts.unrecognised

    @property
    def layout(self) -> str:
        """Return the layout of the newest line that had one."""
        return self._splitter.layout

    @property
    def online(self) -> tuple[str, ...]:
        """Return the names that the log has on the server now."""
        return tuple(self._context.roster.online)

    def restore(self, events: Iterable[Event]) -> None:
        """Rebuild who is online from events that the journal holds, oldest first."""
        self._context.roster.restore(events)

    def split(self, line: str) -> Split | None:
        """Return the line without its prefix, or None when it has none."""
        split = None if self._splitter.wrapped else self._splitter.current(line)
        return self._splitter.other(line) if split is None else split

    def parse(self, line: str, clock: Clock) -> Event | None:
        """Return the event that a line tells, or None; *line* is decoded and has no line end.

        A join, a leave, a refusal and a stop are told once, by the first of their lines.
        """
        splitter = self._splitter
        split = None if splitter.wrapped else splitter.current(line)
        if split is None and (split := splitter.other(line)) is None:
            self.counts.continuations += 1
            return None
        outcome = self._judge(split, clock)
        if outcome is None:
            self._count_unknown(split)
            return None
        if outcome is KNOWN:
            self.counts.known += 1
            return None
        self.counts.events += 1
        return outcome

    def _count_unknown(self, split: Split) -> None:
        header, message = split.header, split.message
        if header.foreign or not header.info or header.role is not Role.SERVER or message[:1] == "[":
            self.counts.foreign += 1
        elif message.partition(" ")[0] in OPENINGS:
            self.counts.known += 1
        else:
            self.counts.unrecognised += 1

    def _judge(self, split: Split, clock: Clock) -> Outcome:
        time, day, header, message = split
        if header.foreign or not header.info:
            return self._judge_foreign(split, clock)
        if "§" in message:
            message = without_codes(message)
        first = message[:1]
        if first in ("<", "[", "*"):
            at = clock.utc(time, day)
            return None if at is None else self._judge_marked(message, at, header)
        if self._chat_rules and (at := clock.utc(time, day)) is not None:
            for rule in self._chat_rules:
                if (event := rule.apply(self._context, message, at, header)) is not None:
                    return event
        if first == "?" and message[1:2]:
            message = message[2:]  # a colour code whose section sign did not survive
        return self._judge_sentence(split, message, clock)

    def _judge_foreign(self, split: Split, clock: Clock) -> Outcome:
        time, day, header, message = split
        if message.startswith("Can't keep up!") and not header.foreign and (at := clock.utc(time, day)):
            return lifecycle.overloaded(self._context, message, at)
        if self._chat_rules and header.info and (at := clock.utc(time, day)) is not None:
            message = without_codes(message)
            for rule in self._chat_rules:
                if (event := rule.apply(self._context, message, at, header)) is not None:
                    return event
        return None

    def _judge_marked(self, message: str, at: datetime, header: Header) -> Outcome:
        """Chat, emotes, announcements, feedback, team prefixes, a proxy's lines."""
        context = self._context
        for rule in self._chat_rules:
            if (event := rule.apply(context, message, at, header)) is not None:
                return event
        role = header.role
        first = message[0]
        if context.proxy or role is Role.OTHER:
            return proxies.proxied(context, message, at, header) if first == "[" else None
        if first == "<":
            return speech.said(context, message, at)
        if first == "*":
            return speech.emoted(context, message, at, header, secure=False)
        return self._judge_bracketed(message, at, header)

    def _judge_bracketed(self, message: str, at: datetime, header: Header) -> Outcome:
        context = self._context
        if message.startswith(speech.NOT_SECURE):
            return speech.unsigned(context, message, at, header)
        outcome = speech.announced(context, message, at, secure=False)
        if outcome is None:
            outcome = speech.said_in_world(context, message, at)
        if outcome is not None or header.role is Role.CHAT:
            return outcome
        outcome = self._judge_feedback(message, at)
        if outcome is None and (
            "] <-> " in message or header.role is Role.LOGIN or message.startswith("[conn")
        ):
            outcome = proxies.proxied(context, message, at, header)
        if outcome is None and header.role is Role.SERVER:
            outcome = self._judge_decorated(message, at, header)
        return outcome

    def _judge_feedback(self, message: str, at: datetime) -> Outcome:
        """``[Mira: Kicked Noah: reason]`` and ``[Mira: Stopping the server]``; no other feedback counts."""
        by, separator, feedback = message[1:].partition(": Kicked ")
        if separator and ("] " not in by or by.startswith("[")):
            by = by.rpartition(" ")[2]
            return presence.kicked(self._context, "Kicked " + feedback.removesuffix("]"), at, by)
        if message.endswith(": Stopping the server]"):
            return lifecycle.halt(self._context, at)
        return None

    def _judge_sentence(self, split: Split, message: str, clock: Clock) -> Outcome:
        time, day, header, _ = split
        role = header.role
        if role is Role.CHAT:
            return None
        at = clock.utc(time, day)
        if at is None:
            return None
        if message.startswith(_SYSTEM_CHAT):
            return self._judge_system(message[len(_SYSTEM_CHAT) :], at, header)
        return self._judge_plain(message, at, header)

    def _judge_system(self, message: str, at: datetime, header: Header) -> Outcome:
        """What the game itself says since 26.3: never a player's words."""
        if message[:1] == "[":
            outcome = self._judge_feedback(message, at)
            return self._judge_decorated(message, at, header) if outcome is None else outcome
        return self._judge_plain(message, at, header) if message[:1] not in ("<", "*") else None

    def _judge_plain(self, message: str, at: datetime, header: Header) -> Outcome:
        context = self._context
        space = message.find(" ")
        if space < 0:
            return None
        opening = _OPENINGS.get(message[:space])
        if header.role is Role.SERVER and not context.proxy:
            verb_end = message.find(" ", space + 1)
            rule = _RULES.get(message[space + 1 : verb_end] if verb_end > 0 else message[space + 1 :])
            if rule is not None:
                outcome = rule(context, message[:space], message[space + 1 :], at, header)
                if outcome is not None:
                    return outcome
            if opening is None:
                return self._judge_decorated(message, at, header)
        if opening is not None:
            outcome = opening(context, message, at, header)
            return self._judge_decorated(message, at, header) if outcome is None else outcome
        return self._judge_decorated(message, at, header) if header.role is Role.LOGIN else None

    def _judge_decorated(self, message: str, at: datetime, header: Header) -> Outcome:
        """A sentence whose subject has several words: a team's prefix, a profile, an address."""
        verbs = _VERBS if header.role is Role.SERVER and not self._context.proxy else _LOGIN_VERBS
        words = message[:_MOST_HEAD].split(" ")
        if verbs.isdisjoint(words):
            if "GameProfile" not in message[:64]:
                return None
            words = message.split(" ")
        end = len(words[0])
        for word in words[1:]:
            if word in verbs:
                outcome = _RULES[word](self._context, message[:end], message[end + 1 :], at, header)
                if outcome is not None:
                    return outcome
            end += len(word) + 1
        return None


def _too_long(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    sentence = deeds.stripped(message)
    if sentence is None:
        return None
    subject, _, tail = sentence.partition(" ")
    return deeds.died(context, subject, tail, at, header)


def _plainly(
    rule: Callable[[Context, str, datetime], Outcome],
) -> Callable[[Context, str, datetime, Header], Outcome]:
    def judge(context: Context, message: str, at: datetime, _header: Header) -> Outcome:
        return rule(context, message, at)

    return judge


def _started(context: Context, message: str, at: datetime, header: Header) -> Outcome:
    context.proxy = context.proxy or header.velocity
    return lifecycle.started(context, message, at)


def _nothing(_context: Context, _message: str, _at: datetime, _header: Header) -> Outcome:
    return KNOWN  # a creature's death, whatever its name


_OPENINGS: Final[dict[str, Callable[[Context, str, datetime, Header], Outcome]]] = {
    "UUID": _plainly(presence.identified),
    "Disconnecting": _plainly(presence.disconnecting),
    "Starting": _plainly(lifecycle.starting),
    "Done": _started,
    "Stopping": _plainly(lifecycle.stopping),
    "CONSOLE:": _plainly(
        lambda context, message, at: (
            lifecycle.stopping(context, message, at) or presence.kicked(context, message, at)
        )
    ),
    "Can't": _plainly(lifecycle.overloaded),
    "Kicked": _plainly(presence.kicked),
    "Actually,": _too_long,
    "Named": _nothing,
    "Booting": proxies.proxy_life,
    "Listening": proxies.proxy_life,
    "Shutting": proxies.proxy_life,
    "Closing": proxies.proxy_life,
}
"""By the first word of sentences that do not begin with a player."""
