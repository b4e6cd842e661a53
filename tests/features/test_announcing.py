"""Announcements on their way into the journal."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.events import AnnouncementMade, ChannelId, ServerId
from bridge.features.announcing import announcement

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_an_announcement_is_known_by_what_caused_it() -> None:
    draft = announcement(
        "feed:blog",
        "post-7",
        at=AT,
        markup="**New bridge**",
        channels=[ChannelId("10")],
        servers=[ServerId("survival")],
        url="https://blog.example.org/7",
    )

    assert draft.id == "announce:feed:blog:post-7"
    assert draft.source == "announce:feed:blog"
    assert draft.place == "post-7"
    assert draft.event == AnnouncementMade(
        at=AT,
        origin="feed:blog",
        markup="**New bridge**",
        channels=(ChannelId("10"),),
        servers=(ServerId("survival"),),
        url="https://blog.example.org/7",
    )
