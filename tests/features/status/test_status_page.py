"""The first page and the metrics: how every server is, in words, and no name that must not be told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.events import PlayerDied, ServerId
from bridge.features.contract import utc_now
from bridge.features.servers import State
from bridge.simulator.game import SimGame

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
MOTD = "Bienvenue <script>alert(1)</script> \u00a7cchez nous"


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A pretend server with three players and a sharp welcome."""
    game = SimGame(tmp_path / "game", players=("Alix", "Boris", "Chloe"), motd=MOTD)
    await game.start()
    yield game
    await game.stop()


def status_of(game: SimGame, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any settings
    """Return settings that look at the game's status port and nothing else."""
    return {"servers": {"survival": {"status": {"port": game.status.port, **more}}}}


async def look(house: House) -> None:
    """Let every server be asked once."""
    for server in house.parts.servers.values():
        assert server.status is not None
        await server.status.check()


async def test_a_server_that_answers_is_up_with_its_figures(open_house: OpenHouse, game: SimGame) -> None:
    async with open_house(**status_of(game)) as house:
        await look(house)
        html = await house.page("/")
    assert "Survival is up." in html
    assert re.search(r"<b>3</b>\s*<span>/ 20</span>", html)
    assert all(f"<bdi>{name}</bdi>" in html for name in ("Alix", "Boris", "Chloe"))
    assert f"<bdi>{game.version}</bdi>" in html


async def test_a_servers_welcome_is_text_on_the_page(open_house: OpenHouse, game: SimGame) -> None:
    async with open_house(**status_of(game)) as house:
        await look(house)
        html = await house.page("/")
    assert "Bienvenue &lt;script&gt;" in html
    assert "\u00a7" not in html


async def test_a_server_that_was_never_asked_is_not_called_down(house: House) -> None:
    html = await house.page("/")
    assert "Survival has not been asked yet." in html
    assert house.status.views()[0].state is State.UNKNOWN


async def test_a_server_that_does_not_answer_is_down_after_some_patience(
    open_house: OpenHouse, game: SimGame
) -> None:
    patience = {"down-after": 1, "every": "1s", "timeout": "1s"}
    now = [utc_now()]
    async with open_house(now=lambda: now[0], **status_of(game, **patience)) as house:
        await look(house)
        await game.crash()
        await look(house)
        assert house.status.views()[0].state is State.UP
        now[0] = utc_now() + timedelta(seconds=2)
        html = await house.page("/")
    assert "Survival does not answer." in html
    assert "Alix" not in html


@pytest.mark.parametrize(
    "changes", [{"privacy": {"hidden-players": ["aLIX"]}}, {"website": {"show-players": False}}]
)
async def test_who_is_hidden_is_on_no_page(
    open_house: OpenHouse, game: SimGame, changes: dict[str, Any]
) -> None:
    async with open_house(**status_of(game), **changes) as house:
        await look(house)
        for path in ("/", "/metrics"):
            assert "alix" not in (await house.page(path)).casefold()
        assert re.search(r"<b>3</b>", await house.page("/"))


async def test_metrics_tell_each_server_and_count_every_fact_once(
    open_house: OpenHouse, game: SimGame
) -> None:
    died = PlayerDied(at=AT, server=ServerId("survival"), player="Alix", text="drowned")
    async with open_house(**status_of(game)) as house:
        # First, as after every few facts the counter rests for seconds.
        await house.happen(died, house.said("Alix", "hello"), house.said("Boris", "hello"))
        await look(house)
        metrics = await counted(house)
    assert metrics['bridge_events_total{kind="player.died",server="survival"}'] == 1
    assert metrics['bridge_events_total{kind="chat.said",server="survival"}'] == 2
    online = [value for name, value in metrics.items() if name.startswith("minecraft_status_players_online")]
    assert online == [3]
    async with open_house(**status_of(game)) as house:  # another process over the same store
        again = await counted(house)
    assert again['bridge_events_total{kind="chat.said",server="survival"}'] == 2


async def counted(house: House) -> dict[str, float]:
    """Return the metrics once the two lines of chat are in them."""
    while True:
        rows = (line.rsplit(" ", 1) for line in (await house.page("/metrics")).splitlines())
        metrics = {name: float(value) for name, value in rows if not name.startswith("#")}
        if metrics.get('bridge_events_total{kind="chat.said",server="survival"}', 0) >= 2:
            return metrics
