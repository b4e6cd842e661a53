"""Reads a server's old log files, one after another, into the facts that its live log would have told.

The facts have the ids that the live log gives them, so that nothing is told twice; they are of another
source, so that the live log never resumes at one of them.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from bridge.config.settings import ChatPattern, DialectName
from bridge.events import AnyEvent, ServerId, ServerMissed, ServerObserved, kind_of
from bridge.journal.records import Draft, RecordId, SourceName, import_source
from bridge.minecraft.imports.course import Course
from bridge.minecraft.imports.found import OldLog, Series, missing_between
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.decode import decode
from bridge.minecraft.log.drafts import Drafter, utc_now
from bridge.minecraft.log.files import READ_BYTES
from bridge.minecraft.log.follow import Lines
from bridge.minecraft.log.lines import LineCutter, Piece
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.place import HEAD_BYTES

_LEARNED_AGAIN: Final = 2  # files: who is online now came in one of them
_LOOKED_AT: Final = 400  # lines at either end of a piece, for one with a time: most others are stack traces
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_ODD_S: Final = 600.0
_MOMENT: Final = timedelta(minutes=1)  # so little between two files that nothing can be missing


class LogJob(msgspec.Struct, frozen=True, kw_only=True):
    """Which logs to read, and how their lines are to be understood."""

    server: str
    logs: tuple[OldLog, ...]
    zone: str
    encoding: str = "cp1252"
    dialect: str = DialectName.AUTO.value
    chat_patterns: tuple[dict[str, str | None], ...] = ()
    bedrock_prefix: str = "."
    words_from: datetime | None = None  # what was said before loses its words
    until: datetime | None = None  # from then on the live log has still to tell, and tells people, too
    dry: bool = False  # nothing is wanted but the figures


@dataclass(frozen=True, slots=True)
class Facts:
    """What some lines told."""

    drafts: Sequence[Draft]
    lines: int
    read: int  # bytes of the file on disk that are done with


class Hole(msgspec.Struct, frozen=True, kw_only=True, tag="hole"):
    """Between two files something is missing."""

    since: datetime
    at: datetime
    path: str  # the file after it


class FileRead(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A file is done with."""

    path: str
    size: int
    lines: int
    events: dict[str, int]  # by kind
    first: datetime | None = None  # its first line
    last: datetime | None = None
    problem: str = ""  # why not all of it could be read
    damaged_at: int | None = None  # after so many bytes of text, where it is damaged
    left: bool = False  # whether its end is left to the live log
    odd: bool = False  # its last line is not from when it was written, which tells its day


Told: TypeAlias = Facts | Hole | FileRead


@dataclass(slots=True)
class _State:
    """How far one file has been read."""

    log: OldLog
    parser: LogParser
    zone: ZoneInfo
    lines: int = 0
    events: Counter[type[AnyEvent]] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    problem: str = ""
    damaged_at: int | None = None

    def look(self, piece: Piece) -> bool:
        """Take the times of a piece's first and last line; True for the first piece that has one."""
        clock, was_first = LineClock(self.log.day, self.zone), self.first is None
        if was_first:
            begun = islice(piece.data.split(b"\n", _LOOKED_AT), _LOOKED_AT)
            self.first = self.last = self._time(begun, clock)
        if self.first is None or self.last is None:
            return False
        ended = self._time(reversed(piece.data.rsplit(b"\n", _LOOKED_AT)[1:]), clock)
        self.last = max(self.last, ended or self.last)  # an hour can come twice
        return was_first

    def _time(self, lines: Iterator[bytes], clock: LineClock) -> datetime | None:
        for line in lines:
            parts = self.parser.split(decode(line.rstrip(b"\r")))
            if parts is not None and (at := clock.utc(parts[0], parts[1])) is not None:
                return at
        return None


