"""Reads log files as bytes: finished ones to their end, the one in use as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date

import structlog

from bridge.minecraft.log.files import LogFile
from bridge.minecraft.log.lines import MOST_LINE_BYTES, LineCutter, Piece
from bridge.minecraft.log.place import Place
from bridge.minecraft.log.watch import Watch

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lines:
    """Some whole lines of one file and the day they were written on."""

    piece: Piece
    day: date


class Follower:
    """Hands out the whole lines of one file from where it stands; knows where that ended.

    Half a line waits for its other half. What stands after the last line break of a finished file is no
    line: the server died while writing it.
    """

    def __init__(
        self,
        file: LogFile,
        *,
        most_line_bytes: int = MOST_LINE_BYTES,
        at_end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Read *file* on from where it stands; *at_end* is called whenever all of it was handed out."""
        self._file = file
        self._cutter = LineCutter(file.offset, file.before, most_line_bytes=most_line_bytes)
        self._day = file.day
        self._told_skipped = False
        self._at_end = at_end

    @property
    def place(self) -> Place:
        """After the last whole line that was handed out or skipped."""
        return Place.of(self._day, self._cutter.whole, self._file.head, self._cutter.before)

    async def to_end(self) -> AsyncIterator[Lines]:
        """Yield the lines that are there now.

        Raises:
            OSError: The file cannot be read.
        """
        while True:
            look = await asyncio.to_thread(self._file.look)
            for lines in self._cut(look.data, look.day):
                yield lines
            if not look.data:
                return

    async def follow(self, watch: Watch) -> AsyncIterator[Lines]:
        """Yield lines as they are written, until another file has the name or this one was rewritten.

        Raises:
            OSError: The file cannot be read.
        """
        replaced = False
        while True:
            watch.expect()
            look = await asyncio.to_thread(self._file.look)
            if look.data:
                watch.found()
                for lines in self._cut(look.data, look.day):
                    yield lines
            elif look.rewritten or replaced:
                return
            elif look.replaced:
                replaced = True  # one more look: the last lines may have come just before the change
            else:
                if self._at_end is not None:
                    await self._at_end()
                await watch.wait()

    def _cut(self, data: bytes, day: date | None) -> list[Lines]:
        if day is None:
            return []
        self._day = day
        pieces = self._cutter.feed(data)
        if self._cutter.skipped and not self._told_skipped:
            self._told_skipped = True
            log.warning(
                "left out a line that is too long to be anything of the game's",
                file=self._file.path.name,
                most_bytes=MOST_LINE_BYTES,
            )
        return [Lines(piece, day) for piece in pieces]
