"""The template of ``docs/feature-template`` is a feature that works: installed, found, run and asked."""

from __future__ import annotations

import asyncio
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bridge.app import Bridge, built
from bridge.config.load import Loaded, with_default_room
from bridge.config.settings import BridgeSettings
from bridge.discord import Timing
from bridge.events import PlayerJoined, ServerId
from bridge.features import GROUP, Parts
from bridge.journal import Draft, RecordId, SourceName
from bridge.simulator.discord import SimDiscord
from bridge.simulator.game import SimGame
from bridge.store import Store
from bridge.store.schema import Migrate

TEMPLATE = Path(__file__).parents[1] / "docs" / "feature-template"
SERVER = ServerId("survival")
WITHIN_S = 10.0
TIMING = Timing(request_s=1.0, connect_s=5.0, guild_s=0.02, first_pause_s=0.1)


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
    game = SimGame(tmp_path / "game", players=("Mira", "Odo"), clock=lambda: datetime.now(UTC))
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
async def discord() -> AsyncIterator[SimDiscord]:
    """A pretend Discord with one channel and one member."""
    async with SimDiscord() as discord:
        yield discord


@pytest.fixture
async def settings(game: SimGame, discord: SimDiscord, tmp_path: Path, migrate: Migrate) -> BridgeSettings:
    """A bridge that speaks French and hides one player; its database is there already."""
    channel = discord.add_channel("minecraft")
    written = {
        "data": tmp_path / "data",
        "community": {"language": "fr"},
        "servers": {
            SERVER: {
                "title": "Survie",
                "log": {"path": game.log.latest},
                "rcon": {"port": game.rcon.port, "password": game.rcon.password},
            }
        },
        "discord": {
            "token": discord.token,
            "guild": str(discord.guild_id),
            "channels": {"main": str(channel.id)},
            "api-url": discord.api_url,
            "gateway-url": discord.gateway_url,
        },
        "privacy": {"hidden-players": ["Odo"]},
        "website": {"port": 0},
    }
    settings = with_default_room(await asyncio.to_thread(BridgeSettings.model_validate, written))
    async with await Store.open(settings.data, migrate=migrate):
        return settings


@asynccontextmanager
async def running(settings: BridgeSettings, tmp_path: Path) -> AsyncIterator[Parts]:
    """The whole bridge, with the template among its features, as ``passerelle run`` has it."""
    async with built(settings, timing=TIMING) as house:
        assert "welcome" in [feature.name for feature in house.features]
        bridge = Bridge(house, Loaded(settings=settings, path=tmp_path / "bridge.yml"))
        task = asyncio.create_task(bridge.run())
        server, site = house.parts.servers[SERVER], house.parts.site
        assert server.rcon is not None
        assert server.log is not None
        assert site is not None
        async with asyncio.timeout(WITHIN_S):
            await server.rcon.up.wait()
            await server.log.caught_up.wait()
            await site.listening.wait()
        yield house.parts
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def joined(player: str, at: datetime, *, late: bool = False) -> Draft:
    place = f"{player}:{at.isoformat()}"
    event = PlayerJoined(at=at, server=SERVER, player=player)
    return Draft(id=RecordId(f"test:{place}"), source=SourceName("test"), place=place, event=event, late=late)


async def newcomers(parts: Parts, *, at_least: int) -> list[str]:
    """Return whom the page names, once it names enough."""
    assert parts.site is not None
    async with asyncio.timeout(WITHIN_S), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{parts.site.url}/newcomers.json") as answer:
                found = [one["player"] for one in (await answer.json())[SERVER]]
            if len(found) >= at_least:
                return found


def welcomes(game: SimGame) -> list[str]:
    """Return the greetings, as the players saw them."""
    return [line.plain for line in game.received if "Bienvenue sur Survie" in line.plain]


async def test_a_player_who_comes_for_the_first_time_is_welcomed_once(
    settings: BridgeSettings, game: SimGame, tmp_path: Path
) -> None:
    async with running(settings, tmp_path):
        game.join("Kai")
        greeting = await game.received_where(lambda line: "Bienvenue" in line.plain)
        assert greeting.players == ("Kai",)
        assert "Kai" in greeting.plain
        game.leave("Kai")
        game.join("Kai")
        game.join("Lou")
        await game.received_where(lambda line: "Lou" in line.plain)
        assert len(welcomes(game)) == 2


async def test_who_came_before_the_feature_counts_and_is_not_welcomed(
    settings: BridgeSettings, game: SimGame, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    async with built(settings) as house:
        await house.parts.journal.append(joined("Mira", now - timedelta(days=30)))
    async with running(settings, tmp_path) as parts:
        await parts.journal.append(joined("Nia", now, late=True), joined("Mira", now), joined("Odo", now))
        await game.received_where(lambda line: "Odo" in line.plain)
        assert len(welcomes(game)) == 1
        assert await newcomers(parts, at_least=2) == ["Nia", "Mira"]


async def test_it_goes_on_where_it_stopped(settings: BridgeSettings, game: SimGame, tmp_path: Path) -> None:
    for player in ("Kai", "Lou"):
        async with running(settings, tmp_path):
            game.join(player)
            await game.received_where(lambda line, player=player: player in line.plain)  # type: ignore[misc]  # mypy cannot type defaults of a lambda
    assert len(welcomes(game)) == 2


async def test_the_page_and_the_command_never_name_the_hidden(
    settings: BridgeSettings, discord: SimDiscord, tmp_path: Path
) -> None:
    (channel,) = (one for one in discord.world.channels.values() if one.name == "minecraft")
    member = discord.add_member("Juniper")
    async with running(settings, tmp_path) as parts:
        now = datetime.now(UTC)
        await parts.journal.append(joined("Odo", now), joined("Mira", now + timedelta(seconds=1)))
        assert await newcomers(parts, at_least=1) == ["Mira"]
        await discord.wait_for(lambda: "newcomers" in discord.commands, WITHIN_S)
        answer = await discord.use_command(member, channel, "newcomers")
        assert answer.text == "**Survie**, newest first: Mira"
        answer = await discord.use_command(member, channel, "newcomers", {"server": SERVER}, locale="fr")
        assert answer.text == "**Survie**, les derniers : Mira"
