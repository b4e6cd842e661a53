"""Feeds in a house: followed, told about, and left alone when there are none."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bridge.config.settings import BridgeSettings
from bridge.features.board import Condition
from bridge.features.contract import Parts
from bridge.features.feeds import Feeds, Trouble
from bridge.journal import SqliteJournal
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.feeds import StoredFeed, save_feed, stored_feed
from bridge.store.schema import Migrate

if TYPE_CHECKING:
    from tests.features.feeds.conftest import SettingsWith, Site

Open = Callable[..., AbstractAsyncContextManager[Parts]]


@pytest.fixture
def open_parts(migrate: Migrate) -> Open:
    """The parts of a house without website and Discord's link."""

    @asynccontextmanager
    async def opened(settings: BridgeSettings) -> AsyncIterator[Parts]:
        store = await Store.open(settings.data, migrate=migrate)
        async with store, SqliteJournal(store) as journal:
            yield Parts(
                settings=settings,
                catalogue=Catalogue.load("en"),
                journal=journal,
                store=store,
            )

    return opened


async def test_every_feed_is_followed_and_its_state_told(
    open_parts: Open, settings_with: SettingsWith, site: Site
) -> None:
    site.hold("a")
    good = {"url": site.url, "channel": "news", "allow-private": True}
    refused = {"url": site.url, "channel": "news"}
    async with open_parts(settings_with(blog=good, other=refused)) as parts:
        feeds = Feeds(parts)
        assert [(state.name, state.looked_at, state.problem) for state in feeds.states()] == [
            ("blog", None, None),
            ("other", None, None),
        ]
        await feeds.prepare()
        running = asyncio.create_task(feeds.run())
        async with asyncio.timeout(30):
            while not all(state.looked_at for state in feeds.states()):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        blog, other = feeds.states()
        bad, well = await parts.board.reports()
    assert (bad.name, bad.condition, bad.advice) == ("feed:other", Condition.TROUBLE, "feeds.advice.private")
    assert (well.title, well.condition, well.since) == ("Feed blog", Condition.WELL, blog.read_at)
    assert (blog.problem, blog.failures) == (None, 0)
    assert blog.next_at is not None
    assert (other.failures, other.trouble) == (1, Trouble.PRIVATE)
    assert "allow-private" in (other.problem or "")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_trouble_has_an_advice(language: str) -> None:
    catalogue = Catalogue.load(language)
    assert [trouble for trouble in Trouble if f"feeds.advice.{trouble.value}" not in catalogue] == []


async def test_feeds_that_are_no_longer_in_the_settings_are_forgotten(
    open_parts: Open, settings_with: SettingsWith
) -> None:
    async with open_parts(settings_with()) as parts:
        async with parts.store.transaction() as tx:
            await save_feed(tx, StoredFeed(name="blog", url="https://example.org/"))
        await Feeds(parts).run()  # ends: there is nothing to follow
        async with parts.store.reading() as conn:
            assert await stored_feed(conn, "blog") is None


def test_a_bridge_without_feeds_does_not_load_the_parser() -> None:
    code = "import sys, bridge.app, bridge.features.feeds; print('feedparser' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "False\n"
