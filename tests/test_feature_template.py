"""The template of ``docs/feature-template`` is a feature that works: installed, found, run and asked."""

from __future__ import annotations

import asyncio
import importlib
import sys
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bridge.app import House, built
from bridge.config.settings import BridgeSettings, Language
from bridge.discord import Caller, CommandCall, SlashCommand
from bridge.events import ChannelId, PlayerJoined, ServerId
from bridge.features import GROUP, Parts
from bridge.features.telling import Teller
from bridge.journal import Draft, RecordId, SourceName
from bridge.simulator.game import SimGame
from bridge.store import Store, migrate_here

TEMPLATE = Path(__file__).parents[1] / "docs" / "feature-template"
SERVER = ServerId("survival")
WITHIN_S = 10.0


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the template as pip would: its package on the path, its entry point beside it."""
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = tmp_path / "site" / "passerelle_welcome-0.1.0.dist-info"
    info.mkdir(parents=True)
    name, version = project["name"], project["version"]
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
    )
    points = "\n".join(f"{key} = {value}" for key, value in project["entry-points"][GROUP].items())
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{points}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(info.parent))
    monkeypatch.syspath_prepend(str(TEMPLATE))
    yield
    for module in [module for module in sys.modules if module.startswith("passerelle_welcome")]:
        del sys.modules[module]


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A pretend game server with two players on it."""
    game = SimGame(tmp_path / "game", players=("Mira", "Odo"))
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
def settings(game: SimGame, tmp_path: Path) -> BridgeSettings:
    """A bridge that speaks French and hides one player; made outside the loop, as it reads."""
    return BridgeSettings.model_validate(
        {
            "data": tmp_path / "data",
            "community": {"language": "fr"},
            "servers": {
                SERVER: {"title": "Survie", "rcon": {"port": game.rcon.port, "password": game.rcon.password}}
            },
            "discord": {"token": "none", "guild": "1" * 18, "channels": {"main": "2" * 18}},
            "privacy": {"hidden-players": ["Odo"]},
            "website": {"port": 0},
        }
    )


@pytest.fixture(autouse=True)
async def _database(settings: BridgeSettings) -> None:
    """Make the database once, in this process: a test does not wait for a child that does it."""
    async with await Store.open(settings.data, migrate=migrate_here):
        pass


@asynccontextmanager
async def welcoming(settings: BridgeSettings) -> AsyncIterator[House]:
    """The house with the template in it; only the template, the console and the website run."""
    async with built(settings) as house:
        (feature,) = [feature for feature in house.features if feature.name == "welcome"]
        server, site = house.parts.servers[SERVER], house.parts.site
        assert server.rcon is not None
        assert site is not None
        runs = [asyncio.create_task(run()) for run in (server.rcon.run, site.run, feature.run)]
        try:
            await asyncio.wait_for(server.rcon.up.wait(), WITHIN_S)
            await asyncio.wait_for(site.listening.wait(), WITHIN_S)
            yield house
        finally:
            for run in runs:
                run.cancel()
            await asyncio.gather(*runs, return_exceptions=True)


def joined(player: str, at: datetime, *, late: bool = False) -> Draft:
    place = f"{player}:{at.isoformat()}"
    event = PlayerJoined(at=at, server=SERVER, player=player)
    return Draft(id=RecordId(f"test:{place}"), source=SourceName("test"), place=place, event=event, late=late)


async def newcomers(house: House, *, at_least: int) -> list[str]:
    """Return whom the page names, once it names enough."""
    assert house.parts.site is not None
    async with asyncio.timeout(WITHIN_S), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{house.parts.site.url}/newcomers.json") as answer:
                found = [one["player"] for one in (await answer.json())[SERVER]]
            if len(found) >= at_least:
                return found
            await asyncio.sleep(0)


async def test_a_player_who_comes_for_the_first_time_is_welcomed_once(
    settings: BridgeSettings, game: SimGame
) -> None:
    async with welcoming(settings) as house:
        now = datetime.now(UTC)
        await house.parts.journal.append(joined("Mira", now), joined("Mira", now + timedelta(seconds=1)))
        greeting = await game.received_where(lambda line: "Bienvenue sur Survie" in line.plain)
        assert greeting.players == ("Mira",)
        assert "Mira" in greeting.plain
        await house.parts.journal.append(joined("Mira", now + timedelta(seconds=2)), joined("Odo", now))
        second = await game.received_where(lambda line: "Odo" in line.plain)
        assert second.players == ("Odo",)
        assert len([line for line in game.received if "Bienvenue" in line.plain]) == 2


async def test_who_came_before_the_feature_counts_and_is_not_welcomed(
    settings: BridgeSettings, game: SimGame
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    async with built(settings) as house:
        await house.parts.journal.append(joined("Mira", long_ago))
    async with welcoming(settings) as house:
        now = datetime.now(UTC)
        await house.parts.journal.append(
            joined("Kai", now, late=True), joined("Mira", now), joined("Odo", now)
        )
        await game.received_where(lambda line: "Odo" in line.plain)
        assert [line.players for line in game.received] == [("Odo",)]
        assert await newcomers(house, at_least=2) == ["Kai", "Mira"]


async def test_it_goes_on_where_it_stopped(settings: BridgeSettings, game: SimGame) -> None:
    now = datetime.now(UTC)
    async with welcoming(settings) as house:
        await house.parts.journal.append(joined("Mira", now))
        await game.received_where(lambda line: "Mira" in line.plain)
    async with welcoming(settings) as house:
        await house.parts.journal.append(joined("Odo", now))
        await game.received_where(lambda line: "Odo" in line.plain)
        assert len(game.received) == 2


async def test_the_page_and_the_command_never_name_the_hidden(settings: BridgeSettings) -> None:
    async with welcoming(settings) as house:
        now = datetime.now(UTC)
        await house.parts.journal.append(joined("Odo", now), joined("Mira", now + timedelta(seconds=1)))
        assert await newcomers(house, at_least=1) == ["Mira"]
        answer = await command(house.parts).handler(called(Language.EN))
        assert answer.content == "**Survie**, newest first: Mira"
        answer = await command(house.parts).handler(called(Language.FR, server="survival"))
        assert answer.content == "**Survie**, les derniers : Mira"


def command(parts: Parts) -> SlashCommand:
    """Return the template's command as it offers it to Discord."""
    build: Callable[..., SlashCommand] = importlib.import_module(
        "passerelle_welcome.commands"
    ).newcomers_command
    return build(parts, lambda: Teller(parts.settings, parts.catalogue))


def called(language: Language, **values: str) -> CommandCall:
    caller = Caller(id="1", name="Nia", roles=frozenset(), administrator=False)
    return CommandCall(
        command="newcomers", channel=ChannelId("1"), caller=caller, language=language, values=values
    )
