"""The pretend RCON port against raw sockets and an independent client."""

from __future__ import annotations

import asyncio
import json
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.simulator.game import Drop, SimGame
from bridge.simulator.game.rcon import java_pieces

Packet = tuple[int, int, bytes]


def packet(request: int, kind: int, body: bytes) -> bytes:
    return struct.pack("<iii", len(body) + 10, request, kind) + body + b"\0\0"


class Raw:
    """A client that sends exactly the bytes it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, game: SimGame, *, password: str | None = "simulated") -> Raw:  # noqa: S107 - a pretend one
        client = cls(*await asyncio.open_connection("127.0.0.1", game.rcon.port))
        if password is not None:
            assert (await client.ask(1, 3, password.encode()))[:2] == (1, 2)
        return client

    async def read(self) -> Packet:
        async with asyncio.timeout(5):
            (length,) = struct.unpack("<i", await self.reader.readexactly(4))
            data = await self.reader.readexactly(length)
        request, kind = struct.unpack_from("<ii", data)
        return request, kind, data[8:-2]

    async def ask(self, request: int, kind: int, body: bytes) -> Packet:
        self.writer.write(packet(request, kind, body))
        return await self.read()

    async def ended(self) -> bool:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True

    def close(self) -> None:
        self.writer.close()


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path)
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
async def raw(game: SimGame) -> AsyncIterator[Raw]:
    client = await Raw.open(game)
    yield client
    client.close()


async def test_a_command_is_answered_under_its_own_number(game: SimGame, raw: Raw) -> None:
    game.join("Mira")
    assert await raw.ask(7, 2, b"list") == (7, 0, b"There are 1 of a max of 20 players online: Mira")


async def test_the_biggest_command_passes_and_one_byte_more_ends_the_connection(game: SimGame) -> None:
    for size, passes in ((1446, True), (1447, False)):
        client = await Raw.open(game)
        client.writer.write(packet(1, 2, b"say " + b"x" * (size - 4)))
        if passes:
            assert await client.read() == (1, 0, b"")
        else:
            assert await client.ended()
        client.close()
    assert len(game.commands) == 1


async def test_two_packets_in_one_write_end_the_connection(game: SimGame, raw: Raw) -> None:
    raw.writer.write(packet(1, 2, b"list") + packet(2, 2, b"list"))
    assert await raw.ended()
    assert not game.commands


async def test_half_a_packet_ends_the_connection(raw: Raw) -> None:
    raw.writer.write(packet(1, 2, b"list")[:13])
    assert await raw.ended()


async def test_a_wrong_password_and_a_command_before_login_answer_minus_one(game: SimGame) -> None:
    client = await Raw.open(game, password=None)
    assert await client.ask(5, 2, b"list") == (-1, 2, b"")
    assert await client.ask(6, 3, b"wrong") == (-1, 2, b"")
    assert await client.ask(7, 3, b"simulated") == (7, 2, b"")
    assert (await client.ask(8, 2, b"list"))[0] == 8
    client.close()


async def test_an_unknown_packet_type_is_named_in_hexadecimal(raw: Raw) -> None:
    assert await raw.ask(9, 100, b"") == (9, 0, b"Unknown request 64")


async def test_a_nul_cuts_the_command(game: SimGame, raw: Raw) -> None:
    await raw.ask(1, 2, b"seed\0ignored")
    assert [each.text for each in game.commands] == ["seed"]


async def test_a_long_reply_comes_in_packets_of_4096_java_characters(game: SimGame, raw: Raw) -> None:
    game.online.clear()
    for number in range(400):
        game.whitelisted.add(f"Ünïcode_{number:04}")
    reply = b""
    raw.writer.write(packet(1, 2, b"whitelist list"))
    pieces = [await raw.read() for _ in range(2)]
    reply = b"".join(body for _, _, body in pieces)
    assert len(pieces[0][2].decode()) == 4096
    assert reply.decode().startswith("There are 400 whitelisted player(s): ")
    assert await raw.ask(2, 100, b"") == (2, 0, b"Unknown request 64")


@given(st.text(max_size=9000))
@settings(max_examples=50)
def test_cut_replies_join_to_the_whole_unless_a_pair_was_cut(text: str) -> None:
    whole = b"".join(java_pieces(text)).decode()
    assert whole.replace("?", "") == "".join(
        char for char in text if char != "?" and not 0xD800 <= ord(char) < 0xE000
    ) or any(ord(char) > 0xFFFF for char in text)


def test_a_pair_on_the_cut_becomes_two_question_marks() -> None:
    assert java_pieces("a" * 4095 + "🎉b") == [b"a" * 4095 + b"?", b"?b"]


async def test_connections_are_told_in_the_log_as_the_game_does(game: SimGame) -> None:
    client = await Raw.open(game)
    log = game.log.latest.read_text()
    assert "[RCON Listener #1/INFO]: Thread RCON Client /127.0.0.1 started" in log
    with game.listen() as inbox:
        client.close()
        async with asyncio.timeout(5):
            await inbox.get()
    log = game.log.latest.read_text()
    assert "[RCON Client /127.0.0.1 #2/INFO]: Thread RCON Client /127.0.0.1 shutting down" in log


@pytest.mark.parametrize(("drop", "ran"), [(Drop.BEFORE_RUN, 0), (Drop.AFTER_RUN, 1)])
async def test_a_drop_is_before_or_after_the_command_ran(
    game: SimGame, raw: Raw, drop: Drop, ran: int
) -> None:
    game.rcon.faults.drop = drop
    raw.writer.write(packet(1, 2, b"say hi"))
    assert await raw.ended()
    assert len(game.commands) == ran


async def test_a_refusing_port_comes_back_on_the_same_number(game: SimGame) -> None:
    port = game.rcon.port
    await game.rcon.refuse()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await game.rcon.listen()
    client = await Raw.open(game)
    client.close()
    assert game.rcon.port == port


async def test_a_hanging_command_never_runs(game: SimGame, raw: Raw) -> None:
    game.rcon.faults.hang_commands = 1
    raw.writer.write(packet(1, 2, b"say hi"))
    other = await Raw.open(game)  # its round trip comes after the hanging command was read
    other.close()
    assert not game.commands
    assert game.rcon.faults.hang_commands == 0


async def test_a_reply_in_pieces_and_late_arrives_whole(game: SimGame, raw: Raw) -> None:
    game.rcon.faults.reply_piece_bytes = 3
    game.rcon.faults.delay_s = 0.001
    assert (await raw.ask(1, 2, b"seed"))[2].startswith(b"Seed: [")
    assert (await raw.ask(2, 2, b"list"))[0] == 2


async def test_a_connection_can_end_after_some_commands(game: SimGame, raw: Raw) -> None:
    game.rcon.faults.close_after = 2
    await raw.ask(1, 2, b"list")
    await raw.ask(2, 2, b"list")
    assert await raw.ended()


async def test_a_changed_password_counts_for_the_next_login(game: SimGame) -> None:
    game.rcon.password = "other"
    client = await Raw.open(game, password=None)
    assert (await client.ask(1, 3, b"simulated"))[0] == -1
    assert (await client.ask(2, 3, b"other"))[0] == 2
    client.close()


async def test_an_independent_client_can_use_it(game: SimGame) -> None:
    """Mcrcon in the main thread of its own process, because it works with signals."""
    game.join("Mira")
    program = """
import json, sys
from mcrcon import MCRcon
with MCRcon("127.0.0.1", "simulated", port=int(sys.argv[1])) as rcon:
    commands = ["list", "tellraw @a {\\"text\\":\\"hello\\"}", "whitelist add Lou"]
    print(json.dumps([rcon.command(each) for each in commands]))
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(game.rcon.port), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        out, _ = await process.communicate()
    assert json.loads(out) == [
        "There are 1 of a max of 20 players online: Mira",
        "",
        "Added Lou to the whitelist",
    ]
    assert [each.plain for each in game.received] == ["hello"]
