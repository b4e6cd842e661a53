"""A desk for staff in front of one server that nobody has reached yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from bridge.features.staff import Staff

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """The staff's desk, and nobody signed in."""
    rcon = {"port": 1, "password": "a secret of the settings"}
    async with open_desk(Staff, servers={"survival": {"rcon": rcon}}) as opened:
        yield opened
