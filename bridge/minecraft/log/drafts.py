"""Turns the lines of one server's log into facts on their way into the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

import msgspec
import structlog

from bridge.events import AnyEvent, ServerStarting
from bridge.journal.records import Draft, SourceName
from bridge.minecraft.log.clock import LineClock, Today
from bridge.minecraft.log.decode import decode_lines
from bridge.minecraft.log.follow import Lines
from bridge.minecraft.log.lines import TAIL_BYTES, Piece
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.place import Places, record_id
from bridge.minecraft.log.silence import LastLines

log = structlog.get_logger(__name__)

_QUARTER: Final = timedelta(minutes=15)  # the finest step between time zones
_TOLERANCE: Final = timedelta(seconds=30)
_AHEAD: Final = timedelta(minutes=5)  # more than clocks differ and less than the smallest wrong zone


class Drafter:
    """Parses lines in order and words what they tell as drafts; knows no files."""

    def __init__(
        self, source: SourceName, parser: LogParser, *, zone: ZoneInfo, encoding: str, late_after_s: float
    ) -> None:
        self.parser = parser
        self._source = source
        self._zone = zone
        self._encoding = encoding
        self.late_after_s = late_after_s
        self._clock = LineClock(date.min, zone)
        self._today = Today(zone)
        self._last_lines = LastLines(zone)
        self._told_clock = False

    def drafts(self, lines: Lines, head: bytes, *, now: datetime, live: bool = False) -> list[Draft]:
        """Return the facts that *lines* tell; *head* is the beginning of their file.

        *live* lines were written a moment ago: where their clock says otherwise by whole quarters of an
        hour, the time zone is wrong, and they are not late.
        """
        late_before = now - timedelta(seconds=self.late_after_s)
        places, today, source = Places(lines.day, head), self._today, self._source
        drafts = [
            Draft(
                id=record_id(source, today.of(event.at), start, line),
                source=source,
                place=places.text(end, _before(lines.piece, end)),
                event=event,
                late=event.at < late_before and not (live and self._is_zone(now - event.at)),
            )
            for start, line, end, event in self._told(lines.piece, lines.day)
        ]
        if live and drafts:
            self._tell_clock(drafts[-1].event.at, now)
        return drafts

    def _is_zone(self, lag: timedelta) -> bool:
        """Tell whether a live line is old only because its clock is read in another zone than its own."""
        quarters = round(lag / _QUARTER)
        return quarters > 0 and abs(lag - quarters * _QUARTER) < _TOLERANCE

    def _tell_clock(self, at: datetime, now: datetime) -> None:
        """Say once that the log's clock and this machine's do not fit."""
        lag = now - at
        if self._told_clock or not (lag < -_AHEAD or self._is_zone(lag)):
            return
        self._told_clock = True
        log.warning(
            "the log's clock does not fit this machine's; is log.time-zone the server's?",
            source=self._source,
            behind_s=round(lag.total_seconds()),
            time_zone=self._zone.key,
        )

    def learn(self, data: bytes, day: date) -> None:
        """Read whole lines for what they say about who is online; nothing is told of them."""
        for _ in self._told(Piece(0, data, b""), day):
            pass

    def _told(self, piece: Piece, day: date) -> Iterator[tuple[int, bytes, int, AnyEvent]]:
        """Yield each line that tells something: its offset, its bytes, the offset after it, what it tells."""
        if day != self._clock.day:
            self._clock = LineClock(day, self._zone)
        parse, clock = self.parser.parse, self._clock
        end = piece.start
        for line, text in decode_lines(piece.data, self._encoding):
            start, end = end, end + len(line) + 1
            event = parse(text, clock)
            if event is not None:
                if type(event) is ServerStarting:
                    event = self._after_silence(event, piece, start, day)
                yield start, line.removesuffix(b"\r"), end, cast("AnyEvent", event)
        self._last_lines.read(piece.start, piece.data, day)

    def _after_silence(self, event: ServerStarting, piece: Piece, start: int, day: date) -> ServerStarting:
        """Say since when the server had written nothing."""
        before = piece.data[: start - piece.start]
        since = self._last_lines.written_at(piece.start, before, day, self.parser.split)
        return event if since is None else msgspec.structs.replace(event, silent_since=since)

    def first_told(self, lines: Lines) -> datetime | None:
        """Return when the first of these lines was written that has a time; they need not be parsed yet."""
        clock = LineClock(lines.day, self._zone)
        for _, text in decode_lines(lines.piece.data, self._encoding):
            if (parts := self.parser.split(text)) is not None:
                return clock.utc(parts[0], parts[1])
        return None


def _before(piece: Piece, end: int) -> bytes:
    """Return the bytes before an offset in the piece, as many as a place needs."""
    here = end - piece.start
    if here >= TAIL_BYTES:
        return piece.data[here - TAIL_BYTES : here]
    return (piece.before + piece.data[:here])[-TAIL_BYTES:]


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)
