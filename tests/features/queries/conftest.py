"""A desk with queries, and players to ask for; now is Friday 3 July 2026, 20:00 in Paris."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bridge.features.contract import Parts
from bridge.features.queries import Queries
from bridge.features.staff import Staff
from bridge.statistics.lives import Session
from tests.store.statistics.village import Player, Village

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk

NOW = datetime(2026, 7, 3, 18, tzinfo=UTC)


def at_now(parts: Parts) -> Queries:
    """The feature, by a clock that stands still."""
    return Queries(replace(parts, now=lambda: NOW))


def stay(day: int, minutes: int) -> Session:
    """A stay on a day of June 2026, from 18:00 in UTC."""
    began_ms = round(datetime(2026, 6, day, 18, tzinfo=UTC).timestamp() * 1000)
    return Session(0, began_ms, began_ms + minutes * 60_000)


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """The desk: Mira and =Noah on Survival, sixty others on one that is not in the settings any more."""
    zone = {"community": {"name": "Stonebridge", "time-zone": "Europe/Paris"}}
    async with open_desk(Staff, at_now, **zone) as opened:
        village = Village(ZoneInfo("Europe/Paris"), round(NOW.timestamp() * 1000))
        players = [
            Player(
                "Mira",
                "aaaaaaaa-0000-4000-8000-000000000001",
                stays={"survival": [stay(14, 30), stay(21, 30), stay(28, 30)]},
            ),
            Player("=Noah", stays={"survival": [stay(1, 90)]}),
            *(Player(f"Guest{n:02}", stays={"lobby": [stay(2, n + 1)]}) for n in range(60)),
        ]
        await village.move_in(opened.parts.store, ["survival", "lobby"], players)
        yield opened
