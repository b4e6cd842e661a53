"""The console web socket of a container's runner: its last output first, then each piece as it is written."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

PROTOCOL: Final = "mc-server-runner-ws-v1"
_HISTORY: Final = 50


class ConsolePort:
    """The listening side; ``port`` stays the same over :meth:`close` and :meth:`listen`.

    The runner ends with the game, so that each life begins with an empty history.
    """

    def __init__(self, *, run: Callable[[str], object], password: str | None, port: int = 0) -> None:
        self.password = password
        self.port = port
        self.origins: frozenset[str] | None = None  # None: it checks none
        self.typed: list[str] = []
        self.refused = 0
        self._run = run
        self._history: deque[str] = deque(maxlen=_HISTORY)
        self._runner: web.AppRunner | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._sending: asyncio.Task[None] | None = None
        self._waiting: deque[tuple[web.WebSocketResponse, str]] = deque()

    async def listen(self) -> None:
        """Accept connections; without a password there is no console.

        Raises:
            OSError: The port is taken.
        """
        if self.password is None or self._runner is not None:
            return
        app = web.Application()
        app.router.add_get("/console", self._connected)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def close(self, *, well: bool = True) -> None:
        """Come to the end, saying so to every client unless it is not *well*."""
        runner, self._runner = self._runner, None
        await self.sent()
        for socket in list(self._sockets):
            if well:
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"Server has stopped")
        self.drop_all()
        if runner is not None:
            await runner.cleanup()
        self._history.clear()

    def drop_all(self) -> None:
        """Break every open connection at once."""
        for socket in list(self._sockets):
            transport = socket._req.transport if socket._req is not None else None  # noqa: SLF001 - no public way
            if transport is not None:
                transport.abort()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"ws://127.0.0.1:{self.port}/console"

    def write(self, text: str, *, kind: str = "stdout") -> None:
        """Show every client a piece of output, which need not be a whole line."""
        if self.password is None:
            return
        self._history.append(text)
        self.send_raw(json.dumps({"type": kind, "data": text}))

    def send_raw(self, text: str) -> None:
        """Send every client any text, in order."""
        self._waiting.extend((socket, text) for socket in self._sockets)
        if self._waiting and (self._sending is None or self._sending.done()):
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def sent(self) -> None:
        """Wait until everything is sent that was written."""
        if self._sending is not None:
            await self._sending

    async def _send_all(self) -> None:
        while self._waiting:
            socket, text = self._waiting.popleft()
            try:
                await socket.send_str(text)
            except ConnectionError:
                self._sockets.discard(socket)

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        if self.origins is not None and request.headers.get("Origin", "") not in self.origins:
            return self._refuse(403, "origin not allowed")
        offered = [each.strip() for each in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        given = offered[1] if len(offered) > 1 and offered[0] == PROTOCOL else ""
        if self.password is None or not hmac.compare_digest(given.encode(), self.password.encode()):
            return self._refuse(401, "invalid password")
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "logHistory", "lines": list(self._history)}))
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(json.loads(message.data))
        finally:
            self._sockets.discard(socket)
        return socket

    def _refuse(self, status: int, reason: str) -> web.Response:
        self.refused += 1
        return web.json_response({"type": "authFailure", "reason": reason}, status=status)

    def _take(self, message: Any) -> None:  # noqa: ANN401 - JSON of a program that is not ours
        if message.get("type") == "stdin":
            self.typed.append(message["data"].rstrip("\n"))
            self._run(self.typed[-1])
