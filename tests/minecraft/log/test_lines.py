"""Cutting bytes into lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.minecraft.log.lines import TAIL_BYTES, LineCutter

MOST = 20

streams = st.lists(
    st.binary(max_size=8) | st.just(b"\n") | st.just(b"\r\n") | st.just(b"\0") | st.just(b"x" * (MOST + 1)),
    max_size=30,
).map(b"".join)


def cut(stream: bytes, cuts: list[int], *, offset: int = 0) -> tuple[dict[int, bytes], LineCutter]:
    """Return the lines by their offsets."""
    cutter = LineCutter(offset, most_line_bytes=MOST)
    lines: dict[int, bytes] = {}
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        for piece in cutter.feed(stream[begin:end]):
            assert piece.data.endswith(b"\n")
            assert piece.end == piece.start + len(piece.data)
            before = piece.start - offset
            assert piece.before == stream[max(0, before - TAIL_BYTES) : before]
            start = piece.start
            for line in piece.data.split(b"\n")[:-1]:
                lines[start] = line
                start += len(line) + 1
    return lines, cutter


@settings(max_examples=150, deadline=None)
@given(streams, st.data())
def test_any_chunking_of_any_bytes_gives_the_same_lines(stream: bytes, data: st.DataObject) -> None:
    """They are the stream's whole lines, at their offsets, without those that are too long."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    expected: dict[int, bytes] = {}
    start = 7
    for line in stream.split(b"\n")[:-1]:
        if len(line) <= MOST:
            expected[start] = line
        start += len(line) + 1
    lines, cutter = cut(stream, cuts, offset=7)
    assert lines == expected
    rest = len(stream) - (stream.rfind(b"\n") + 1)
    assert cutter.whole == 7 + len(stream) - (rest if rest <= MOST else 0)


def test_memory_stays_bounded_without_a_line_break() -> None:
    cutter = LineCutter()
    for _ in range(64):
        assert cutter.feed(b"x" * 65536) == []
        assert len(cutter._rest) <= 320 * 1024
    assert cutter.skipped == 1
    (piece,) = cutter.feed(b"tail\nnext\n")
    assert piece.data == b"next\n"
    assert piece.start == 64 * 65536 + 5


def test_half_a_line_waits_for_its_other_half() -> None:
    cutter = LineCutter()
    assert cutter.feed(b"one\ntw")[0].data == b"one\n"
    assert cutter.whole == 4
    assert cutter.feed(b"o\n")[0].data == b"two\n"
