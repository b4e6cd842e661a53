"""When the server wrote its last line before it began anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.decode import decode
from bridge.minecraft.log.layouts import Header, Parts

MOST_BYTES: Final = 16 * 1024
"""So far back a start is looked behind within one file: some hundred and fifty lines."""

_BEGINNERS: Final = ("main", "ServerMain", "Worker-", "Datafixer", "modloading", "Thread-")
"""Threads that speak while a process begins, before the line that tells of it."""
_BEGINNINGS: Final = """
[init] Building Downloading Environment: Fabric Initializing Loaded Loading ModLauncher No Preparing
Reloading Starting Unpacking You
"""
_BEGINNING: Final = frozenset(_BEGINNINGS.split())
"""First words of what is written then, where the layout names no thread."""

Split = Callable[[str], Parts | None]


class LastLines:
    """Remembers the end of what was read, of the file being read and of the one before it.

    A process begins with lines of its own before it tells that it starts. The server begins a new file then,
    as a rule: what counts is the end of the file before.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._here: tuple[bytes, date] = b"", date.min
        self._before: tuple[bytes, date] = b"", date.min

    def read(self, start: int, data: bytes, day: date) -> None:
        """Note whole lines that were read at an offset of a file; at 0 another file begins."""
        here, _ = self._here
        if not start:
            self._before, here = self._here, b""
        self._here = (here + data)[-MOST_BYTES:] if len(data) < MOST_BYTES else data[-MOST_BYTES:], day

    def written_at(self, start: int, data: bytes, day: date, split: Split) -> datetime | None:
        """Return when the last line before the one at the end of *data* was written by the process before.

        *data* stands at *start* of its file and was not noted yet. None where no such line was read.
        """
        here = data if not start else self._here[0] + data
        for header, message, at in self._backwards(here[-MOST_BYTES:], day, split):
            if not begins(header, message):
                return at
        before = self._here if not start else self._before
        return next((at for _, _, at in self._backwards(*before, split)), None)

    def _backwards(self, data: bytes, day: date, split: Split) -> Iterator[tuple[Header, str, datetime]]:
        clock = LineClock(day, self._zone)
        for line in reversed(data.split(b"\n")):
            parts = split(decode(line)) if line else None
            if parts is not None and (at := clock.utc(parts[0], parts[1])) is not None:
                yield parts[2], parts[3], at


def begins(header: Header, message: str) -> bool:
    """Tell whether a process may write such a line before it tells that it starts."""
    if header.thread is None:
        return message.partition(" ")[0] in _BEGINNING
    return header.thread.startswith(_BEGINNERS)