class OldLogs:
    """Reads the files of a job in their order, within bounded memory; blocks."""

    def __init__(self, job: LogJob) -> None:
        self._job = job
        self._server = ServerId(job.server)
        self._source = import_source(self._server)
        self._zone = ZoneInfo(job.zone)
        self._now = utc_now()
        self._before: OldLog | None = None
        self._last: datetime | None = None  # line of the files before
        self._cut = False  # the end of the file before could not be read
        self._begin_anew()

    def read(self) -> Iterator[Told]:
        """Yield what the files tell: the facts of each, then that it was read."""
        for index, log in enumerate(self._job.logs):
            if log.read_through is not None:
                self._last = log.read_through
            else:
                if index and self._job.logs[index - 1].read_through is not None:
                    self._learn(self._job.logs[max(0, index - _LEARNED_AGAIN) : index])
                yield from self._read(log)
            self._before = log

    def _begin_anew(self) -> None:
        """Know nothing of who is online."""
        job, self._course = self._job, Course()
        parser = LogParser(
            self._server,
            dialect=DialectName(job.dialect),
            chat_patterns=tuple(ChatPattern.model_validate(each) for each in job.chat_patterns),
            bedrock_prefix=job.bedrock_prefix,
        )
        live = SourceName(f"log:{self._server}")
        self._drafter = Drafter(live, parser, zone=self._zone, encoding=job.encoding, late_after_s=0.0)

    def _learn(self, logs: Sequence[OldLog]) -> None:
        """Read files again that were imported before, for who was online at their end."""
        self._begin_anew()
        for log in logs:
            for piece, head, _ in _pieces(log, _State(log, self._drafter.parser, self._zone)):
                self._course.take(draft.event for draft in self._drafts(piece, head, log))

    def _read(self, log: OldLog) -> Iterator[Told]:
        state, hole = self._state(log), False
        if self._before is not None and (self._cut or missing_between(self._before, log)):
            hole = True
            self._begin_anew()
            state.parser = self._drafter.parser
        for piece, head, done in _pieces(log, state):
            drafts = self._drafts(piece, head, log)
            if state.look(piece):
                if not hole and self._breaks(drafts, state):
                    hole = True
                    self._begin_anew()  # who was online then need not be now: the lines mean something else
                    state.parser = self._drafter.parser
                    drafts = self._drafts(piece, head, log)
                yield from self._missed(state) if hole else ()
            self._course.take(draft.event for draft in drafts)
            state.events.update(map(type, (draft.event for draft in drafts)))
            lines = piece.data.count(b"\n")
            state.lines += lines
            yield Facts(drafts, lines, done)
        yield from self._ended(state, hole=hole)

    def _state(self, log: OldLog) -> _State:
        return _State(log, self._drafter.parser, self._zone)

    def _breaks(self, drafts: Sequence[Draft], state: _State) -> bool:
        if self._last is None or state.first is None or state.first - self._last < _MOMENT:
            return False
        return self._course.breaks(draft.event for draft in drafts)

    def _missed(self, state: _State) -> Iterator[Told]:
        first, since = state.first, self._last
        if first is None or since is None or self._is_left(first):
            return
        at = max(first, since)  # clocks that were put back
        event = ServerMissed(at=at, server=self._server, since=since)
        yield Hole(since=since, at=at, path=state.log.path)
        yield Facts([self._draft("missed", state.log, event)], 0, 0)

    def _ended(self, state: _State, *, hole: bool) -> Iterator[Told]:
        """Tell from when to when the file is a whole account, together with the one before it."""
        log, first, last, before = state.log, state.first, state.last, self._last
        self._cut = bool(state.problem)
        if first is not None and last is not None:
            if not self._is_left(first):
                follows = before is not None and not hole and before <= first
                since = before if follows and before is not None else first
                until = last if self._job.until is None else min(last, self._job.until)
                event = ServerObserved(at=until, server=self._server, since=since)
                yield Facts([self._draft("observed", log, event)], 0, log.size)
            self._last = max(last, before or last)
        yield FileRead(
            path=log.path,
            size=log.size,
            lines=state.lines,
            events={kind_of(kind): count for kind, count in state.events.items()},
            first=first,
            last=last,
            problem=state.problem,
            damaged_at=state.damaged_at,
            left=last is not None and self._is_left(last),
            odd=last is not None and log.series is not Series.DATED and _odd(last, log),
        )

    def _is_left(self, at: datetime) -> bool:
        """Tell whether what happened then is left to the live log."""
        return self._job.until is not None and at >= self._job.until

    def _draft(self, what: str, log: OldLog, event: AnyEvent) -> Draft:
        id_ = RecordId(f"{self._source}:{what}:{log.mark}")
        return Draft(id=id_, source=self._source, place=log.mark, event=event, late=True)

    def _drafts(self, piece: Piece, head: bytes, log: OldLog) -> list[Draft]:
        told = self._drafter.drafts(Lines(piece, log.day), head, now=self._now)
        source, until = self._source, self._job.until or _NEVER
        return [
            Draft(id=each.id, source=source, place=each.place, event=each.event, late=True)
            for each in told
            if each.event.at < until
        ]


def _odd(last: datetime, log: OldLog) -> bool:
    """Tell whether a file was copied without its time, or the zone of its clock is another."""
    return abs(last.timestamp() - log.written_at) > _ODD_S


def observed_mark(server: ServerId, id_: RecordId) -> str | None:
    """Return the mark of the file that a record of ``server.observed`` is about; None if it is of no file."""
    prefix = f"{import_source(server)}:observed:"
    return id_.removeprefix(prefix) if id_.startswith(prefix) else None


def _pieces(log: OldLog, state: _State) -> Iterator[tuple[Piece, bytes, int]]:
    """Yield a file's whole lines with its first bytes, and how many bytes on disk they took.

    What stands after the last line break is no line. Where it cannot be read it ends, and *state* says why.
    """
    cutter, head = LineCutter(), b""
    try:
        with Path(log.path).open("rb", buffering=0) as raw:
            stream = gzip.GzipFile(fileobj=raw) if log.path.endswith(".gz") else raw
            while (
                data := stream.read1(READ_BYTES)
                if isinstance(stream, gzip.GzipFile)
                else raw.read(READ_BYTES)
            ):
                if len(head) < HEAD_BYTES:
                    head = (head + data)[:HEAD_BYTES]
                for piece in cutter.feed(data):
                    yield piece, head, raw.tell()
    except (EOFError, zlib.error, gzip.BadGzipFile) as exc:
        state.problem, state.damaged_at = str(exc), cutter.whole
    except OSError as exc:
        state.problem = os.strerror(exc.errno) if exc.errno else str(exc)
