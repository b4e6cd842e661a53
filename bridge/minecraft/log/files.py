"""One open log file, plain or compressed; every method blocks and belongs into a thread."""

from __future__ import annotations

import gzip
import os
import threading
import zlib
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import BinaryIO, Final, Self

import structlog

from bridge.minecraft.log.lines import TAIL_BYTES
from bridge.minecraft.log.place import HEAD_BYTES, Place, checksum, digest

log = structlog.get_logger(__name__)

WARM_BYTES: Final = 64 * 1024
"""Read again in front of the place where reading goes on: some five hundred lines."""

READ_BYTES: Final = 256 * 1024
"""Read at once: some 2,500 lines, parsed in about 10 ms, so that the loop is never held up for long."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a file found."""

    data: bytes = b""
    day: date | None = None  # of the data
    rewritten: bool = False  # what was read before is not there any more: truncated, perhaps written anew
    replaced: bool = False  # nothing new here, and the name belongs to another file


class LogFile:
    """Reads one log file from some offset on, and knows it again by its bytes."""

    def __init__(self, path: Path, raw: BinaryIO, *, zone: tzinfo, day: date | None, live: bool) -> None:
        self.path = path
        self.live = live
        self.offset = 0
        self.head = b""  # the first 4096 bytes, as far as they were read
        self.before = b""  # the last bytes before the offset, at most 256
        self.warm = b""  # after seek: the last bytes before the offset, at most 64 KiB
        self._raw = raw
        self._zone = zone
        self._named_day = day
        self._stream: BinaryIO | gzip.GzipFile = raw
        if path.suffix == ".gz":
            self._stream = gzip.GzipFile(fileobj=raw, mode="rb")
        self._lock = threading.Lock()  # a cancelled reader's thread may be reading still

    @classmethod
    def open(cls, path: Path, *, zone: tzinfo, day: date | None = None, live: bool = False) -> Self:
        """Open a file at its beginning; *day* is the one in its name.

        Raises:
            OSError: It cannot be opened.
        """
        return cls(path, path.open("rb", buffering=0), zone=zone, day=day, live=live)

    def close(self) -> None:
        """Close it; may be called twice."""
        with self._lock:
            self._stream.close()
            self._raw.close()

    @property
    def day(self) -> date:
        """The day in its name, else the day on which it was last written, by the server's clock.

        A game server begins a new file at midnight, so the last line's day is that of all lines.
        """
        if self._named_day is not None:
            return self._named_day
        return datetime.fromtimestamp(self.written_at, tz=self._zone).date()

    @property
    def written_at(self) -> float:
        """When it was last written, in seconds since 1970."""
        return os.fstat(self._raw.fileno()).st_mtime

    def seek(self, place: Place) -> bool:
        """Go to *place* if this file holds it; tell whether it does. Else it stays at its beginning.

        Raises:
            OSError: The file cannot be read.
        """
        with self._lock:
            if self._holds(place):
                self.offset = place.offset
                return True
            self._stream.seek(0)
            self.head = self.before = b""
            return False

    def look(self) -> Look:
        """Return what comes next, up to 256 KiB.

        Raises:
            OSError: The file cannot be read.
        """
        with self._lock:
            if self._stream is not self._raw:
                return self._took(self._read_packed(READ_BYTES))
            return self._look_plain()

    def _look_plain(self) -> Look:
        # The bytes before are read again: they tell at no cost that the file was rewritten meanwhile.
        begin = self.offset - len(self.before)
        self._raw.seek(begin)
        found = self._raw.read(len(self.before) + READ_BYTES)
        if not found.startswith(self.before):
            return Look(rewritten=True)
        if len(found) > len(self.before):
            return self._took(found[len(self.before) :])
        return Look(replaced=self.live and self._is_replaced())

    def _took(self, data: bytes) -> Look:
        if not data:
            return Look(replaced=self.live and self._is_replaced())
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head[: self.offset] + data)[:HEAD_BYTES]
        self.offset += len(data)
        self.before = (self.before + data)[-TAIL_BYTES:]
        return Look(data=data, day=self.day)

    def _is_replaced(self) -> bool:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False  # between two names: the writer may still write here
        mine = os.fstat(self._raw.fileno())
        return (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino)

    def _holds(self, place: Place) -> bool:
        if self._stream is self._raw and os.fstat(self._raw.fileno()).st_size < place.offset:
            return False
        self._stream.seek(0)
        self.head = self._exactly(min(place.offset, HEAD_BYTES))
        if digest(self.head) != place.head:
            return False
        behind = min(place.offset, WARM_BYTES)
        self._skip_to(place.offset - behind)
        warm = self._exactly(behind)
        if len(warm) != behind or checksum(warm[-TAIL_BYTES:]) != place.tail:
            return False
        self.warm, self.before = warm, warm[-TAIL_BYTES:]
        return True

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            wanted = size - len(data)
            more = self._raw.read(wanted) if self._stream is self._raw else self._read_packed(wanted)
            if not more:
                break
            data += more
        return data

    def _skip_to(self, offset: int) -> None:
        if self._stream is self._raw:
            self._raw.seek(offset)
            return
        here = self._stream.tell()
        if here > offset:
            self._stream.seek(0)
            here = 0
        while here < offset:
            more = self._read_packed(min(READ_BYTES, offset - here))
            if not more:
                return
            here += len(more)

    def _read_packed(self, size: int) -> bytes:
        """Read from the compressed file; a damaged one ends where the damage begins."""
        try:
            return self._stream.read1(size)  # type: ignore[union-attr]  # only called for a GzipFile
        except (EOFError, zlib.error, gzip.BadGzipFile) as exc:
            log.warning(
                "a rotated log is damaged; what follows in it cannot be read",
                file=self.path.name,
                offset=self.offset,
                problem=str(exc),
            )
            return b""
