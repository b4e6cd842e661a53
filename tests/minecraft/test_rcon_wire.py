"""RCON's packets as bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.minecraft.rcon_wire import MOST_REPLY_BYTES, BadPacket, Packet, PacketReader, pack


def test_a_packet_is_what_the_game_reads() -> None:
    assert pack(7, 2, b"list") == b"\x0e\0\0\0\x07\0\0\0\x02\0\0\0list\0\0"


bodies = st.binary(max_size=300).map(lambda body: body.replace(b"\0", b""))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 2**31 - 1), st.sampled_from([0, 2, 3]), bodies), max_size=5), st.data()
)
def test_packets_come_out_whole_however_the_bytes_arrive(
    packets: list[tuple[int, int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(pack(*packet) for packet in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader = PacketReader()
    read: list[Packet] = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        read += reader.feed(stream[begin:end])
    assert read == [Packet(*packet) for packet in packets]


def test_a_body_ends_at_its_first_nul() -> None:
    assert PacketReader().feed(pack(1, 0, b"a\0b")) == [Packet(1, 0, b"a")]


@pytest.mark.parametrize("length", [-1, 0, 9, MOST_REPLY_BYTES + 11, 2**31 - 1])
def test_a_length_that_no_packet_has_is_told_at_once(length: int) -> None:
    with pytest.raises(BadPacket, match=str(length)):
        PacketReader().feed(struct.pack("<i", length))


def test_the_longest_reply_is_read() -> None:
    assert len(PacketReader().feed(pack(1, 0, b"x" * MOST_REPLY_BYTES))[0].body) == MOST_REPLY_BYTES
