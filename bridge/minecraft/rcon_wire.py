"""RCON's packets as bytes; knows no socket."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

LOGIN: Final = 3
COMMAND: Final = 2
NO_LOGIN: Final = -1  # the request id of a reply to somebody who is not logged in

MOST_REPLY_BYTES: Final = 64 * 1024
"""Vanilla cuts replies at 4096 characters (12 KiB); others do not cut at all."""

_HEAD: Final = struct.Struct("<iii")  # length of what follows, request id, type
_LENGTH: Final = struct.Struct("<i")
_TAIL: Final = b"\0\0"


class BadPacket(ValueError):
    """The other side does not speak RCON."""


class Packet(NamedTuple):
    """One packet of the server; the body ends before its first NUL."""

    id: int
    type: int
    body: bytes


def pack(request: int, kind: int, body: bytes) -> bytes:
    """Return one packet of ours, whole: a server reads it with a single ``read`` or hangs up."""
    return _HEAD.pack(len(body) + 10, request, kind) + body + _TAIL


class PacketReader:
    """Cuts a stream of bytes into packets, however they arrive."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that *data* completes.

        Raises:
            BadPacket: A length that no RCON packet has.
        """
        rest = self._rest
        if not rest and len(data) >= 14 and _LENGTH.unpack_from(data)[0] == len(data) - 4 <= MOST_REPLY_BYTES:
            return [_packet(data)]  # as nearly all arrive: one, and whole
        rest += data
        packets: list[Packet] = []
        start = 0
        while len(rest) - start >= 4:
            (length,) = _LENGTH.unpack_from(rest, start)
            if not 10 <= length <= MOST_REPLY_BYTES + 10:
                raise BadPacket(f"a packet of {length} bytes; is this the RCON port?")
            end = start + 4 + length
            if len(rest) < end:
                break
            packets.append(_packet(bytes(rest[start:end])))
            start = end
        del rest[:start]
        return packets


def _packet(data: bytes) -> Packet:
    _length, request, kind = _HEAD.unpack_from(data)
    end = data.find(b"\0", 12)
    return Packet(request, kind, data[12 : end if end >= 0 else len(data) - 1])
