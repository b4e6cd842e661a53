"""An RCON port with vanilla's rules: one read for one packet, replies cut at 4096 Java characters.

Each TCP read must hold exactly one packet of at most 1460 bytes, or the connection is closed without
a word. That is the behaviour of the game's own reader, and what a careless client trips over.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .closing import close_port

_READ: Final = 1460
_BUFFER: Final = 64 * 1024
_CUT: Final = 4096  # Java characters, which are UTF-16 units
_HEAD: Final = struct.Struct("<iii")
_LOGIN, _COMMAND = 3, 2

Run = Callable[[str], str]
Note = Callable[[str, str], None]


class Drop(StrEnum):
    """Where a connection breaks."""

    BEFORE_RUN = "before-run"  # the command never ran
    AFTER_RUN = "after-run"  # it ran, the reply was lost


@dataclass(slots=True)
class RconFaults:
    """What goes wrong; change it while the server runs."""

    hang_connections: bool = False  # accepted, never answered
    hang_commands: int = 0  # so many further commands are read, not run and never answered
    drop: Drop | None = None  # the next command breaks its connection; then this is None again
    close_after: int | None = None  # commands of one connection, after which it is closed
    delay_s: float = 0.0  # before each reply
    reply_piece_bytes: int | None = None  # replies arrive in pieces of that size


class RconPort:
    """The listening side; ``port`` stays the same over :meth:`refuse` and :meth:`listen`."""

    def __init__(self, *, run: Run, note: Note, password: str, port: int = 0) -> None:
        self.run = run
        self.note = note
        self.password = password
        self.port = port
        self.faults = RconFaults()
        self.commands = 0
        self.connections: set[RconConnection] = set()
        self._server: asyncio.Server | None = None
        self.connected = 0  # since the start, which numbers the threads

    async def listen(self) -> None:
        """Accept connections.

        Raises:
            OSError: The port is taken.
        """
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: RconConnection(self), "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Refuse new connections; those that are open stay."""
        server, self._server = self._server, None
        if server is not None:
            await close_port(server)

    async def close(self) -> None:
        """Refuse new connections and break the open ones."""
        await self.refuse()
        self.drop_all()
        while self.connections:  # noqa: ASYNC110 - their sockets close in the next turn of the loop
            await asyncio.sleep(0)

    @property
    def listening(self) -> bool:
        """Whether new connections are accepted."""
        return self._server is not None

    def drop_all(self) -> None:
        """Break every open connection at once."""
        for connection in list(self.connections):
            connection.break_off()


class RconConnection(asyncio.BufferedProtocol):
    """One client, from its thread's start to its end."""

    def __init__(self, owner: RconPort) -> None:
        self._owner = owner
        # asyncio would ask the system for 256 KiB of memory at each packet and give it back.
        self._buffer = memoryview(bytearray(_BUFFER))
        self._transport: asyncio.Transport | None = None
        self._logged_in = False
        self._waiting = bytearray()  # what TCP holds while a command runs
        self._busy = False
        self._commands = 0
        self._thread = ""
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The client is here."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - the loop gives nothing else for TCP
        self._transport = transport
        owner = self._owner
        owner.connections.add(self)
        if not owner.listening:  # accepted in the moment in which the port was closed
            transport.abort()
            return
        owner.connected += 1
        self._thread = f"RCON Client /127.0.0.1 #{owner.connected + 1}"
        owner.note("RCON Listener #1", "Thread RCON Client /127.0.0.1 started")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the loop passes it
        """The client is gone, or was sent away."""
        self._owner.connections.discard(self)
        if self._late is not None:
            self._late.cancel()
        if self._thread:
            self._owner.note(self._thread, "Thread RCON Client /127.0.0.1 shutting down")

    def break_off(self) -> None:
        """Close without sending what is left."""
        if self._transport is not None:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the loop passes it
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """One read of the server; while a command runs, TCP holds what comes."""
        data = bytes(self._buffer[:nbytes])
        if self._busy or self._owner.faults.hang_connections:
            self._waiting += data
            return
        self._read(data)

    def _read(self, data: bytes) -> None:
        data = data[:_READ]
        if len(data) < 12 or self._transport is None:
            self._end()
            return
        length, request, kind = _HEAD.unpack_from(data)
        if length != len(data) - 4:
            self._end()
        elif kind == _COMMAND:
            self._command(request, _text(data))
        elif kind == _LOGIN:
            self._log_in(request, _text(data))
        else:
            self._reply(request, f"Unknown request {kind & 0xFFFFFFFF:x}")

    def _end(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _log_in(self, request: int, password: str) -> None:
        self._logged_in = bool(password) and password == self._owner.password
        self._send(_packet(request if self._logged_in else -1, 2, b""))

    def _command(self, request: int, command: str) -> None:
        owner, faults = self._owner, self._owner.faults
        if not self._logged_in:
            self._send(_packet(-1, 2, b""))
            return
        if faults.hang_commands:
            faults.hang_commands -= 1
            self._busy = True
            return
        if faults.drop is not None:
            self._dropped(command, faults.drop)
            return
        owner.commands += 1
        self._commands += 1
        self._reply(request, owner.run(command))
        if faults.close_after is not None and self._commands >= faults.close_after:
            self._end()

    def _dropped(self, command: str, where: Drop) -> None:
        self._owner.faults.drop = None
        if where is Drop.AFTER_RUN:
            self._owner.run(command)
        self.break_off()

    def _reply(self, request: int, text: str) -> None:
        if len(text) < _CUT and text.isascii():
            self._send(_packet(request, 0, text.encode("ascii")))
        else:
            self._send(b"".join(_packet(request, 0, piece) for piece in java_pieces(text)))

    def _send(self, data: bytes) -> None:
        transport, faults = self._transport, self._owner.faults
        if transport is None or transport.is_closing():
            return
        if not faults.delay_s and faults.reply_piece_bytes is None:
            transport.write(data)
            return
        self._busy = True
        size = faults.reply_piece_bytes or len(data)
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        self._late = asyncio.get_running_loop().call_later(faults.delay_s, self._dribble, pieces)

    def _dribble(self, pieces: list[bytes]) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(pieces.pop(0))
        if pieces:
            self._late = asyncio.get_running_loop().call_later(0.001, self._dribble, pieces)
            return
        self._busy = False
        if self._waiting:
            held = bytes(self._waiting)
            self._waiting.clear()
            self._read(held)


def _text(data: bytes) -> str:
    """Return the body up to the first NUL; vanilla never looks at the very last byte."""
    end = data.find(b"\0", 12, len(data) - 1)
    return data[12 : end if end >= 0 else len(data) - 1].decode("utf-8", errors="replace")


def _packet(request: int, kind: int, body: bytes) -> bytes:
    return _HEAD.pack(len(body) + 10, request, kind) + body + b"\0\0"


def java_pieces(text: str) -> list[bytes]:
    """Return a reply cut every 4096 Java characters; a pair cut in two becomes two question marks."""
    units = text.encode("utf-16-le", "surrogatepass")
    cuts = range(0, max(len(units), 1), _CUT * 2)
    pieces = (units[at : at + _CUT * 2].decode("utf-16-le", "surrogatepass") for at in cuts)
    return [piece.encode("utf-8", "replace") for piece in pieces]
