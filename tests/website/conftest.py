from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bridge.config.settings import WebsiteSettings
from bridge.locales import Catalogue
from bridge.website import Site

ZONES = (ZoneInfo("UTC"), ZoneInfo("Europe/Paris"))
"""Read before anything runs, as the settings do; from then on they are kept in memory."""

Serve: TypeAlias = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite: TypeAlias = Callable[..., Site]


@pytest.fixture
def make_site() -> MakeSite:
    """Build a site on a free port of loopback."""

    def make(*, language: str = "en", **settings: object) -> Site:
        website = WebsiteSettings.model_validate({"port": 0, **settings})
        return Site(website, Catalogue.load(language), community="Stonebridge")

    return make


@pytest.fixture
def serve() -> Serve:
    """Run a site for the length of a block and hand out a client of it."""

    @asynccontextmanager
    async def serving(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
        task = asyncio.create_task(site.run())
        listening = asyncio.create_task(site.listening.wait())
        async with asyncio.timeout(10):
            await asyncio.wait({task, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        try:
            if task.done():
                await task
            timeout = aiohttp.ClientTimeout(total=10)
            async with aiohttp.ClientSession(site.url, timeout=timeout) as client:
                yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return serving
