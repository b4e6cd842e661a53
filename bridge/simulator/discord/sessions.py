"""Gateway sessions: they number what they send and can repeat it after a lost connection."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import Final

import msgspec
from aiohttp import web

from bridge.simulator.discord.values import Intent, JsonObject

_REPLAYED: Final = 5000  # events that a session can repeat

_encode = msgspec.json.Encoder().encode


class Close(msgspec.Struct, frozen=True):
    """An order to close the connection with a code; *abruptly* cuts it without a close frame."""

    code: int
    reason: str = ""
    abruptly: bool = False


class Connection:
    """One websocket; what is sent is queued, so that senders never wait."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._socket = socket
        self._transport = transport
        self._queue: asyncio.Queue[str | Close] = asyncio.Queue()
        self.session: Session | None = None
        self.heartbeats = 0
        self.closed_with: int | None = None

    def send(self, payload: JsonObject) -> None:
        """Queue an operation."""
        self._queue.put_nowait(_encode(payload).decode())

    def send_text(self, text: str) -> None:
        """Queue an operation that is encoded already."""
        self._queue.put_nowait(text)

    def close(self, code: int, reason: str = "", *, abruptly: bool = False) -> None:
        """Close after everything queued before was sent."""
        self._queue.put_nowait(Close(code, reason, abruptly))

    async def write(self) -> None:
        """Send what is queued until the connection is closed."""
        while True:
            item = await self._queue.get()
            if isinstance(item, Close):
                await self._finish(item)
                return
            try:
                await self._socket.send_str(item)
            except ConnectionError:
                return  # the client is gone; the session keeps the event for a RESUME

    async def _finish(self, order: Close) -> None:
        self.closed_with = order.code
        if order.abruptly and self._transport is not None:
            self._transport.abort()
            return
        await self._socket.close(code=order.code, message=order.reason.encode())


class Session:
    """What a client has identified for; outlives its connection."""

    def __init__(self, intents: Intent) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.connection: Connection | None = None
        self.sequence = 0
        self.resumed = 0  # how often the client came back
        self._sent: deque[tuple[int, str]] = deque(maxlen=_REPLAYED)

    def dispatch(self, name: str, data: JsonObject) -> None:
        """Send an event now, or keep it for when the client comes back."""
        self.sequence += 1
        event = {"op": 0, "s": self.sequence, "t": name, "d": data}
        text = _encode(event).decode()
        self._sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send_text(text)

    def replay(self, after: int) -> bool:
        """Repeat every event after a sequence number; false if they are no longer known."""
        if after > self.sequence or (self._sent and after < self._sent[0][0] - 1):
            return False
        if self.connection is not None:
            for number, text in self._sent:
                if number > after:
                    self.connection.send_text(text)
        return True
