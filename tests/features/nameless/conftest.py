"""A pretend site, and the house's parts that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bridge.config.outside import NamelessSettings
from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.nameless.api import NamelessApi
from bridge.journal import SqliteJournal
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.simulator.nameless import SimNameless, SiteServer
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.website.outgoing import Outgoing

CHANNEL = "123456789012345678"
SERVER = 3  # the site's id of the server
START = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that tests put forward."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@dataclass
class Pauses:
    """Takes the place of sleeping: notes how long it would have been and goes on at once."""

    seconds: list[float] = field(default_factory=list)
    most: int = 3

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) >= self.most:
            raise EnoughPauses


class EnoughPauses(BaseException):
    """Ends what would go on for ever."""


@pytest.fixture
async def sim_nameless() -> AsyncIterator[SimNameless]:
    async with SimNameless() as site:
        site.servers[SERVER] = SiteServer(id=SERVER)
        site.group_server = SERVER
        yield site


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    async with Outgoing(allow_private=True, timeout_s=5) as opened:
        yield opened


MakeApi = Callable[..., NamelessApi]


@pytest.fixture
def make_api(sim_nameless: SimNameless, outgoing: Outgoing) -> MakeApi:
    """Return a function that makes a client of the pretend site, with other settings where given."""

    def made(**changes: object) -> NamelessApi:
        settings = NamelessSettings(
            url=sim_nameless.url, api_key=SecretStr(sim_nameless.key), allow_private=True
        )
        return NamelessApi(settings.model_copy(update=changes), outgoing)

    return made


@pytest.fixture
def api(make_api: MakeApi) -> NamelessApi:
    return make_api()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def parts(
    sim_nameless: SimNameless, clock: Clock, tmp_path: Path, migrate: Migrate
) -> AsyncIterator[Parts]:
    """The parts of a house with one server, on a real store, that keeps the pretend site up to date."""
    settings = BridgeSettings.model_validate(
        {
            "data": tmp_path / "data",
            "servers": {"survival": {"title": "Survival", "status": {"port": 1, "timeout": "1s"}}},
            "discord": {"token": "x", "guild": CHANNEL, "channels": {"news": CHANNEL}},
            "privacy": {"hidden-players": ["Shade"]},
            "nameless": {
                "url": sim_nameless.url,
                "api-key": sim_nameless.key,
                "servers": {"survival": SERVER},
                "announcements": "news",
                "announce-on": ["survival"],
                "allow-private": True,
            },
        }
    )
    store = await Store.open(settings.data, migrate=migrate)
    async with store, SqliteJournal(store) as journal:
        yield Parts(
            settings=settings,
            catalogue=Catalogue.load("en"),
            journal=journal,
            store=store,
            servers={ServerId("survival"): GameServer(ServerId("survival"), settings, journal)},
            discord=None,
            site=None,
            now=clock,
        )
