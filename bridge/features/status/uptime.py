"""How much of the last month a server was there, in one sentence for its page."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bridge.events import ServerId
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.samples import percent, uptimes
from bridge.store.times import to_ms

DAYS: Final = 30


async def uptime_told(store: Store, server: ServerId, catalogue: Catalogue, *, now: datetime) -> list[str]:
    """Return the sentence; nothing while nothing is known.

    Raises:
        StoreError: The database cannot be read.
    """
    async with store.reading() as conn:
        number = (await numbers_of_servers(conn)).get(server)
        if number is None:
            return []
        uptime = (await uptimes(conn, number, (DAYS,), now_ms=to_ms(now)))[DAYS]
    if uptime.share is None:
        return []
    share, coverage = percent(uptime.share), percent(uptime.coverage)
    return [catalogue.plain("uptime.public", share=share, coverage=coverage, days=DAYS)]
