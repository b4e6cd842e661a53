"""Closing a listening port without leaving a connection half open."""

from __future__ import annotations

import asyncio


async def close_port(server: asyncio.Server) -> None:
    """Stop accepting, let what was accepted begin, and close.

    A connection that asyncio has accepted in the very turn in which its server is closed is dropped with its
    socket still open (Python 3.11).
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(3):
        await asyncio.sleep(0)
    server.close()
