"""Lets a server's files be looked at when somebody has left it: then the game has just written them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bridge.events import PlayerLeft, ServerId
from bridge.journal import Journal

GRACE_S: Final = 2.0  # the file is written in the same second; and many facts are looked through together
_MOST: Final = 500


async def watch_leaves(
    journal: Journal,
    left: Callable[[ServerId], None],
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Call *left* with the server of each leave from now on, a moment later, until cancelled.

    No position is stored: at a start all files are looked at anyway.

    Raises:
        JournalError: The journal cannot be read.
    """
    through = await journal.grown(-1)
    while True:
        await journal.grown(through)
        await pause(GRACE_S)
        page = await journal.page((PlayerLeft,), after=through, most=_MOST)
        through = page.through
        for record in page.records:
            left(ServerId(record.source.partition(":")[2]))
