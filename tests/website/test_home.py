"""What features add to the first page: in order, and without one taking it from the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bridge.store import StoreError
from bridge.website import Upcoming
from bridge.website.home import MOST_UPCOMING, Home

AT = datetime(2026, 11, 24, 20, tzinfo=UTC)


async def raids(_language: str) -> list[Upcoming]:
    return [Upcoming(title=str(day), at=AT + timedelta(days=day)) for day in range(9, -1, -1)]


async def lines(language: str) -> str:
    return f"<p>{language}</p>"


async def nothing(_language: str) -> str:
    return " "


async def broken(_language: str) -> str:
    raise ZeroDivisionError


async def unread(_language: str) -> str:
    raise StoreError("the disk is gone")


async def test_the_soonest_comes_first_and_few_are_shown() -> None:
    home = Home()
    home.add_upcoming(raids)
    assert [each.title for each in await home.upcoming("en")] == [str(day) for day in range(MOST_UPCOMING)]


async def test_one_that_breaks_does_not_take_the_page_from_the_others() -> None:
    home = Home()
    for provide in (lines, broken, nothing, lines):
        home.add_part(provide)
    with capture_logs() as logs:
        assert await home.parts("fr") == ["<p>fr</p>"] * 2
    assert [line["event"] for line in logs] == ["a feature could not add to the first page"]


async def test_a_database_that_cannot_be_read_is_for_the_page_to_tell() -> None:
    home = Home()
    home.add_part(unread)
    with pytest.raises(StoreError):
        await home.parts("en")
