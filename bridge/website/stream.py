"""Live updates to browsers by server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import structlog
from aiohttp import HttpVersion11, web

from bridge.website.internet import is_public
from bridge.website.limits import begin_stream

log = structlog.get_logger(__name__)

KEEP_ALIVE_S: Final = 20.0  # proxies close silent connections after 30 to 60 s
WRITE_LIMIT_S: Final = 20.0  # a browser that takes nothing for so long is let go
MOST_WAITING: Final = 500  # events; a browser further behind than this reconnects
MOST_BUFFERED: Final = 256 * 1024  # bytes that a browser has not taken yet; with more it is let go
MOST_STREAMS: Final = 2000  # at a time; each keeps a file descriptor open
MOST_OF_ONE: Final = 100  # from one address, where a school may read along behind it
_ROW: Final = 100  # listeners told in one go, which takes 2 to 3 ms
_SHARE: Final = 0.5  # of a core at most, to tell everybody; what comes meanwhile is told together
_RETRY_MS: Final = 2000
_NOTHING: Final = b": still here\n\n"


class TooManyStreams(Exception):
    """No further stream can be opened now."""


@dataclass(frozen=True, kw_only=True)
class ServerSentEvent:
    """One update: its name, its data (JSON or HTML), and the id a browser resumes after."""

    name: str
    data: str
    id: str | None = None

    @cached_property
    def wire(self) -> bytes:
        """The event as it goes over the wire, the same for everybody."""
        head = f"id: {self.id}\n" if self.id is not None else ""
        # Only these three end a line for a browser; splitlines() knows eight more.
        lines = self.data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        data = "".join(f"data: {line}\n" for line in lines)
        return f"{head}event: {self.name}\n{data}\n".encode()


Skip: TypeAlias = Callable[[ServerSentEvent], bool]


class Piece:
    """Some events as they go over the wire, made once for everybody."""

    def __init__(self, events: Sequence[ServerSentEvent]) -> None:
        self.events = events
        self.wire = b"".join(event.wire for event in events)
        self.chunk = _chunk(self.wire)

    def without(self, skip: Skip) -> Piece:
        """Return the events that are not to be skipped; the same piece if that is all of them."""
        events = [event for event in self.events if not skip(event)]
        return self if len(events) == len(self.events) else Piece(events)


def _chunk(wire: bytes) -> bytes:
    """Return a piece as HTTP/1.1 sends it whose length nobody knows."""
    return b"%x\r\n%b\r\n" % (len(wire), wire)


def _nothing(_event: ServerSentEvent) -> bool:
    return False


class Streams:
    """Counts the open streams of a site and lets only so many in."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self.most = most
        self.open = 0
        self.closing = False
        self._of: Counter[str] = Counter()  # by address

    @contextlib.contextmanager
    def one(self, address: str) -> Iterator[None]:
        """Count one stream to an address inside the block.

        Raises:
            TooManyStreams: The site, or somebody, has enough of them, or the site is about to stop.
        """
        if self.closing or self.open >= self.most or self._has_enough(address):
            raise TooManyStreams
        self.open += 1
        self._of[address] += 1
        try:
            yield
        finally:
            self.open -= 1
            self._of[address] -= 1
            if not self._of[address]:
                del self._of[address]

    def _has_enough(self, address: str) -> bool:
        """Tell whether nobody else at an address may read along; a private one may be our own proxy's."""
        return self._of[address] >= MOST_OF_ONE and is_public(address)


