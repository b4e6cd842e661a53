"""The ports that answer datagrams: the status of a Bedrock server, and the query port of a Java server."""

from __future__ import annotations

import asyncio
import random
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from .status import StatusFacts

_MAGIC: Final = bytes.fromhex("00ffff00fefefefefdfdfdfd12345678")
_GUID: Final = 0x5061_7373_6572
_BEDROCK_PROTOCOL: Final = 898
_QUERY: Final = b"\xfe\xfd"


class DatagramPort(ABC):
    """Answers datagrams on loopback; ``port`` stays the same when it is closed and opened again."""

    def __init__(self, facts: Callable[[], StatusFacts], *, port: int = 0) -> None:
        self.port = port
        self.silent = False  # takes everything, answers nothing
        self.garbage = False  # answers with what is not the protocol
        self.asked = 0
        self._facts = facts
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(self) -> None:
        """Take datagrams.

        Raises:
            OSError: The port is taken.
        """
        if self._transport is None:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: _Answering(self._received), local_addr=("127.0.0.1", self.port)
            )
            self.port = self._transport.get_extra_info("sockname")[1]

    async def close(self) -> None:
        """Take no more datagrams."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            await asyncio.sleep(0)  # its socket closes in the loop's next turn

    def _received(self, data: bytes, sender: tuple[str, int]) -> None:
        answer = self.answer(data)
        if answer is None or self._transport is None:
            return
        self.asked += 1
        if not self.silent:
            self._transport.sendto(b"\x1c\x00\xff{no" if self.garbage else answer, sender)

    @abstractmethod
    def answer(self, data: bytes) -> bytes | None:
        """Return what the server says to a datagram; None for what is no question."""


class BedrockPort(DatagramPort):
    """Answers the ping of RakNet, as the list of servers in a Bedrock client does it."""

    def answer(self, data: bytes) -> bytes | None:
        """Return the pong to a ping."""
        if len(data) < 25 or data[0] != 0x01 or data[9:25] != _MAGIC:
            return None
        facts = self._facts()
        fields = (
            "MCPE", facts.motd.replace(";", ","), _BEDROCK_PROTOCOL, facts.version, len(facts.players),
            facts.most_players, _GUID, "Bedrock level", "Survival", 1, self.port, self.port + 1,
        )  # fmt: skip
        told = "".join(f"{field};" for field in fields).encode()
        head = b"\x1c" + data[1:9] + struct.pack(">Q", _GUID) + _MAGIC
        return head + struct.pack(">H", len(told)) + told


class QueryPort(DatagramPort):
    """Answers GameSpy4 queries: a challenge first, then everything it knows."""

    def __init__(self, facts: Callable[[], StatusFacts], *, port: int = 0) -> None:
        super().__init__(facts, port=port)
        self._challenge = random.randrange(1, 2**31)  # noqa: S311 - as the game's own

    def answer(self, data: bytes) -> bytes | None:
        """Return the challenge, or the full answer to whoever sends it back."""
        if len(data) < 7 or data[:2] != _QUERY:
            return None
        session = data[3:7]
        if data[2] == 9:
            return b"\x09" + session + str(self._challenge).encode() + b"\0"
        if data[2] != 0 or len(data) < 15 or struct.unpack(">i", data[7:11])[0] != self._challenge:
            return None
        return b"\0" + session + self._full()

    def _full(self) -> bytes:
        facts = self._facts()
        pairs = {
            "hostname": facts.motd,
            "gametype": "SMP",
            "game_id": "MINECRAFT",
            "version": facts.version,
            "plugins": "",
            "map": "world",
            "numplayers": str(len(facts.players)),
            "maxplayers": str(facts.most_players),
            "hostport": "25565",
            "hostip": "127.0.0.1",
        }
        told = b"".join(_zeroed(key) + _zeroed(value) for key, value in pairs.items())
        shown = () if facts.hide_players else facts.players
        names = b"".join(_zeroed(player.name) for player in shown)
        return b"splitnum\0\x80\0" + told + b"\0\x01player_\0\0" + names + b"\0"


def _zeroed(text: str) -> bytes:
    return text.encode("latin-1", "replace") + b"\0"


class _Answering(asyncio.DatagramProtocol):
    """Hands on what arrives."""

    def __init__(self, received: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand on a datagram."""
        self._received(data, addr)
