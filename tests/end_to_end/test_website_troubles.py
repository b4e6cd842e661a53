"""What goes wrong around the website, from visitors to Discord, and the bridge that goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import pytest
from structlog.testing import capture_logs

from tests.end_to_end.conftest import WITHIN_S

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Running, Town

MANY: Final = 200
QUICK_S: Final = 0.3
HEAD: Final = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: "
FORM: Final = (
    b"POST /rooms/main/lines HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntext="
)


async def unaffected(town: Town, bridge: Running) -> None:
    """See that a line said in the game arrives on Discord, and that pages are answered."""
    mark = os.urandom(4).hex()
    town.game.chat("Alix", f"still here {mark}")
    await town.post(mark)
    assert (await bridge.get("/rooms/main"))[0] == HTTPStatus.OK


class Dripping:
    """A client that sends a byte now and then, until it is cut off."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def cut_off(self) -> bytes:
        """Return what it was answered until then."""
        answered = b""
        with contextlib.suppress(ConnectionError):
            while True:
                try:
                    async with asyncio.timeout(0.05):
                        piece = await self._reader.read(1 << 16)
                except TimeoutError:
                    self._writer.write(b"x")
                    continue
                if not piece:
                    break
                answered += piece
        return answered


@contextlib.asynccontextmanager
async def dripping(bridge: Running, begins: bytes) -> AsyncIterator[list[Dripping]]:
    """Connect many clients that begin a request and never end it."""
    port = int(bridge.url.rpartition(":")[2])
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MANY)]
    for _, writer in opened:
        writer.write(begins)
    try:
        yield [Dripping(reader, writer) for reader, writer in opened]
    finally:
        for _, writer in opened:
            writer.close()


@pytest.mark.parametrize(("begins", "answer"), [(HEAD, b""), (FORM, b"HTTP/1.1 504 ")], ids=["head", "body"])
async def test_clients_that_send_a_byte_now_and_then_are_cut_off(
    town: Town, monkeypatch: pytest.MonkeyPatch, begins: bytes, answer: bytes
) -> None:
    for limit in ("IDLE_LIMIT_S", "REQUEST_LIMIT_S", "LINGER_S"):
        monkeypatch.setattr(f"bridge.website.site.{limit}", QUICK_S)
    async with town.bridge() as bridge, dripping(bridge, begins) as clients:
        ends = [asyncio.create_task(client.cut_off()) for client in clients]
        with capture_logs() as logs:
            await unaffected(town, bridge)
            async with asyncio.timeout(WITHIN_S):
                answers = await asyncio.gather(*ends)
        assert {each[: len(answer)] for each in answers} == {answer}
        assert answer or not any(answers)
        slow = [entry["route"] for entry in logs if entry["event"] == "a request took too long"]
        assert slow == (["POST /rooms/{room}/lines"] * MANY if answer else [])
