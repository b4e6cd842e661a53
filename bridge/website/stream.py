"""Live updates to browsers by server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

KEEP_ALIVE_S: Final = 20.0  # proxies close silent connections after 30 to 60 s
MOST_WAITING: Final = 500  # events; a browser further behind than this reconnects and reloads


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One update: its name, its data (one line of JSON or HTML), and the id a browser resumes after."""

    name: str
    data: str
    id: str | None = None

    def encode(self) -> bytes:
        """Return the event as it goes over the wire."""
        head = f"id: {self.id}\n" if self.id is not None else ""
        data = "".join(f"data: {line}\n" for line in self.data.splitlines() or [""])
        return f"{head}event: {self.name}\n{data}\n".encode()


class Broadcast:
    """Hands each event to every browser that listens; one that cannot keep up is let go."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[ServerSentEvent | None]] = set()

    @property
    def listeners(self) -> int:
        """How many browsers listen now."""
        return len(self._queues)

    def send(self, event: ServerSentEvent) -> None:
        """Queue the event for everybody who listens."""
        for queue in tuple(self._queues):
            if queue.qsize() >= MOST_WAITING:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        for queue in self._queues:
            queue.put_nowait(None)
        self._queues.clear()

    @contextlib.contextmanager
    def listen(self) -> Iterator[asyncio.Queue[ServerSentEvent | None]]:
        """Yield a queue that receives every event from now on; None ends it."""
        queue: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)


async def serve_events(
    request: web.Request,
    queue: asyncio.Queue[ServerSentEvent | None],
    *,
    first: Iterable[ServerSentEvent] = (),
) -> web.StreamResponse:
    """Answer a request with *first* and then what comes through *queue*, until either side ends it."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx would hold events back otherwise
        }
    )
    await response.prepare(request)
    with contextlib.suppress(ConnectionResetError):  # the reader closed the page
        await response.write(b"".join(event.encode() for event in first) or b": hello\n\n")
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    event = await queue.get()
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if event is None:
                break
            await response.write(event.encode())
    return response
