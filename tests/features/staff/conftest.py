"""A desk for staff on a running site with a door, and a way in for each bundle."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bridge.config.access import Bundle
from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.staff import Staff
from bridge.journal import SqliteJournal
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.store import Store, migrate_here
from bridge.website import Site
from bridge.website.door import Door
from bridge.website.identity import IdentityKind
from bridge.website.sessions import Sessions

SECRET = "a secret of the settings"


@dataclass
class Desk:
    """The staff's desk and a browser in front of it."""

    parts: Parts
    site: Site
    client: aiohttp.ClientSession

    async def sign_in(self, bundle: Bundle) -> str:
        """Sit down as somebody with that bundle; return what forms must send back."""
        value, session = await self.site.sessions.open(
            kind=IdentityKind.MEMBER, member=f"m-{bundle}", name="Mira", avatar_url=None, bundle=bundle
        )
        self.client.cookie_jar.update_cookies({self.site.sessions.cookie: value}, URL(self.site.url))
        return session.csrf

    async def page(self, path: str, *, language: str = "en") -> str:
        """Return a page that is there."""
        async with self.client.get(path, headers={"Accept-Language": language}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def status(self, path: str) -> int:
        """Return how the answer begins."""
        async with self.client.get(path, allow_redirects=False) as answer:
            return answer.status


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Run a house with one server that nobody has reached yet."""
    settings = BridgeSettings.model_validate(
        {
            "community": {"name": "Stonebridge"},
            "servers": {"survival": {"title": "Survival", "rcon": {"port": 1, "password": SECRET}}},
            "website": {"port": 0},
            "data": str(tmp_path),
        }
    )
    async with await Store.open(tmp_path, migrate=migrate_here) as store, SqliteJournal(store) as journal:
        sessions = Sessions(store, tmp_path, idle_s=600, secure=False)
        door = Door(store, sessions, address_of=lambda request: request.remote or "")
        catalogue = Catalogue.load("en")
        site = Site(settings.website, catalogue, community="Stonebridge", door=door)
        servers = {ServerId("survival"): GameServer(ServerId("survival"), settings, journal)}
        parts = Parts(
            settings=settings,
            catalogue=catalogue,
            journal=journal,
            store=store,
            servers=servers,
            discord=None,
            site=site,
        )
        Staff(parts)
        running = asyncio.create_task(site.run())
        await site.listening.wait()
        try:
            async with aiohttp.ClientSession(site.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
                yield Desk(parts, site, client)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
