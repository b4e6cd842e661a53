"""The small log as players and staff are told it, at two in the morning."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import pytest

from bridge.features.playtime import Playtime
from bridge.features.staff import Staff
from tests.features.small_log import LOG, NOW, derive

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk

OpenEvening: TypeAlias = Callable[..., AbstractAsyncContextManager["Desk"]]


@pytest.fixture
def open_evening(open_desk: OpenDesk) -> OpenEvening:
    """Open a site that knows the small log, with other settings."""

    @asynccontextmanager
    async def opened(**changes: object) -> AsyncIterator[Desk]:
        zone = {"time-zone": "Europe/Paris", "name": "Stonebridge"}
        async with open_desk(Staff, Playtime, now=lambda: NOW, community=zone, **changes) as desk:
            await derive(desk.parts.store, desk.parts.journal, LOG)
            yield desk

    return opened


@pytest.fixture
async def evening(open_evening: OpenEvening) -> AsyncIterator[Desk]:
    """A site that knows the small log and tells everybody of it."""
    async with open_evening(website={"leaderboard": True}) as desk:
        yield desk
