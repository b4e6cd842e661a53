"""Which files hold a server's old logs, and in which order they were written. Everything here blocks."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from bridge.minecraft.log.place import HEAD_BYTES, digest

_DATED: Final = re.compile(r"(\d{4}-\d\d-\d\d)-(\d{1,6})\.log(?:\.gz)?")
_NUMBERED: Final = re.compile(r"(.+\.log)\.(\d{1,6})(?:\.gz)?")
_CURRENT: Final = frozenset({"latest.log", "server.log", "proxy.log"})
_LENGTH_BYTES: Final = 4  # at the end of a .gz: how long it is unpacked
_LAST: Final = 10**6  # greater than any number in a name


class LogsRefused(Exception):
    """There is nothing to read at a path, or it cannot be looked at, for that *reason*."""

    def __init__(self, path: Path, reason: str | None = None) -> None:
        super().__init__(f"{path}: {reason or 'holds no logs'}")
        self.path, self.reason = path, reason


class Series(StrEnum):
    """How the names of a log's files count."""

    DATED = "dated"  # ``2024-09-05-1.log.gz``: from 1 each day
    NUMBERED = "numbered"  # ``proxy.log.1``: the highest is the oldest
    ALONE = "alone"  # ``latest.log``


class OldLog(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a server's log."""

    path: str
    day: date  # of its lines, where they do not say
    series: Series
    number: int
    size: int  # bytes on disk
    written_at: float  # when it was last written, in seconds since 1970
    mark: str  # tells it from all others, whatever it is called
    read_through: datetime | None = None  # its last line, where all of it was imported before

    @property
    def order(self) -> tuple[date, int]:
        """Older files come first."""
        return self.day, -self.number if self.series is Series.NUMBERED else self.number


def find_logs(paths: Iterable[Path], zone: tzinfo) -> list[OldLog]:
    """Return the log files in folders and those named one by one, oldest first, none of them twice.

    Of a folder that holds no logs its folder ``logs`` is meant. ``debug-1.log.gz`` repeats every line of the
    ordinary log and counts only where it is named.

    Raises:
        LogsRefused: A path is not there or cannot be read, or nothing in a folder is a log.
    """
    logs: dict[Path, OldLog] = {}
    for path in paths:
        try:
            for file in _files(path):
                logs[file.resolve()] = _described(file, zone)
        except OSError as exc:
            raise LogsRefused(Path(exc.filename or path), exc.strerror or str(exc)) from exc
    ordered = sorted(logs.values(), key=lambda log: (log.order, log.written_at, log.path))
    return [log for _, same in groupby(ordered, key=lambda log: log.order) for log in _once(list(same))]


def missing_between(before: OldLog, after: OldLog) -> bool:
    """Tell by their numbers whether there was a file between two that follow each other."""
    if after.series is Series.DATED:
        same_day = before.series is Series.DATED and before.day == after.day
        return after.number > (before.number + 1 if same_day else 1)
    if after.series is Series.NUMBERED and before.series is Series.NUMBERED:
        return before.number - after.number > 1
    return False


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        path.stat()  # or its absence would be noticed late
        yield path
        return
    found = [file for file in path.iterdir() if _is_log(file)]
    if not found and (path / "logs").is_dir():
        found = [file for file in (path / "logs").iterdir() if _is_log(file)]
    if not found:
        raise LogsRefused(path)
    yield from found


def _is_log(file: Path) -> bool:
    name = file.name
    if name.startswith("debug") or not file.is_file():
        return False
    return bool(name in _CURRENT or _DATED.fullmatch(name) or _NUMBERED.fullmatch(name))


def _described(file: Path, zone: tzinfo) -> OldLog:
    status = file.stat()
    day = datetime.fromtimestamp(status.st_mtime, tz=zone).date()
    series, number = Series.ALONE, _LAST
    if (dated := _DATED.fullmatch(file.name)) is not None and (named := _day(dated[1])) is not None:
        series, day, number = Series.DATED, named, int(dated[2])
    elif (numbered := _NUMBERED.fullmatch(file.name)) is not None:
        series, number = Series.NUMBERED, int(numbered[2])
    head, length = _beginning(file, status.st_size)
    mark = f"{day.isoformat()}:{digest(head)}:{length}"
    return OldLog(
        path=str(file),
        day=day,
        series=series,
        number=number,
        size=status.st_size,
        written_at=status.st_mtime,
        mark=mark,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # no such day
        return None


def _beginning(file: Path, size: int) -> tuple[bytes, int]:
    """Return a file's first bytes and its length, both unpacked, without unpacking the rest."""
    with file.open("rb") as raw:
        if file.suffix != ".gz":
            return raw.read(HEAD_BYTES), size
        raw.seek(max(0, size - _LENGTH_BYTES))
        length = int.from_bytes(raw.read(_LENGTH_BYTES), "little")  # wrong if it is damaged: another mark
        raw.seek(0)
        head = b""
        try:
            with gzip.GzipFile(fileobj=raw) as packed:
                while len(head) < HEAD_BYTES and (more := packed.read1(HEAD_BYTES - len(head))):
                    head += more
        except (EOFError, zlib.error, gzip.BadGzipFile):
            pass  # told when its turn comes to be read
        return head, length


def _once(same: list[OldLog]) -> list[OldLog]:
    """Return files of one day and number without copies of others: of those that begin alike, the longest."""
    best: dict[str, OldLog] = {}
    for log in same:
        head = log.mark.rpartition(":")[0]
        if head not in best or _length(best[head]) < _length(log):
            best[head] = log
    return list(best.values())


def _length(log: OldLog) -> int:
    return int(log.mark.rpartition(":")[2])
