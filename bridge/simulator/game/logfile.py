"""The pretend server's ``logs`` folder: appending, rotation as log4j does it, and damage on demand."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Final

_ROTATED: Final = re.compile(r"(\d{4}-\d\d-\d\d)-(\d+)\.log(?:\.gz)?")


class LogFolder:
    """Writes ``latest.log`` and rotates it to ``YYYY-MM-DD-N.log.gz``.

    Writes go straight to the file without buffering, so that a reader sees what a call wrote
    when the call returns.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        keep_per_day: int = 7,
        encoding: str = "utf-8",
    ) -> None:
        self.folder = folder
        self.latest = folder / "latest.log"
        self.encoding = encoding
        self.newline = "\n"
        self._clock = clock
        self._keep_per_day = keep_per_day
        self._file: int | None = None
        self._day = clock().date()
        self._packing: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Begin a server's run: roll what an earlier run left, then open a new ``latest.log``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.latest.exists() and self.latest.stat().st_size:
            written = datetime.fromtimestamp(self.latest.stat().st_mtime, tz=self._clock().tzinfo)
            self._roll(written.date())
        self._reopen()

    def _reopen(self) -> None:
        self._day = self._clock().date()
        self._file = os.open(self.latest, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def close(self) -> None:
        """Let go of the file, as the end of the process does."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def append(self, line: str) -> None:
        """Write one line; the first one after local midnight rotates before."""
        if self._file is not None and self._clock().date() != self._day:
            self.rotate(self._day)
        self.raw((line + self.newline).encode(self.encoding, errors="replace"))

    def raw(self, data: bytes) -> None:
        """Write bytes as they are: half a line, invalid ones, a megabyte without a line end."""
        if self._file is None:
            self._reopen()
        file = self._file
        while data and file is not None:
            data = data[os.write(file, data) :]

    def rotate(self, day: date | None = None, *, compress: bool = True) -> Path:
        """Move ``latest.log`` to its day's next number, begin a new one and return the archive's path.

        The compression follows a moment later; :meth:`packed` waits for it.
        """
        self.close()
        self.latest.touch()
        plain = self._roll(day or self._day, compress=compress)
        self._reopen()
        return plain.with_name(plain.name + ".gz") if compress else plain

    def _roll(self, day: date, *, compress: bool = True) -> Path:
        number = max(self._numbers(day), default=0) + 1
        if number > self._keep_per_day:  # log4j drops the first and moves the others down
            self._shift_down(day)
            number = self._keep_per_day
        plain = self.folder / f"{day.isoformat()}-{number}.log"
        self.latest.rename(plain)
        if compress:
            self._pack_soon(plain)
        return plain

    def _numbers(self, day: date) -> list[int]:
        found = (_ROTATED.fullmatch(path.name) for path in self.folder.iterdir())
        return [int(match[2]) for match in found if match and match[1] == day.isoformat()]

    def _shift_down(self, day: date) -> None:
        for number in range(1, self._keep_per_day + 1):
            for ending in (".log.gz", ".log"):
                path = self.folder / f"{day.isoformat()}-{number}{ending}"
                if path.exists() and number == 1:
                    path.unlink()
                elif path.exists():
                    path.rename(self.folder / f"{day.isoformat()}-{number - 1}{ending}")

    def _pack_soon(self, plain: Path) -> None:
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(_pack, plain))
        self._packing.add(task)
        task.add_done_callback(self._packing.discard)

    async def packed(self) -> None:
        """Wait until every rotated file is compressed."""
        while self._packing:
            await asyncio.gather(*self._packing)

    def truncate(self) -> None:
        """Empty ``latest.log`` in place, as a copy-and-truncate rotation does."""
        os.truncate(self.latest, 0)

    def delete(self) -> None:
        """Remove ``latest.log``; the next write creates it anew."""
        self.close()
        self.latest.unlink(missing_ok=True)


def _pack(plain: Path) -> None:
    """Compress beside the file, then remove it, in log4j's order."""
    packed = plain.with_name(plain.name + ".gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
