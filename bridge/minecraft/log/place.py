"""Where a source stands in a log: which file, known by what it holds, and how far."""

from __future__ import annotations

import re
from datetime import date
from hashlib import blake2b
from typing import Final, Self
from zlib import crc32

import msgspec

from bridge.journal.records import RecordId, SourceName
from bridge.minecraft.log.lines import TAIL_BYTES

HEAD_BYTES: Final = 4096

_TEXT: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d):(?P<offset>\d{1,18}):(?P<head>[0-9a-f]{16}):(?P<tail>[0-9a-f]{8})"
)


class Place(msgspec.Struct, frozen=True):
    """A point between two lines of one log file, whatever the file is called by now.

    Names are no ids: log4j moves them down when there are more than seven in a day. The bytes are: the
    first 4096 tell files apart, those before the offset tell that it is the same file still.
    """

    day: date  # the day whose lines stand there
    offset: int  # bytes of the uncompressed file
    head: str  # fingerprint of the first 4096 bytes, or of those up to the offset
    tail: str  # checksum of the 256 bytes before the offset

    @classmethod
    def of(cls, day: date, offset: int, head: bytes, before: bytes) -> Self:
        """Return the place at *offset* in the file that begins with *head*."""
        return cls.parse(Places(day, head).text(offset, before))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the place that :meth:`__str__` wrote.

        Raises:
            ValueError: Nothing that this class wrote.
        """
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text[:80]!r} is not a place in a log")
        return cls(date.fromisoformat(found["day"]), int(found["offset"]), found["head"], found["tail"])

    def __str__(self) -> str:
        return f"{self.day.isoformat()}:{self.offset}:{self.head}:{self.tail}"


def digest(data: bytes) -> str:
    """Return a short fingerprint: 64 bits are plenty to tell a few thousand files apart."""
    return blake2b(data, digest_size=8).hexdigest()


def checksum(data: bytes) -> str:
    """Return a quick check of some bytes: it only has to tell that they are still there."""
    return f"{crc32(data):08x}"


class Places:
    """Words the places of one file, without making a :class:`Place` for each of many thousand lines."""

    def __init__(self, day: date, head: bytes) -> None:
        """Know the file by its first bytes, as far as they were read."""
        self._day = day.isoformat()
        self._head = head
        self._whole = digest(head[:HEAD_BYTES])

    def text(self, offset: int, before: bytes) -> str:
        """Return the place at *offset* as it is stored; *before* stands in front of it."""
        known = self._whole if offset >= HEAD_BYTES else digest(self._head[:offset])
        return f"{self._day}:{offset}:{known}:{crc32(before[-TAIL_BYTES:]):08x}"


def record_id(source: SourceName, day: str, start: int, line: bytes) -> RecordId:
    """Return the id of the fact that a line told.

    The same whether the line is read live or years later from the compressed file: made of the day (ISO), the
    offset of the line's first byte in the uncompressed file, and its bytes without the line break. Their
    checksum only has to tell the few lines apart that begin at the same offset of several files of one day.
    """
    return RecordId(f"{source}:{day}:{start}:{crc32(line):08x}")
