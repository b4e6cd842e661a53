"""Feeds as a feature: one follower a feed, and how each of them is doing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from bridge.config.settings import BridgeSettings
from bridge.features.board import Condition, Report
from bridge.features.contract import Parts
from bridge.features.feeds.follower import FeedState, Follower
from bridge.features.feeds.newsroom import Newsroom
from bridge.locales import Catalogue
from bridge.store.feeds import keep_only_feeds
from bridge.supervise import keep_alive
from bridge.website.outgoing import Outgoing

_REDIRECTS: Final = 5


class Feeds:
    """Looks at the feeds of the settings and tells what is new."""

    name = "feeds"

    def __init__(self, parts: Parts) -> None:
        self._parts, self._settings, self._catalogue = parts, parts.settings, parts.catalogue
        self._ways = {
            allowed: Outgoing(allow_private=allowed, redirects=_REDIRECTS) for allowed in (False, True)
        }
        self._followers = {
            name: Follower(
                feed,
                partial(self._newsroom, name),
                way=self._ways[feed.allow_private],
                journal=parts.journal,
                store=parts.store,
                now=parts.now,
            )
            for name, feed in parts.settings.feeds.items()
        }
        parts.board.add_reports(self._reports)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word what is told as the settings now say."""
        self._settings, self._catalogue = settings, catalogue

    async def prepare(self) -> None:
        """Nothing: a feed is looked at when its time has come."""

    async def run(self) -> None:
        """Follow every feed until cancelled; ends at once where there is none."""
        async with self._parts.store.transaction() as tx:
            await keep_only_feeds(tx, self._followers.keys())
        async with AsyncExitStack() as stack:
            for way in self._ways.values():
                await stack.enter_async_context(way)
            async with asyncio.TaskGroup() as tasks:
                for name, follower in self._followers.items():
                    tasks.create_task(keep_alive(f"feed {name}", follower.run))

    def states(self) -> list[FeedState]:
        """Return how every feed is doing, in the order of the settings."""
        return [follower.state for follower in self._followers.values()]

    async def _reports(self) -> list[Report]:
        return [self._report(state) for state in self.states()]

    def _report(self, state: FeedState) -> Report:
        """Return how a feed is, for staff."""
        healthy = Condition.WAITING if state.looked_at is None else Condition.WELL
        return Report(
            name=f"feed:{state.name}",
            title=self._catalogue.plain("feeds.title", feed=state.name),
            condition=healthy if state.trouble is None else Condition.TROUBLE,
            since=state.read_at,
            problem=state.problem or "",
            advice="" if state.trouble is None else f"feeds.advice.{state.trouble.value}",
        )

    def _newsroom(self, name: str) -> Newsroom:
        return Newsroom(name=name, settings=self._settings, catalogue=self._catalogue)
