"""Pictures drawn here in blocks: the card that stands beside a link to us, and a server's default icon."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Final

CARD: Final = (1200, 630)
"""Width and height of the card, as Discord and others like it."""

ICON: Final = 64  # pixels a side

_GROUND: Final = (13, 19, 17)
_COLOURS: Final = {
    ".": _GROUND,
    "p": (122, 90, 56),  # posts
    "r": (195, 154, 99),  # rails
    "d": (16, 185, 129),  # the deck
    "w": (86, 180, 233),  # the water
    "g": (76, 130, 66),  # grass
    "h": (98, 158, 84),
    "s": (121, 85, 58),  # soil
    "t": (98, 68, 46),
}


# Left, top, width and height, as in the mark's drawing on every page.
_BOXES: Final = {
    "p": ((3, 2, 2, 9), (21, 2, 2, 9), (9, 3, 2, 5), (15, 3, 2, 5)),
    "r": ((5, 3, 2, 1), (7, 4, 2, 1), (11, 4, 4, 1), (17, 4, 2, 1), (19, 3, 2, 1)),
    "d": ((0, 11, 5, 2), (4, 9, 5, 2), (8, 7, 10, 2), (17, 9, 5, 2), (21, 11, 5, 2)),
    "w": (
        (0, 16, 3, 1), (6, 16, 5, 1), (14, 16, 5, 1), (22, 16, 4, 1),
        (3, 19, 4, 1), (10, 19, 5, 1), (18, 19, 4, 1),
    ),
}  # fmt: skip


def _mark() -> tuple[str, ...]:
    """Return the footbridge of the pages' mark, a letter a block."""
    rows = [["."] * 26 for _ in range(20)]
    for letter, boxes in _BOXES.items():
        for x, y, width, height in boxes:
            for row in rows[y : y + height]:
                row[x : x + width] = letter * width
    return tuple(map("".join, rows))


_BLOCK: Final = (
    "gghgghhg",
    "hgghgggh",
    "gsghsgsg",
    "stssttss",
    "sstsssts",
    "tsssstss",
    "sstsssst",
    "stsstsss",
)


@cache
def card() -> bytes:
    """Return the card that other sites show beside a link of ours, as a PNG."""
    width, height = CARD
    rows, scale = _mark(), 26
    across, down = len(rows[0]) * scale, len(rows) * scale
    left, top = (width - across) // 2, (height - down) // 2
    return _png(_placed(rows, scale, width, height, left=left, top=top), width, height)


@cache
def default_icon() -> bytes:
    """Return a block of grass as a PNG, for a server without a picture of its own."""
    return _png(_placed(_BLOCK, ICON // len(_BLOCK), ICON, ICON), ICON, ICON)


def _placed(
    rows: Sequence[str], scale: int, width: int, height: int, *, left: int = 0, top: int = 0
) -> list[bytes]:
    """Return every row of a picture in which the drawing stands on our ground, in numbers of colours."""
    numbers = {letter: number for number, letter in enumerate(_COLOURS)}
    lines = [
        bytes(left) + b"".join(bytes([numbers[letter]]) * scale for letter in row)
        for row in rows
        for _ in range(scale)
    ]
    filled = [line.ljust(width, b"\0") for line in lines]
    empty = bytes(width)
    return [*[empty] * top, *filled, *[empty] * (height - top - len(filled))]


def _png(rows: Sequence[bytes], width: int, height: int) -> bytes:
    """Return a PNG whose pixels are numbers of our colours."""
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = b"".join(map(bytes, _COLOURS.values()))
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
