"""A pretend Discord for each test, and clients that talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bridge.simulator.discord import SimDiscord

Connect = Callable[..., AbstractAsyncContextManager[discord.Client]]


@pytest.fixture
async def sim_discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SimDiscord]:
    """A running pretend Discord to which discord.py is pointed."""
    async with SimDiscord() as sim:
        monkeypatch.setattr(Route, "BASE", sim.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sim.gateway_url))
        yield sim


@pytest.fixture
def connect(sim_discord: SimDiscord) -> Connect:
    """Run a discord.py client, its own or a given one, that is ready inside the block."""

    @asynccontextmanager
    async def running(client: discord.Client | None = None) -> AsyncIterator[discord.Client]:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True, webhooks=True)
        client = client or discord.Client(intents=intents, guild_ready_timeout=0.02)
        async with client:
            task = asyncio.create_task(client.start(sim_discord.token))
            ready = asyncio.create_task(client.wait_until_ready())
            try:
                await asyncio.wait({task, ready}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    await task  # raises why it ended
                yield client
            finally:
                ready.cancel()
                await client.close()
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return running


@pytest.fixture
async def rest(sim_discord: SimDiscord) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client with the bot's token."""
    headers = {"Authorization": f"Bot {sim_discord.token}"}
    async with aiohttp.ClientSession(sim_discord.api_url + "/", headers=headers) as session:
        yield session
