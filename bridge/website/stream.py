"""Live updates to browsers by server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from aiohttp import web

from bridge.website.limits import begin_stream

KEEP_ALIVE_S: Final = 20.0  # proxies close silent connections after 30 to 60 s
WRITE_LIMIT_S: Final = 20.0  # a browser that takes nothing for so long is let go
MOST_WAITING: Final = 500  # events; a browser further behind than this reconnects
MOST_STREAMS: Final = 500  # at a time; each keeps a file descriptor open
_RETRY_MS: Final = 2000
_NOTHING: Final = b": still here\n\n"


class TooManyStreams(Exception):
    """No further stream can be opened now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One update: its name, its data (JSON or HTML), and the id a browser resumes after."""

    name: str
    data: str
    id: str | None = None

    def encode(self) -> bytes:
        """Return the event as it goes over the wire."""
        head = f"id: {self.id}\n" if self.id is not None else ""
        # Only these three end a line for a browser; splitlines() knows eight more.
        lines = self.data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        data = "".join(f"data: {line}\n" for line in lines)
        return f"{head}event: {self.name}\n{data}\n".encode()


EventQueue: TypeAlias = asyncio.Queue[ServerSentEvent | None]


class Streams:
    """Counts the open streams of a site and lets only so many in."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self.most = most
        self.open = 0
        self.closing = False

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Count one stream inside the block.

        Raises:
            TooManyStreams: The site has enough of them, or is about to stop.
        """
        if self.closing or self.open >= self.most:
            raise TooManyStreams
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1


class Broadcast:
    """Hands each event to every browser that listens; one that cannot keep up is let go."""

    def __init__(self, streams: Streams | None = None) -> None:
        self._streams = streams or Streams()
        self._queues: set[EventQueue] = set()

    @property
    def listeners(self) -> int:
        """How many browsers listen now."""
        return len(self._queues)

    def send(self, event: ServerSentEvent) -> None:
        """Queue the event for everybody who listens."""
        for queue in tuple(self._queues):
            if queue.qsize() >= MOST_WAITING:
                self._end(queue)
            else:
                queue.put_nowait(event)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        for queue in tuple(self._queues):
            self._end(queue)

    @contextlib.contextmanager
    def listen(self) -> Iterator[EventQueue]:
        """Yield a queue that receives every event from now on; None ends it.

        Raises:
            TooManyStreams: The site has enough of them, or is about to stop.
        """
        with self._streams.one():
            queue: EventQueue = asyncio.Queue()
            self._queues.add(queue)
            try:
                yield queue
            finally:
                self._queues.discard(queue)

    def _end(self, queue: EventQueue) -> None:
        self._queues.discard(queue)
        queue.put_nowait(None)


async def serve_events(
    request: web.Request,
    queue: EventQueue,
    *,
    first: Iterable[ServerSentEvent] = (),
    skip: Callable[[ServerSentEvent], bool] = lambda _event: False,
) -> web.StreamResponse:
    """Answer a request with *first* and then what comes through *queue*, until either side ends it.

    Args:
        request: What is answered.
        queue: From :meth:`Broadcast.listen`.
        first: What the browser has to be told before.
        skip: Says which events of the queue are in *first* already.
    """
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx would hold events back otherwise
        }
    )
    begin_stream(request)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    head = f"retry: {_RETRY_MS}\n\n".encode()
    data: bytes | None = head + b"".join(event.encode() for event in first)
    try:
        while data is not None:
            async with asyncio.timeout(WRITE_LIMIT_S):
                await response.write(data)
            data = await _next(queue, skip)
    except TimeoutError:  # it takes nothing: waiting for what is in the buffer would take for ever
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        pass  # the reader closed the page
    return response


async def _next(queue: EventQueue, skip: Callable[[ServerSentEvent], bool]) -> bytes | None:
    """Return what waits, as one piece; a sign of life after a quiet time; None at the end."""
    try:
        async with asyncio.timeout(KEEP_ALIVE_S):
            event = await queue.get()
    except TimeoutError:
        return _NOTHING
    pieces: list[bytes] = []
    while event is not None:
        if not skip(event):
            pieces.append(event.encode())
        if queue.empty():
            break
        event = queue.get_nowait()
    else:
        if not pieces:
            return None
        queue.put_nowait(None)  # the end comes after them
    return b"".join(pieces) or _NOTHING
