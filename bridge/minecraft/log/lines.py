"""Cuts a stream of bytes into whole lines, however it arrives, within bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_LINE_BYTES: Final = 256 * 1024
"""Longer lines are no event: the longest seen in real logs are some ten thousand bytes."""

TAIL_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole lines that follow each other in one file."""

    start: int  # the offset of the first byte, uncompressed
    data: bytes  # ends with a line break
    before: bytes  # up to 256 bytes that stand before it in the file

    @property
    def end(self) -> int:
        """The offset after the last line break."""
        return self.start + len(self.data)


class LineCutter:
    """Turns bytes into pieces of whole lines; what comes after the last line break waits for more."""

    def __init__(
        self, offset: int = 0, before: bytes = b"", *, most_line_bytes: int = MOST_LINE_BYTES
    ) -> None:
        """Begin at *offset* of a file, where *before* stands in front of it."""
        self.whole = offset  # up to here everything was handed out or skipped
        self.skipped = 0  # lines that were too long
        self._most = most_line_bytes
        self._before = before[-TAIL_BYTES:]
        self._rest = b""
        self._skipping = False

    @property
    def before(self) -> bytes:
        """The last bytes in front of :attr:`whole`, at most 256."""
        return self._before

    def feed(self, data: bytes) -> list[Piece]:
        """Return the lines that *data* completes; a line that is too long is left out and counted."""
        if self._skipping:
            data = self._skip(data)
        stream = self._rest + data if self._rest else data
        end = stream.rfind(b"\n") + 1
        pieces = self._cut(stream, end) if end else []
        self._rest = stream[end:]
        if len(self._rest) > self._most:
            self.skipped += 1
            self._skipping = True
            self._pass(self._rest)
            self._rest = b""
        return pieces

    def _skip(self, data: bytes) -> bytes:
        end = data.find(b"\n") + 1
        if not end:
            self._pass(data)
            return b""
        self._skipping = False
        self._pass(data[:end])
        return data[end:]

    def _cut(self, stream: bytes, end: int) -> list[Piece]:
        pieces: list[Piece] = []
        begin = here = 0
        while end - here > self._most:  # only then a line in there can be too long
            last = stream.rfind(b"\n", here, here + self._most + 1)
            if last >= 0:
                here = last + 1
                continue
            self._emit(stream[begin:here], pieces)
            begin = stream.find(b"\n", here) + 1
            self.skipped += 1
            self._pass(stream[here:begin])
            here = begin
        self._emit(stream[begin:end], pieces)
        return pieces

    def _emit(self, data: bytes, pieces: list[Piece]) -> None:
        if data:
            pieces.append(Piece(self.whole, data, self._before))
            self._pass(data)

    def _pass(self, data: bytes) -> None:
        self.whole += len(data)
        self._before = (data if len(data) >= TAIL_BYTES else self._before + data)[-TAIL_BYTES:]
