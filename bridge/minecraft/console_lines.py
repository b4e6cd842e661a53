"""Lines of a console that arrive without a file: which are new, when they were written, what they tell.

A console has no offsets. What was read last is known again by the last few lines themselves.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Self, cast
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from bridge.events import AnyEvent, ServerStarting
from bridge.journal.records import Draft, RecordId, SourceName
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.decode import LONGEST_LINE, clean
from bridge.minecraft.log.lines import MOST_LINE_BYTES
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.silence import begins

REMEMBERED: Final = 6
"""So many lines are enough to know a place in a console again: each has its time in it."""
_SLIP: Final = timedelta(minutes=5)  # so far back may a clock be set between two lines


class Output(msgspec.Struct, frozen=True):
    """What the server has just written: some lines, or a part of one."""

    text: str


class History(msgspec.Struct, frozen=True):
    """What the server wrote last, as it comes at the beginning of a connection."""

    texts: tuple[str, ...]


def read_message(text: str | bytes) -> Output | History | None:
    """Return what a message of the console says; None where it is none that is known."""
    try:
        value: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    match value.get("type"), value.get("data"), value.get("lines"):
        case (("stdout" | "stderr"), str(data), _):
            return Output(data)
        case "logHistory", _, list(lines):
            return History(tuple(line for line in lines if isinstance(line, str)))
        case "logHistory", _, None:  # the server has written nothing yet
            return History(())
        case _:
            return None


class Cutter:
    """Turns what the server writes into whole lines, however it is cut into messages."""

    def __init__(self) -> None:
        self._rest = ""

    def history(self, texts: Sequence[str]) -> list[str]:
        """Begin anew with what was written last."""
        self._rest = ""
        if len(texts) > 1 and not any("\n" in text for text in texts):
            return [clean(text) for text in texts]  # whole lines already
        return self.feed("".join(texts))

    def feed(self, text: str) -> list[str]:
        """Return the lines that a piece of text completes."""
        *lines, rest = (self._rest + text).split("\n")
        self._rest = rest if len(rest) <= MOST_LINE_BYTES else ""  # no line of the game's is so long
        return [clean(line)[:LONGEST_LINE] for line in lines]


class Tail(msgspec.Struct, frozen=True):
    """The end of what was read: when it was written, and the last lines' checksums, oldest first."""

    at: datetime  # UTC
    sums: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return what :meth:`__str__` wrote, or None for anything else, such as a place in a file."""
        at, separator, sums = text.partition("|")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        if not separator or not sums or moment.tzinfo is None:
            return None
        return cls(moment.astimezone(UTC), tuple(sums.split(".")))

    def __str__(self) -> str:
        return f"{self.at.isoformat()}|{'.'.join(self.sums)}"

    def end_in(self, lines: Sequence[str]) -> int | None:
        """Return how many of the lines were read already, or None where they do not meet.

        Where the lines begin in the middle of the remembered ones, those that are there have to fit.
        """
        found = [_sum(line) for line in lines]
        for end in range(len(found), 0, -1):
            known = self.sums[-end:]
            if len(known) == 1 < len(self.sums):
                break  # one line alone can be like another by chance
            if known == tuple(found[end - len(known) : end]):
                return end
        return None


class ConsoleDrafter:
    """Parses a console's lines in order and words what they tell as drafts; knows no sockets."""

    def __init__(self, source: SourceName, parser: LogParser, *, zone: ZoneInfo, late_after_s: float) -> None:
        self.parser = parser
        self.late_after_s = late_after_s
        self.tail: Tail | None = None  # of all that was read
        self._source = source
        self._zone = zone
        self._clock = LineClock(date.min, zone)
        self._sums: deque[str] = deque(maxlen=REMEMBERED)
        self._same: Counter[str] = Counter()  # lines of the newest second
        self._second: datetime | None = None
        self._alive_at: datetime | None = None  # the last line that a running server wrote

    def learn(self, lines: Sequence[str], *, now: datetime) -> None:
        """Read lines for what they say about who is online; nothing is told of them."""
        self.drafts(lines, now=now)

    def drafts(self, lines: Sequence[str], *, now: datetime, live: bool = False) -> list[Draft]:
        """Return the facts that lines tell; *live* ones were written a moment ago and are never late."""
        late_before = now - timedelta(seconds=self.late_after_s)
        drafts = []
        for line, at in zip(lines, self.moments(lines, now=now), strict=True):
            event = self._told(line, at)
            id_ = self._noted(line, at)
            if event is not None:
                late = not live and event.at < late_before
                drafts.append(
                    Draft(id=id_, source=self._source, place=str(self.tail), event=event, late=late)
                )
        return drafts

    def moments(self, lines: Sequence[str], *, now: datetime) -> list[datetime]:
        """Return when each line was written: the last one about now, each other one not after the next."""
        moments: list[datetime] = []
        later: datetime | None = None
        for line in reversed(lines):
            parts = self.parser.split(line) if line else None
            if parts is not None:
                near = [
                    at
                    for back in (-1, 0, 1, 2)
                    if (at := self._at(parts[0], parts[1], later or now, back)) is not None
                ]
                if later is None and near:
                    later = min(near, key=lambda at: abs(at - now))
                elif later is not None:
                    latest = later + _SLIP
                    later = max((at for at in near if at <= latest), default=later)
            moments.append(later or now)
        return moments[::-1]

    def _at(self, time: str, day_in_line: str | None, about: datetime, back: int) -> datetime | None:
        day = (about - timedelta(days=back)).astimezone(self._zone).date()
        return self._clock_of(day).utc(time, day_in_line)

    def _clock_of(self, day: date) -> LineClock:
        if day != self._clock.day:
            self._clock = LineClock(day, self._zone)
        return self._clock

    def _told(self, line: str, at: datetime) -> AnyEvent | None:
        clock = self._clock_of(at.astimezone(self._zone).date())
        event = self.parser.parse(line, clock)
        if isinstance(event, ServerStarting) and self._alive_at is not None:
            event = msgspec.structs.replace(event, silent_since=self._alive_at)
        parts = self.parser.split(line) if line else None
        if parts is not None and not begins(parts[2], parts[3]):
            self._alive_at = at
        return cast("AnyEvent | None", event)

    def _noted(self, line: str, at: datetime) -> RecordId:
        """Remember a line and return the id of what it tells: the same in every history that holds it."""
        if at != self._second:
            self._second = at
            self._same.clear()
        total = _sum(line)
        self._same[total] += 1
        self._sums.append(total)
        self.tail = Tail(at, tuple(self._sums))
        return RecordId(f"{self._source}:{at.isoformat()}:{total}:{self._same[total]}")


def _sum(line: str) -> str:
    return f"{crc32(line.encode(errors='replace')):08x}"
