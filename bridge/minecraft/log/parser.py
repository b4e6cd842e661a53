"""One log line in, at most one event out; knows no files and no sockets."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec

from bridge.config.settings import ChatPattern, DialectName
from bridge.events import Event, ListedPlayer, ServerId
from bridge.minecraft.log.clock import Clock
from bridge.minecraft.log.context import FOREIGN, KNOWN, Context, Outcome
from bridge.minecraft.log.dialects import PROXIES, LineSplitter
from bridge.minecraft.log.judge import MARKS, sentence
from bridge.minecraft.log.layouts import CHAT, SERVER, Header, Parts
from bridge.minecraft.log.names import without_codes
from bridge.minecraft.log.noise import OPENINGS
from bridge.minecraft.log.roster import STOPPING, UNKNOWN
from bridge.minecraft.log.speech import ChatRule

_MARKS_OF: Final = MARKS.get


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
        self._time = ""
        self._day: str | None = None  # of the line before: most lines share their second
        self._clock: Clock | None = None
        self._at: datetime | None = None
        self._chat_rules = tuple(ChatRule(rule.pattern, rule.thread) for rule in chat_patterns)

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

    @property
    def knows_all(self) -> bool:
        """Whether the server's start was read, so that nobody is online who was not told."""
        return self._context.roster.phase is not UNKNOWN

    @property
    def listed(self) -> tuple[ListedPlayer, ...]:
        """Return who plays now, with their UUIDs where the log told them; nobody once the server stops."""
        roster = self._context.roster
        if roster.phase is STOPPING:
            return ()
        return tuple(ListedPlayer(name=name, uuid=roster.uuids.get(name)) for name in roster.online)

    def correct(self, names: Collection[str]) -> None:
        """Go on as if these were online and nobody else: somebody else has looked."""
        self._context.roster.correct(names)

    def restore(self, events: Iterable[Event]) -> None:
        """Rebuild who is online from events that the journal holds, oldest first."""
        self._context.roster.restore(events)

    def split(self, line: str) -> Parts | None:
        """Return the line taken apart, or None when it has no known prefix."""
        parts = None if self._splitter.wrapped else self._splitter.current(line)
        return self._splitter.other(line) if parts is None else parts

    def parse(self, line: str, clock: Clock) -> Event | None:
        """Return the event that a line tells, or None; *line* is decoded and has no line end.

        A join, a leave, a refusal and a stop are told once, by the first of their lines.
        """
        splitter = self._splitter
        parts = None if splitter.wrapped else splitter.current(line)
        if parts is None and (parts := splitter.other(line)) is None:
            self.counts.continuations += 1
            return None
        time, day, header, message = parts
        rules = self._chat_rules
        if header.quiet and not message.startswith(header.openings) and not (rules and header.info):
            self.counts.foreign += 1
            return None
        if time != self._time or day != self._day or clock is not self._clock:
            self._turn_to(time, day, clock, header)
        at = self._at
        if "§" in message:
            message = without_codes(message)
        outcome: Outcome = None
        if at is not None:
            judge = _MARKS_OF(message[:1], sentence) if not rules else self._judge_by_rules
            outcome = judge(self._context, message, at, header)
        if outcome is KNOWN:
            self.counts.known += 1
        elif outcome is FOREIGN:
            self.counts.foreign += 1
        elif outcome is None:
            self._count_unclear(header, message)
        else:
            self.counts.events += 1
            return outcome
        return None

    def _turn_to(self, time: str, day: str | None, clock: Clock, header: Header) -> None:
        """Note the instant of the line, which those that follow most often share."""
        self._time, self._day, self._clock = time, day, clock
        self._at = clock.utc(time, day)
        if header.role is CHAT:
            self._context.chat_apart = True

    def _judge_by_rules(self, context: Context, message: str, at: datetime, header: Header) -> Outcome:
        """Judge a message by the chat patterns of the settings, and by the game's own rules after them."""
        for rule in self._chat_rules:
            if (event := rule.apply(context, message, at, header)) is not None:
                return event
        return FOREIGN if header.foreign else _MARKS_OF(message[:1], sentence)(context, message, at, header)

    def _count_unclear(self, header: Header, message: str) -> None:
        if message.partition(" ")[0] in OPENINGS:
            self.counts.known += 1
        elif header.role is not SERVER:
            self.counts.foreign += 1
        else:
            self.counts.unrecognised += 1
