"""Asks a server's query port (GameSpy4) who is on it: all names, where a ping tells at most a dozen."""

from __future__ import annotations

import asyncio
import importlib
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.config.settings import QuerySettings

if TYPE_CHECKING:
    from mcstatus.responses import QueryResponse

MOST_NAMES: Final = 10_000
_NAME: Final = re.compile(r"[.*~!+$&@#^=-]?\w{1,40}")


class QueryFailed(Exception):
    """The server did not answer its query port as a game server does; says why, without its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """What a server said of itself on its query port."""

    online: int
    names: tuple[str, ...]  # all of them, if the server is honest: compare with ``online``
    version: str


async def query(settings: QuerySettings) -> QueryAnswer:
    """Ask once.

    Raises:
        QueryFailed: No answer within ``query.timeout``, or one that makes no sense. A datagram can get lost:
            one failure does not mean that the server is down.
    """
    try:
        async with asyncio.timeout(settings.timeout_s):  # mcstatus' own time-out is for each read
            return _read(await _ask(settings))
    except TimeoutError as exc:
        raise QueryFailed(f"no answer within {settings.timeout_s:g} s") from exc
    except OSError as exc:
        raise QueryFailed(f"port {settings.port} does not answer ({type(exc).__name__})") from exc
    except Exception as exc:  # a server may answer anything, and the library then raises anything
        raise QueryFailed(f"an answer that makes no sense ({type(exc).__name__})") from exc


async def _ask(settings: QuerySettings) -> QueryResponse:
    # Imported late and in a thread, for the same reasons as in the module ``status``.
    await asyncio.to_thread(importlib.import_module, "mcstatus")
    from mcstatus import JavaServer  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    # The library would ask a name server by itself, which knows neither localhost nor /etc/hosts.
    found = await loop.getaddrinfo(settings.host, settings.port, type=socket.SOCK_DGRAM)
    address = str(found[0][4][0])
    server = JavaServer(address, settings.port, timeout=settings.timeout_s, query_port=settings.port)
    return await server.async_query(tries=1)


def _read(answer: QueryResponse) -> QueryAnswer:
    """Check every field: the server can put anything there."""
    names = [str(name) for name in answer.players.list[:MOST_NAMES]]
    return QueryAnswer(
        online=max(int(answer.players.online), 0),
        names=tuple(name for name in names if _NAME.fullmatch(name)),
        version=re.sub(r"[\x00-\x1f\x7f]|§.?", "", str(answer.software.version))[:100],
    )
