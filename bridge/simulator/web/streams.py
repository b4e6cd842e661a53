"""One open page's stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from .views import View

_MOST_WAITING: Final = 2_000  # a page that falls further behind starts anew
_HEARTBEAT_S: Final = 15.0


class Stream:
    """What one open page still has to be told."""

    def __init__(self, visitor: str) -> None:
        self.visitor = visitor
        self._waiting: asyncio.Queue[View | None] = asyncio.Queue(_MOST_WAITING)

    def tell(self, view: View) -> None:
        """Add a view; a page that is too far behind is sent away and comes again for a snapshot."""
        if self._waiting.full():
            self.end()
        else:
            self._waiting.put_nowait(view)

    def end(self) -> None:
        """End the stream, without what still waited."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def events(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the events, with a comment now and then that shows the line is alive."""
        encoder = msgspec.json.Encoder()
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT_S):
                    view = await self._waiting.get()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if view is None:
                return
            yield b"data: " + encoder.encode(view) + b"\n\n"
