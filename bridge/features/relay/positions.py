"""How a delivery stores its reader's position, without a commit for every record that is not for it."""

from __future__ import annotations

import contextlib
from typing import Final

from bridge.journal import Reader
from bridge.store import Store, StoreError

LAZY_POSITIONS: Final = 1000
"""How many records of no interest may pass before the position is stored for them alone."""


async def leave_at(reader: Reader, through: int, store: Store) -> None:
    """Store where a delivery that ends has come to: the next one may follow other settings.

    Where that cannot be stored, a few records are read again, and told only if these settings now ask for it.
    """
    with contextlib.suppress(StoreError):
        async with store.transaction() as tx:
            await reader.advance(tx, through)
