"""A player's page tells what is counted of them, as far as the settings make it public."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import pytest

from bridge.features.players import Players
from bridge.statistics.vanilla import CUSTOM, PLAY_TIME
from bridge.store.players import Player, see_players
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.vanilla_files import FiguresRead, FileState, keep_figures
from tests.features.small_log import LOG, MIRA, NOW, SERVER, at, derive

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk

COUNTED = ("playtime", "sessions", "streak", "deaths", "advancements", "statistics")
TICKS = 20

OpenPages: TypeAlias = Callable[..., AbstractAsyncContextManager["Desk"]]


@pytest.fixture
def open_pages(open_desk: OpenDesk) -> OpenPages:
    """Open players' pages that show some fields of Mira in the small log."""

    @asynccontextmanager
    async def opened(*fields: str, **changes: object) -> AsyncIterator[Desk]:
        website = {"player-fields": list(fields)}
        zone = {"time-zone": "Europe/Paris"}
        async with open_desk(Players, now=lambda: NOW, community=zone, website=website, **changes) as desk:
            await derive(desk.parts.store, desk.parts.journal, LOG)
            mira = Player(
                server=SERVER,
                name="Mira",
                uuid=MIRA,
                first_seen=at("3 20:00:00"),
                last_seen=at("4 01:30:00"),
                last_position=1,
            )
            async with desk.parts.store.transaction() as tx:
                await see_players(tx, [mira])
            yield desk

    return opened


async def count(desk: Desk, seconds: int) -> None:
    """Let the game have counted something."""
    figures = {
        PLAY_TIME: seconds * TICKS,
        CUSTOM + "walk_one_cm": 250_000,
        "minecraft:mined/minecraft:stone": 7,
    }
    async with desk.parts.store.transaction() as tx:
        number = await number_of_server(tx, SERVER)
        await keep_figures(tx, number, [FiguresRead.of(FileState(0, MIRA, 1, 10), 1, figures)])


async def test_all_that_is_counted(open_pages: OpenPages) -> None:
    """Two hours in two sessions on two days, of which the game has counted one more."""
    async with open_pages(*COUNTED) as desk:
        await count(desk, 3 * 3600)
        html = await desk.page("/players/Mira")
        french = await desk.page("/players/Mira", language="fr")
    for name, value in (
        ("Play time", "2 h (this week 2 h, this month 2 h)"),
        ("Sessions", "2"),
        ("Days in a row", "2 days, longest 2 days"),
        ("Deaths", "1"),
        ("Advancements", "0"),
        ("Distance walked", "2.5 km"),
        ("Blocks mined", "7"),
    ):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in html
    assert "The game itself has counted 3 h, 1 h more" in html
    assert "100\u00a0% of the time was observed." in html
    assert "<dt>Temps de jeu</dt><dd>2 h (cette semaine 2 h, ce mois-ci 2 h)</dd>" in french


@pytest.mark.parametrize("field", COUNTED)
async def test_a_field_alone_shows_nothing_of_the_others(open_pages: OpenPages, field: str) -> None:
    words = {
        "playtime": "Play time",
        "sessions": "Sessions",
        "streak": "Days in a row",
        "deaths": "Deaths",
        "advancements": "Advancements",
        "statistics": "Distance walked",
    }
    async with open_pages(field) as desk:
        await count(desk, 3 * 3600)
        html = await desk.page("/players/Mira")
    shown = [name for name, word in words.items() if f"<dt>{word}</dt>" in html]
    assert shown == [field]
    assert "The game itself" not in html


async def test_without_such_fields_nothing_is_counted(open_pages: OpenPages) -> None:
    async with open_pages("online") as desk:
        html = await desk.page("/players/Mira")
    assert "observed" not in html


async def test_of_whom_nothing_is_counted_nothing_is_said(open_pages: OpenPages) -> None:
    """Another player of the same name in other letters has other figures, and these are not theirs."""
    async with open_pages("playtime") as desk:
        other = Player(server=SERVER, name="MIRA", uuid=None, first_seen=NOW, last_seen=NOW, last_position=2)
        async with desk.parts.store.transaction() as tx:
            await see_players(tx, [other])
        html = await desk.page("/players/MIRA")
    assert "<bdi>MIRA</bdi>" in html
    assert "Play time" not in html
