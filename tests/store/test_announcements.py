"""Announcements as the pages of rooms find them again."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.events import AnnouncementMade, ChannelId, EndId, ServerId
from bridge.store import Store
from bridge.store.announcements import (
    add_announcement,
    recent_announcements,
    remove_announcement,
    removed_announcements,
)

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
NEWS = EndId("discord:10")
GAME = EndId("server:survival")
ENDS = [NEWS, GAME]


def made(markup: str, *, channels: str = "10", servers: str = "survival") -> AnnouncementMade:
    return AnnouncementMade(
        at=NOON,
        origin="feed:blog",
        markup=markup,
        channels=tuple(map(ChannelId, channels.split())),
        servers=tuple(map(ServerId, servers.split())),
    )


async def keep(store: Store, *events: AnnouncementMade) -> None:
    """Keep announcements at the positions 1, 2 and so on."""
    async with store.transaction() as tx:
        for position, event in enumerate(events, start=1):
            await add_announcement(tx, position, event)


async def recent(store: Store, *ends: EndId, most: int = 10, through: int = 99) -> list[str]:
    async with store.reading() as conn:
        found = await recent_announcements(conn, ends, most=most, through=through)
    return [f"{one.position} {one.event.markup}" for one in found]


async def test_the_newest_of_a_room_come_once_each_and_in_order(store: Store) -> None:
    await keep(store, made("a"), made("b", servers=""), made("c", channels=""), made("d", channels="11"))
    assert await recent(store, *ENDS) == ["1 a", "2 b", "3 c", "4 d"]
    assert await recent(store, *ENDS, most=2) == ["3 c", "4 d"]
    assert await recent(store, *ENDS, through=2) == ["1 a", "2 b"]
    assert await recent(store, NEWS) == ["1 a", "2 b"]
    assert await recent(store, EndId("discord:11")) == ["4 d"]
    assert await recent(store) == []


async def test_what_is_told_nowhere_or_twice_is_kept_as_it_should(store: Store) -> None:
    event = made("a", channels="10 10")
    await keep(store, event, made("nowhere", channels="", servers=""))
    await keep(store, event)
    assert await recent(store, *ENDS) == ["1 a"]


async def test_an_announcement_comes_back_as_it_was_made(store: Store) -> None:
    event = made("**Été** « à »\n" + "x" * 3000)
    await keep(store, event)
    async with store.reading() as conn:
        (found,) = await recent_announcements(conn, ENDS, most=1, through=9)
    assert found.event == event


async def test_what_is_removed_is_gone_everywhere_and_known_as_removed(store: Store) -> None:
    await keep(store, made("a"), made("b"), made("c"))
    async with store.transaction() as tx:
        assert await remove_announcement(tx, 2, at=NOON)
        assert not await remove_announcement(tx, 2, at=NOON)
        assert not await remove_announcement(tx, 77, at=NOON)
    assert await recent(store, NEWS) == ["1 a", "3 c"]
    assert await recent(store, GAME) == ["1 a", "3 c"]
    async with store.reading() as conn:
        assert await removed_announcements(conn, ENDS, first=1, last=3) == [2]
        assert await removed_announcements(conn, ENDS, first=3, last=9) == []
        assert await removed_announcements(conn, [EndId("server:other")], first=1, last=9) == []
