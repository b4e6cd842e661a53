"""One RCON connection, used once: one exchange at a time, replies matched by their request id."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final, cast

import structlog

from bridge.minecraft.rcon_wire import COMMAND, LOGIN, NO_LOGIN, BadPacket, Packet, PacketReader, pack
from bridge.supervise import SourceLost, SourceRefused

log = structlog.get_logger(__name__)

MAY_GO_ON: Final = 2000
"""From so many bytes on a reply may have been cut: vanilla cuts at 4096 characters, some proxies at 2048."""
MOST_WHOLE_BYTES: Final = 1024 * 1024
_LAST_ID: Final = 2**31 - 2
_READ_BYTES: Final = 16 * 1024  # at once; more than vanilla's longest packet


class RconError(Exception):
    """A command did not get its reply."""


class RconUnavailable(RconError):
    """Not connected: nothing was sent, so sending it later is safe."""


class RconRefused(RconUnavailable):
    """The server does not accept the password: nothing was run."""


class RconUnknownOutcome(RconError):
    """The bytes may have left and no reply came: the server may or may not have run the command."""


class RconTimeout(RconUnknownOutcome):
    """No reply in time. The connection is closed, as a late reply would answer the next command."""


class Exchange:
    """A command on its way: its bytes, and where the reply goes."""

    __slots__ = ("body", "reply", "timeout_s")

    def __init__(self, body: bytes, *, timeout_s: float, loop: asyncio.AbstractEventLoop) -> None:
        """Make an exchange whose reply is awaited in that loop."""
        self.body = body
        self.timeout_s = timeout_s
        self.reply: asyncio.Future[str] = loop.create_future()

    def fail(self, error: RconError) -> None:
        """Tell the one who waits, if there still is one."""
        if not self.reply.done():
            self.reply.set_exception(error)


class Connection(asyncio.BufferedProtocol):
    """Speaks RCON with one server until either side ends it.

    The server reads each packet with a single ``read`` and hangs up when two arrive together, so the next
    packet leaves only after the reply to the one before. *on_idle* is called when the next may leave.

    It reads into a buffer of its own: asyncio would ask the system for 256 KiB of memory at each packet and
    give it back, a tenth of a round trip.
    """

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self._on_idle = on_idle
        self._loop = asyncio.get_running_loop()
        self._packets = PacketReader()
        self._read = memoryview(bytearray(_READ_BYTES))
        self._transport: asyncio.Transport | None = None
        self._current: Exchange | None = None
        self._id = 0
        self._long: int | None = None  # the id of a reply that goes on, once its end was asked for
        self._parts: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0  # of what is under way
        self.ended: asyncio.Future[SourceLost | SourceRefused] = self._loop.create_future()

    @property
    def idle(self) -> bool:
        """Whether a packet may leave now."""
        return self._current is None and not self.ended.done()

    async def log_in(self, password: str, *, timeout_s: float) -> None:
        """Log in.

        Raises:
            SourceRefused: Wrong password.
            SourceLost: No answer, or the server hung up.
        """
        login = Exchange(password.encode(), timeout_s=timeout_s, loop=self._loop)
        try:
            if self.ended.done():
                raise self.ended.result()
            self.start(login, kind=LOGIN)
            await login.reply
        except RconRefused as exc:
            raise SourceRefused(str(exc)) from exc
        except RconTimeout as exc:
            raise SourceLost(f"no answer to the log-in within {timeout_s:g} s") from exc
        except RconError as exc:
            raise SourceLost(
                "the server hung up at the log-in; some do that when the password is wrong"
            ) from exc

    def start(self, exchange: Exchange, *, kind: int = COMMAND) -> None:
        """Send an exchange's packet; only while :attr:`idle`."""
        self._current = exchange
        self._long = None
        self._wait_until(self._loop.time() + exchange.timeout_s)
        self._send(kind, exchange.body)

    def close(self, why: SourceLost | SourceRefused, error: RconError | None = None) -> None:
        """End the connection at once; harmless when it has ended.

        What is under way fails with *error*, else its outcome is unknown.
        """
        if self._transport is not None:
            self._transport.abort()
        self._end(why, error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; asyncio calls this."""
        self._transport = cast("asyncio.Transport", transport)
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - what asyncio would like to have
        """Return where the next bytes go; asyncio calls this."""
        return self._read

    def buffer_updated(self, nbytes: int) -> None:
        """Hand the replies out; asyncio calls this."""
        try:
            packets = self._packets.feed(bytes(self._read[:nbytes]))
        except BadPacket as exc:
            self.close(SourceLost(str(exc)))
            return
        for packet in packets:
            self._received(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what was under way; asyncio calls this."""
        self._end(SourceLost("the server closed the connection" if exc is None else "the connection broke"))

    def _send(self, kind: int, body: bytes) -> None:
        self._id = self._id % _LAST_ID + 1
        if self._transport is not None:
            self._transport.write(pack(self._id, kind, body))

    def _received(self, packet: Packet) -> None:
        current = self._current
        if packet.id == NO_LOGIN:
            self._refused()
        elif current is None or packet.id not in (self._id, self._long):
            # Some servers answer each command with a second, empty packet.
            log.debug("dropped a packet that answers nothing", id=packet.id)
        elif self._long is None:
            self._first_packet(current, packet)
        elif packet.id == self._id:  # the empty command's answer: all of the reply is here
            self._finish(current, b"".join(self._parts))  # before decoding: a character may be cut in two
        else:
            self._parts.append(packet.body)
            if sum(map(len, self._parts)) > MOST_WHOLE_BYTES:
                self.close(SourceLost(f"a reply longer than {MOST_WHOLE_BYTES} bytes"))

    def _first_packet(self, current: Exchange, packet: Packet) -> None:
        if len(packet.body) < MAY_GO_ON:
            self._finish(current, packet.body)
            return
        self._parts = [packet.body]
        # An empty command runs nothing and is answered after all of the reply. An unknown packet type
        # would do so too, but closes some servers' connection.
        self._long = self._id
        self._send(COMMAND, b"")

    def _finish(self, current: Exchange, body: bytes) -> None:
        self._current = None
        if not current.reply.done():
            current.reply.set_result(body.decode(errors="replace"))
        self._on_idle()

    def _refused(self) -> None:
        problem = "the server does not accept the RCON password; compare it with server.properties"
        self.close(SourceRefused(problem), RconRefused(problem))

    def _wait_until(self, deadline: float) -> None:
        """Give up what is under way at that time of the loop.

        One timer outlives many exchanges: it looks at the newest deadline only when it rings.
        """
        self._deadline = deadline
        if self._timer is None or self._timer.when() > deadline:
            self._stop_timer()
            self._timer = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._current is None:
            return
        if self._loop.time() < self._deadline:
            self._wait_until(self._deadline)
            return
        problem = f"no reply within {self._current.timeout_s:g} s"
        self.close(SourceLost(problem), RconTimeout(f"{problem}; the command may have run"))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, why: SourceLost | SourceRefused, error: RconError | None = None) -> None:
        if self.ended.done():
            return
        self._stop_timer()
        self.ended.set_result(why)  # first: the link is down before the one who waits hears of it
        if self._current is not None:
            unknown = RconUnknownOutcome(f"{why} before the reply; the command may have run")
            self._current.fail(error or unknown)
            self._current = None
