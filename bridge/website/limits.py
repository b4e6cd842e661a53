"""How long requests may take and be waited for; a live stream lifts the limit once it has begun."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

REQUEST_LIMIT_S: Final = 15.0  # reading a slow visitor's form included
IDLE_LIMIT_S: Final = 75.0  # for the head of a request; proxies keep connections for the next one for 60 s
LINGER_S: Final = 5.0  # for what still comes once the answer is out, so that it is read

_LIMIT: Final = web.RequestKey("limit", asyncio.Timeout)
_STREAMING: Final = web.RequestKey("streaming", bool)


def keep_time_limit(request: web.Request, limit: asyncio.Timeout) -> None:
    """Remember the running limit of a request."""
    request[_LIMIT] = limit


def begin_stream(request: web.Request) -> None:
    """Let a request last for as long as it likes; from now on, no other answer can be given to it."""
    request[_STREAMING] = True
    if (limit := request.get(_LIMIT)) is not None:
        limit.reschedule(None)


def is_streaming(request: web.Request) -> bool:
    """Tell whether the request is being answered by a stream."""
    return bool(request.get(_STREAMING, False))
