"""How far something is that takes more than a second: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

from bridge.cli.out import words

_WIDTH: Final = 30
_REDRAWN_EVERY_S: Final = 0.1
_LINE_EVERY: Final = 0.1  # of the whole, where nothing can be drawn again
_SURE_AFTER_S: Final = 2.0  # before, how long it still takes is a guess


class Progress:
    """Tells people how far a count is on its way to *whole*, on the stream for what is no result."""

    def __init__(
        self, whole: int, *, stream: TextIO | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._whole, self._stream, self._now = max(whole, 1), stream or sys.stderr, now
        self._begun = now()
        self._drawn_at, self._told = self._begun, 0.0
        self._drawn = False

    def move(self, done: int, what: str) -> None:
        """Say that so much is done, with some words about it; most calls draw nothing."""
        share, now = min(done / self._whole, 1.0), self._now()
        if self._stream.isatty():
            if now - self._drawn_at >= _REDRAWN_EVERY_S:
                self._drawn_at, self._drawn = now, True
                self._stream.write(f"\r{self._line(share, now - self._begun, what)}\x1b[K")
                self._stream.flush()
        elif share - self._told >= _LINE_EVERY:
            self._told = share
            self._stream.write(f"{share:4.0%}  {what}\n")
            self._stream.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self._drawn = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _line(self, share: float, took_s: float, what: str) -> str:
        full = round(share * _WIDTH)
        bar = "█" * full + "░" * (_WIDTH - full)
        left = ""
        if share > 0 and took_s >= _SURE_AFTER_S:
            left_s = took_s / share - took_s
            left = "  " + words().plain("import.left", time=words().duration(max(1.0, left_s)))
        return f"{bar} {share:4.0%}  {what}{left}"
