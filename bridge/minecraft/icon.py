"""A server's own picture, as its status answer carries it: checked, and nothing but the picture."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from typing import Final

MOST_BYTES: Final = 32 * 1024
MOST_PIXELS: Final = 64  # a side, as the game wants it

_PREFIX: Final = "data:image/png;base64,"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_NEEDED: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_DEPTHS: Final = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}  # by kind of colour


def read_icon(written: object) -> bytes | None:
    """Return the PNG in a status answer's ``favicon``, without comments; None for anything else."""
    most = len(_PREFIX) + MOST_BYTES * 2  # some servers break its lines
    if not isinstance(written, str) or not written.startswith(_PREFIX) or len(written) > most:
        return None
    try:
        picture = base64.b64decode("".join(written.removeprefix(_PREFIX).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return checked_png(picture)


def checked_png(picture: bytes) -> bytes | None:
    """Return the picture if it is a PNG of at most 64 by 64 and 32 KiB; only what it needs to be seen."""
    if len(picture) > MOST_BYTES or not picture.startswith(_SIGNATURE):
        return None
    try:
        chunks = list(_chunks(picture))
    except (struct.error, ValueError):
        return None
    kinds = [kind for kind, _ in chunks]
    whole = kinds[:1] == [b"IHDR"] and kinds[-1:] == [b"IEND"] and b"IDAT" in kinds
    if not whole or kinds.count(b"IHDR") > 1 or not _is_small(chunks[0][1]):
        return None
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks if kind in _NEEDED)


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the parts of a PNG up to its end; what follows is not looked at.

    Raises:
        ValueError: A part is damaged.
        struct.error: The picture ends in the middle of a part.
    """
    at = len(_SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", picture, at)
        data = picture[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", picture, at + 8 + length)
        if zlib.crc32(kind + data) != checksum:
            raise ValueError("damaged")
        yield kind, data
        if kind == b"IEND":
            return
        at += 12 + length


def _is_small(header: bytes) -> bool:
    if len(header) != 13:
        return False
    width, height, depth, colour = struct.unpack_from(">IIBB", header)
    sizes = 0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS
    return sizes and depth in _DEPTHS.get(colour, ()) and header[10:12] == b"\0\0" and header[12] < 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
