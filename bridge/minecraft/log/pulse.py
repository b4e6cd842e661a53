"""Whether a server's log still tells something, and whether the game's own watchdog cries in it.

The functions block and belong into a thread.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_MOST_BYTES: Final = 256 * 1024
# ``[12:34:56] [Server thread/INFO]``, ``[12:34:56 INFO]``, ``2026-11-25 12:34:56 [INFO]``.
_LINE: Final = re.compile(rb"\[|\d{4}-\d\d-\d\d ")
# What is written while nothing ticks: by consoles that come and go, as ours does after each command that is
# not answered, and by the watchdog. Only the thread's name is looked at: nobody can type it.
_THREAD: Final = re.compile(rb"\[[^\]]*\] ?\[(?P<name>[^\]/]*)")
_CONSOLES: Final = re.compile(rb"RCON|Query", re.IGNORECASE)
_WATCHDOG: Final = re.compile(rb"Watchdog", re.IGNORECASE)


class Pulse:
    """Looks at one log from time to time; the first look takes what is there as old."""

    def __init__(self, path: Path) -> None:
        self.spoke: datetime | None = None
        """When the game last wrote a line, as far as the file's time tells; None without a file."""
        self.watchdog: datetime | None = None
        """When the watchdog last said that the game hangs."""
        self._path = path
        self._file: tuple[int, int] | None = None  # which one it is: it is renamed and made anew
        self._size = 0

    def look(self) -> None:
        """Look again.

        Raises:
            OSError: The file is there and cannot be read.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return
        written = datetime.fromtimestamp(found.st_mtime, UTC)
        which = (found.st_dev, found.st_ino)
        if which != self._file or found.st_size < self._size:
            first = self._file is None
            self._file, self._size = which, found.st_size if first else 0
            if first:
                self.spoke = written
        if found.st_size > self._size:
            self._take(self._read(found.st_size), written)
            self._size = found.st_size

    def _read(self, size: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(max(self._size, size - _MOST_BYTES))
            return file.read(_MOST_BYTES)

    def _take(self, data: bytes, written: datetime) -> None:
        for line in data.splitlines():
            if not _LINE.match(line):  # a stack trace belongs to what is above it
                continue
            thread = _THREAD.match(line)
            name = thread["name"] if thread is not None else b""
            if _WATCHDOG.search(name):
                self.watchdog = written
            elif not _CONSOLES.search(name):
                self.spoke = written
