"""Where feeds stand and what is known of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.store import Store
from bridge.store.feeds import (
    StoredFeed,
    forget_entries,
    keep_only_feeds,
    known_entries,
    save_feed,
    see_entries,
    stored_feed,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BLOG = StoredFeed(
    name="blog",
    url="https://example.org/feed",
    moved="https://www.example.org/feed",
    etag='W/"a"',
    modified="Tue, 24 Nov 2026 12:00:00 GMT",
    looked_at=NOON,
    read_at=NOON,
    next_at=NOON + timedelta(minutes=30),
    failures=2,
    problem="the host's name was not found",
    trouble="unreachable",
)


async def test_a_feed_comes_back_as_it_was_stored_last(store: Store) -> None:
    bare = StoredFeed(name="blog", url="https://example.org/other")
    async with store.transaction() as tx:
        assert await stored_feed(tx, "blog") is None
        await save_feed(tx, BLOG)
        assert await stored_feed(tx, "blog") == BLOG
        await save_feed(tx, bare)
        assert await stored_feed(tx, "blog") == bare


async def test_entries_are_known_once_seen_and_forgotten_when_long_gone(store: Store) -> None:
    async with store.transaction() as tx:
        await see_entries(tx, "blog", [], NOON)
        await see_entries(tx, "blog", ["a", "b"], NOON)
        await see_entries(tx, "news", ["a"], NOON)
        await see_entries(tx, "blog", ["b", "c"], NOON + timedelta(days=2))
        assert await known_entries(tx, "blog") == {"a", "b", "c"}
        assert await forget_entries(tx, "blog", unseen_since=NOON + timedelta(days=1)) == 1
        assert await known_entries(tx, "blog") == {"b", "c"}
        assert await known_entries(tx, "news") == {"a"}


async def test_feeds_that_the_settings_no_longer_name_are_forgotten(store: Store) -> None:
    async with store.transaction() as tx:
        await save_feed(tx, BLOG)
        await see_entries(tx, "blog", ["a"], NOON)
        await see_entries(tx, "news", ["a"], NOON)
        await keep_only_feeds(tx, ["blog"])
        assert await stored_feed(tx, "blog") == BLOG
        assert await known_entries(tx, "blog") == {"a"}
        assert await known_entries(tx, "news") == frozenset()
        await keep_only_feeds(tx, [])
        assert await stored_feed(tx, "blog") is None
        assert await known_entries(tx, "blog") == frozenset()
