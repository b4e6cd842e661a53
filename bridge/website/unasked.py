"""Connections that are kept open without ever a whole request, such as those of a slow-loris client."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Final, TypeAlias

import structlog
from aiohttp import web

from bridge.website.errors import Handler

log = structlog.get_logger(__name__)

_LOOKS: Final = 5  # in the time that a connection may take for its first request

_Peer: TypeAlias = tuple[str, int]  # address and port; an IPv6 peer has two numbers more


class Unasked:
    """Tells of connections that lasted as long as they may, and never asked for anything.

    aiohttp cuts them off without a word. Who they were is known only while they last, so we look at times.
    """

    def __init__(self) -> None:
        self._asked: set[_Peer] = set()  # since the last look, or still there then
        self._silent: dict[_Peer, float] = {}  # since when, by the monotonic clock

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note that a connection has asked for something."""
        if (peer := _peer(request.transport)) is not None:
            self._asked.add(peer)
        return await handler(request)

    async def watch(self, runner: web.AppRunner, *, limit_s: float) -> None:
        """Look at the connections now and then until cancelled; they may last *limit_s* without a request."""
        while True:
            await asyncio.sleep(limit_s / _LOOKS)
            connections = runner.server.connections if runner.server is not None else ()
            peers = (_peer(connection.transport) for connection in connections)
            self._look({peer for peer in peers if peer is not None}, limit_s)

    def _look(self, open_now: set[_Peer], limit_s: float) -> None:
        now_s = time.monotonic()
        before, self._silent = self._silent, {}
        for peer in open_now - self._asked:
            self._silent[peer] = before.get(peer, now_s)
        # Each was there for up to one look before we saw it, and is gone for up to one look.
        least_s = limit_s * (1 - 2 / _LOOKS)
        gone = before.keys() - open_now - self._asked
        ended = Counter(peer[0] for peer in gone if now_s - before[peer] >= least_s)
        for address, count in ended.items():
            log.info(
                "connections ended that never sent a whole request",
                address=address,
                connections=count,
                limit_s=limit_s,
            )
        self._asked &= open_now


def _peer(transport: asyncio.BaseTransport | None) -> _Peer | None:
    """Return the other end of a connection; None if it is closed."""
    peer: _Peer | None = None if transport is None else transport.get_extra_info("peername")
    return peer
