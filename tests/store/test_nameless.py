from __future__ import annotations

from datetime import UTC, datetime

from bridge.store import Store
from bridge.store.nameless import keep_announcements, known_announcements

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SITE = "https://www.example.org"


async def test_a_site_without_announcements_is_still_known(store: Store) -> None:
    async with store.reading() as conn:
        assert await known_announcements(conn, SITE) is None
    async with store.transaction() as tx:
        await keep_announcements(tx, SITE, {}, at=NOON)
    async with store.reading() as conn:
        assert await known_announcements(conn, SITE) == {}
        assert await known_announcements(conn, "https://elsewhere.example") is None


async def test_announcements_are_kept_with_their_newest_digest(store: Store) -> None:
    for digests in ({"1": "a", "2": "b"}, {"2": "c"}, {"2": "c"}):
        async with store.transaction() as tx:
            await keep_announcements(tx, SITE, digests, at=NOON)
    async with store.reading() as conn:
        assert await known_announcements(conn, SITE) == {"1": "a", "2": "c"}
