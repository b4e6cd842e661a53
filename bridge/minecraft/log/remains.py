"""What a server leaves behind when it ends: the last lines of its log, and its crash report.

The functions block and belong into a thread.
"""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections import deque
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from bridge.config.settings import LogSettings
from bridge.events import CHAT_LINES, PlayerCommanded, ServerId, ServerStarting
from bridge.minecraft.log.archives import rotated
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.decode import decode_lines
from bridge.minecraft.log.parser import LogParser

LAST_LINES: Final = 30
REPORT_LINES: Final = 40
_LINE_CHARACTERS: Final = 400
_REPORT_BYTES: Final = 16 * 1024
_TAIL_BYTES: Final = 512 * 1024
_MOST_UNPACKED: Final = 512 * 1024 * 1024  # bytes of an archive that are looked through for its end
_PRIVATE: Final = (*CHAT_LINES, PlayerCommanded)
_BEFORE: Final = timedelta(minutes=2)  # a report is written before the last lines of the log
_AFTER: Final = timedelta(minutes=1)


class CrashReport(NamedTuple):
    """The head of a report that the game wrote when it crashed."""

    name: str  # of its file
    head: str


def last_lines(
    server: ServerId, log: LogSettings, zone: ZoneInfo, *, bedrock_prefix: str = ".", restarted: bool = False
) -> tuple[str, ...]:
    """Return the last lines of a server's life, without what players said and which commands they ran.

    Args:
        server: Which server.
        log: Where its log is, and what it looks like.
        zone: The zone of its clock.
        bedrock_prefix: What Floodgate puts before names.
        restarted: Whether it has started since: then the life before that is meant.

    Raises:
        OSError: The log cannot be read.
    """
    parser = LogParser(
        server, dialect=log.dialect, chat_patterns=log.chat_patterns, bedrock_prefix=bedrock_prefix
    )
    before, last = _lives(parser, _live_end(log.path), log.encoding, zone)
    if not restarted:
        return last
    if before:  # it goes on with the same file
        return before
    archives = rotated(log.path, zone, whole=False)
    return _lives(parser, _archive_end(archives[-1].path), log.encoding, zone)[1] if archives else ()


def crash_report(log: Path, *, about: datetime) -> CrashReport | None:
    """Return the crash report that was written about that time, if there is one.

    Raises:
        OSError: The folder or the report cannot be read.
    """
    written = [
        (found.stat().st_mtime, found) for found in (log.parent.parent / "crash-reports").glob("*.txt")
    ]
    earliest, latest = (about - _BEFORE).timestamp(), (about + _AFTER).timestamp()
    fitting = [each for each in written if earliest <= each[0] <= latest]
    if not fitting:
        return None
    path = max(fitting)[1]
    with path.open("rb") as file:
        data = file.read(_REPORT_BYTES)
    lines = data.decode("utf-8", "replace").splitlines()[:REPORT_LINES]
    return CrashReport(path.name, "\n".join(line[:_LINE_CHARACTERS] for line in lines))


def _lives(
    parser: LogParser, data: bytes, encoding: str, zone: ZoneInfo
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the last lines before the newest start in *data*, and those after it."""
    clock = LineClock(date(2000, 1, 1), zone)  # which day it is matters to nobody here
    before: tuple[str, ...] = ()
    kept: deque[str] = deque(maxlen=LAST_LINES)
    for _raw, line in decode_lines(data, encoding):
        event = parser.parse(line, clock)
        if isinstance(event, ServerStarting):
            before = tuple(kept)
            kept.clear()
        if line.strip() and not isinstance(event, _PRIVATE):
            kept.append(line[:_LINE_CHARACTERS])
    return before, tuple(kept)


def _live_end(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            return _whole_lines(file.read(_TAIL_BYTES))
    except FileNotFoundError:
        return b""


def _archive_end(path: Path) -> bytes:
    """Return the end of a rotated file; of one that breaks off, as far as it goes."""
    if path.suffix != ".gz":
        return _live_end(path)
    end, total = b"", 0
    with path.open("rb") as raw, contextlib.suppress(EOFError, zlib.error), gzip.open(raw) as file:
        while total < _MOST_UNPACKED and (piece := file.read(_TAIL_BYTES)):
            end, total = (end + piece)[-_TAIL_BYTES:], total + len(piece)
    return _whole_lines(end)


def _whole_lines(data: bytes) -> bytes:
    """Return the data as lines that end; a piece of a line at its beginning is one more without a prefix."""
    return data if data.endswith(b"\n") or not data else data + b"\n"
