from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.store import Store
from bridge.store.schema import Migrate


@pytest.fixture
async def store(tmp_path: Path, migrate: Migrate) -> AsyncIterator[Store]:
    """An empty store in a folder of its own."""
    async with await Store.open(tmp_path / "data", migrate=migrate) as opened:
        yield opened