class Listener:
    """One browser's end of a broadcast.

    It collects what comes until its stream has begun; from then on pieces go straight to the connection. A
    task and a write of its own for each of a thousand browsers would take longer than the lines are apart.
    """

    def __init__(self, unwanted: Skip | None = None) -> None:
        self._unwanted = unwanted
        self._waiting: list[ServerSentEvent] = []
        self._ended = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._skip: Skip | None = None
        self._chunked = False
        self._behind = 0  # bytes that were not taken when somebody last looked

    def end(self) -> None:
        """End the stream once what it has begun to say is said."""
        self._transport = None
        self._ended.set()

    def take(self, piece: Piece) -> None:
        """Take some events."""
        if self._unwanted is not None:
            piece = piece.without(self._unwanted)
        if self._transport is not None:
            if self._skip is not None:
                piece = self._rest_of(piece, self._skip)
            if piece.wire:  # an empty chunk would end the stream
                self._write(piece.chunk if self._chunked else piece.wire)
        elif not self._ended.is_set():
            self._waiting += piece.events
            if len(self._waiting) > MOST_WAITING:
                self.end()

    def _rest_of(self, piece: Piece, skip: Skip) -> Piece:
        """Return what the browser does not have yet; after the first such event it has none of what comes."""
        rest = piece.without(skip)
        if rest.events and rest.events[-1].id is not None:
            self._skip = None
        return rest

    def collected(self, skip: Skip) -> bytes:
        """Return what has come since the last call, without what is to be skipped."""
        waiting, self._waiting = self._waiting, []
        return b"".join(event.wire for event in waiting if not skip(event))

    def connect(self, transport: asyncio.Transport, skip: Skip, *, chunked: bool) -> None:
        """Send what comes from now on straight to the browser."""
        if not self._ended.is_set():
            self._transport, self._skip, self._chunked = transport, skip, chunked

    async def over(self) -> None:
        """Wait for the end of the stream, and give a sign of life now and then."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_ALIVE_S):
                    await self._ended.wait()
                    return
            self._look()
            self._write(_chunk(_NOTHING) if self._chunked else _NOTHING)

    def _look(self) -> None:
        """Let a browser go that has taken nothing since the last look."""
        if self._transport is None:
            return
        behind = self._transport.get_write_buffer_size()
        if behind and behind >= self._behind > 0:
            _let_go(self._transport)
        self._behind = behind

    def _write(self, wire: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(wire)
        if transport.get_write_buffer_size() > MOST_BUFFERED:
            _let_go(transport)


def _let_go(transport: asyncio.Transport) -> None:
    """Cut off a browser that takes nothing: to wait for what is in the buffer would take for ever."""
    log.info("a stream ends: its reader takes nothing", behind_bytes=transport.get_write_buffer_size())
    transport.abort()


class _Row:
    """Some of the listeners of a broadcast, who are told together what came since they last were."""

    def __init__(self) -> None:
        self.listeners: dict[Listener, None] = {}  # in the order of their coming
        self.waiting: list[ServerSentEvent] = []

    def tell(self) -> None:
        events, self.waiting = self.waiting, []
        if not events:
            return
        piece = Piece(events)
        for listener in tuple(self.listeners):
            listener.take(piece)


class Broadcast:
    """Hands each event to every browser that listens; one that cannot keep up is let go.

    To tell a thousand browsers takes longer than the lines are apart. So they are told row after row, each
    what came since its last turn: nobody waits longer than one round, and nothing else waits for a round.
    """

    def __init__(self, streams: Streams | None = None) -> None:
        self._streams = streams or Streams()
        self._rows: list[_Row] = []
        self._turns: deque[_Row] = deque()  # the rows for which something waits
        self._next: asyncio.TimerHandle | None = None

    @property
    def listeners(self) -> int:
        """How many browsers listen now."""
        return sum(len(row.listeners) for row in self._rows)

    def send(self, event: ServerSentEvent) -> None:
        """Tell everybody who listens: the first at once, where they are many the others in a moment."""
        for row in self._rows:
            if not row.waiting:
                self._turns.append(row)
            row.waiting.append(event)
        if self._next is None:
            self._tell()

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        for row in self._rows:
            row.tell()
            for listener in row.listeners:
                listener.end()

    @contextlib.contextmanager
    def listen(self, address: str, unwanted: Skip | None = None) -> Iterator[Listener]:
        """Yield a listener that receives every event from now on, but those that are *unwanted*.

        Args:
            address: From where its browser comes.
            unwanted: Says which events it is never told.

        Raises:
            TooManyStreams: The site, or that address, has enough of them, or the site is about to stop.
        """
        with self._streams.one(address):
            row, listener = self._row_with_a_place(), Listener(unwanted)
            row.tell()  # what waits was sent before
            row.listeners[listener] = None
            try:
                yield listener
            finally:
                del row.listeners[listener]
                if not row.listeners:
                    self._rows.remove(row)

    def _row_with_a_place(self) -> _Row:
        for row in self._rows:
            if len(row.listeners) < _ROW:
                return row
        self._rows.append(row := _Row())
        return row

    def _tell(self) -> None:
        """Tell the row whose turn it is, and leave the loop to others for a while."""
        self._next = None
        if not self._turns:
            return
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        self._turns.popleft().tell()
        self._next = loop.call_at(begun_s + (loop.time() - begun_s) / _SHARE, self._tell)


async def serve_events(
    request: web.Request,
    listener: Listener,
    *,
    first: Iterable[ServerSentEvent] = (),
    skip: Skip = _nothing,
) -> web.StreamResponse:
    """Answer a request with *first* and then what the listener hears, until either side ends it.

    Args:
        request: What is answered.
        listener: From :meth:`Broadcast.listen`.
        first: What the browser has to be told before.
        skip: Says which events of the broadcast are in *first* already.
    """
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx would hold events back otherwise
        }
    )
    begin_stream(request)
    chunked = request.version >= HttpVersion11
    if chunked:
        response.enable_chunked_encoding()
    await response.prepare(request)
    transport = request.transport
    if request.method == "HEAD" or transport is None:
        return response
    data = f"retry: {_RETRY_MS}\n\n".encode() + b"".join(event.wire for event in first)
    try:
        while data:
            async with asyncio.timeout(WRITE_LIMIT_S):
                await response.write(data)
            data = listener.collected(skip)
        listener.connect(transport, skip, chunked=chunked)
        await listener.over()
    except TimeoutError:
        _let_go(transport)
    except ConnectionError:
        pass  # the reader closed the page
    return response
