"""The port players connect to: server list ping, and a polite refusal of everything else."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .closing import close_port
from .values import SimPlayer

_MOST_SAMPLE: Final = 12
_MOST_PACKET: Final = 32_768
_PROTOCOLS: Final = {
    "1.12.2": 340, "1.16.5": 754, "1.20.1": 763, "1.21.8": 772, "1.21.9": 773, "1.21.10": 773,
    "1.21.11": 774, "26.1": 775, "26.2": 776, "26.3": 777,
}  # fmt: skip


class StatusFault(StrEnum):
    """What the status port does wrong."""

    SILENT = "silent"  # accepts, never answers
    GARBAGE = "garbage"  # answers with what is not the protocol
    DRIP = "drip"  # answers one byte at a time, for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """What a ping shows."""

    version: str
    players: tuple[SimPlayer, ...]
    most_players: int
    motd: str
    secure_chat: bool
    hide_players: bool = False


class StatusPort:
    """Answers the server list ping; ``port`` stays the same over :meth:`refuse` and :meth:`listen`."""

    def __init__(self, facts: Callable[[], StatusFacts], *, port: int = 0, drip_s: float = 0.1) -> None:
        self.port = port
        self.fault: StatusFault | None = None
        self.pings = 0
        self._facts = facts
        self._drip_s = drip_s
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Accept connections.

        Raises:
            OSError: The port is taken.
        """
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Refuse new connections."""
        server, self._server = self._server, None
        if server is not None:
            await close_port(server)

    async def close(self) -> None:
        """Refuse new connections and end the open ones."""
        await self.refuse()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await asyncio.sleep(0)  # their sockets close in the loop's next turn

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None  # noqa: S101 - streams always call in a task
        self._talks.add(talk)
        try:
            if self._server is not None:  # else accepted in the moment in which the port was closed
                await self._talk(reader, writer)
        except (OSError, EOFError, ValueError):
            pass  # a client that hangs up or talks nonsense is sent away, as the game does
        except asyncio.CancelledError:
            pass  # close() ends this talk; nobody waits for it but close()
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind, body = await _read_packet(reader)
        if kind != 0:
            return
        if body[-1:] != b"\x01":  # a player who wants in
            writer.write(_pack(0, _string(json.dumps({"text": "This is a pretend server"}))))
            return
        while True:
            kind, body = await _read_packet(reader)
            answer = _pack(1, body) if kind == 1 else _pack(0, _string(json.dumps(self.answer())))
            self.pings += kind == 0
            await self._send(answer, reader, writer)

    async def _send(self, answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self.fault:
            case None:
                writer.write(answer)
            case StatusFault.SILENT:
                await reader.read()  # until the client gives up
            case StatusFault.GARBAGE:
                writer.write(b"\x05\x00\x7f{no\xff")
            case StatusFault.DRIP:
                for byte in answer:
                    writer.write(bytes((byte,)))
                    await writer.drain()
                    await asyncio.sleep(self._drip_s)

    def answer(self) -> dict[str, object]:
        """The status as the server words it, ready for JSON."""
        facts = self._facts()
        sample = [] if facts.hide_players else list(facts.players)
        random.shuffle(sample)
        return {
            "version": {"name": facts.version, "protocol": _PROTOCOLS.get(facts.version, 774)},
            "players": {
                "max": facts.most_players,
                "online": len(facts.players),
                "sample": [{"name": each.name, "id": each.uuid} for each in sample[:_MOST_SAMPLE]],
            },
            "description": {"text": facts.motd},
            "favicon": FAVICON,
            "enforcesSecureChat": facts.secure_chat,
        }


async def _read_varint(reader: asyncio.StreamReader) -> int:
    value = 0
    for shift in range(0, 35, 7):
        byte = (await reader.readexactly(1))[0]
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value
    raise ValueError("a number of more than five bytes")


async def _read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    length = await _read_varint(reader)
    if not 0 < length <= _MOST_PACKET:
        raise ValueError("a packet of impossible length")
    body = await reader.readexactly(length)
    return body[0], body[1:]  # all kinds of this state fit in one byte


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _string(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


def _pack(kind: int, body: bytes) -> bytes:
    packet = _varint(kind) + body
    return _varint(len(packet)) + packet


_BRIDGE: Final = (  # 16 by 16 blocks: a small footbridge over water
    "................",
    "................",
    "................",
    "................",
    "..#..........#..",
    "..#...####...#..",
    "..####....####..",
    "..#..........#..",
    "..#...oooo...#..",
    "..#.oooooooo.#..",
    ".oooooo..oooooo.",
    "oooo........oooo",
    "oo............oo",
    "................",
    "~~.~~~.~~~.~~~.~",
    "................",
)
_PAINT: Final = {
    ".": b"\xdf\xee\xf7\xff", "#": b"\x7a\x55\x32\xff", "o": b"\x10\xb9\x81\xff", "~": b"\x38\x9b\xd6\xff",
}  # fmt: skip


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _favicon() -> str:
    rows = (b"\0" + b"".join(_PAINT[block] * 4 for block in row) for row in _BRIDGE for _ in range(4))
    head = _png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 6, 0, 0, 0))
    image = _png_chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + _png_chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + image).decode()


FAVICON: Final = _favicon()
"""The server's picture, 64 by 64."""
