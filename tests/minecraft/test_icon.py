"""What a server sends as its picture: only a small, whole PNG is taken, and nothing beside the picture."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.minecraft.icon import MOST_BYTES, checked_png, read_icon

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 64, height: int = 64, *more: bytes, header: bytes | None = None) -> bytes:
    head = header if header is not None else struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x10\x80\x40" * min(width, 64)) * min(height, 64))
    return SIGNATURE + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def written(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def test_a_picture_is_taken_as_it_is() -> None:
    assert read_icon(written(png())) == png()
    assert checked_png(png(1, 1)) == png(1, 1)


def test_lines_broken_by_old_servers_are_joined() -> None:
    head, body = written(png()).split(",")
    assert read_icon(f"{head}," + "\n".join(body[at : at + 76] for at in range(0, len(body), 76))) == png()


def test_comments_and_what_follows_the_end_are_left_out() -> None:
    said = chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")
    assert checked_png(png(64, 64, said)) == png()
    assert checked_png(png() + b"<script>alert(1)</script>") == png()


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"GIF89a",
        SIGNATURE,
        png()[:-6],
        png(65, 64),
        png(64, 65),
        png(0, 64),
        png(2**31, 2**31),
        png(header=b"short"),
        png(header=struct.pack(">IIBBBBB", 64, 64, 3, 2, 0, 0, 0)),
        png(header=struct.pack(">IIBBBBB", 64, 64, 8, 5, 0, 0, 0)),
        png(header=struct.pack(">IIBBBBB", 64, 64, 8, 2, 1, 0, 0)),
        png().replace(b"IDAT", b"IDAX"),
        png()[:40] + b"\xff" + png()[41:],
        png(64, 64, chunk(b"tEXt", b"x" * MOST_BYTES)),
        png(64, 64, chunk(b"IHDR", struct.pack(">IIBBBBB", 9999, 9999, 8, 2, 0, 0, 0))),
        SIGNATURE + struct.pack(">I4s", 2**32 - 1, b"IHDR"),
    ],
)
def test_what_is_no_small_whole_png_is_not_taken(picture: bytes) -> None:
    assert checked_png(picture) is None


@pytest.mark.parametrize(
    "favicon",
    [None, 7, "", "data:image/svg+xml;base64,PHN2Zz4=", "data:image/png;base64,%%", "https://x/icon.png"],
)
def test_what_is_no_picture_in_the_answer_is_not_taken(favicon: object) -> None:
    assert read_icon(favicon) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(tail: bytes) -> None:
    for picture in (tail, SIGNATURE + tail, png()[:33] + tail):
        found = checked_png(picture)
        assert found is None or (found.startswith(SIGNATURE) and len(found) <= len(picture))


@given(st.text(max_size=100))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert read_icon(text) is None
    assert read_icon("data:image/png;base64," + text) is None
