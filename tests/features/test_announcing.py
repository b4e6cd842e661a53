"""Announcements on their way into the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.config.settings import BridgeSettings
from bridge.events import AnnouncementMade, ChannelId, ServerId
from bridge.features.announcing import announcement, channels_announced_to, servers_announced_to

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


def settings(**changes: object) -> BridgeSettings:
    return BridgeSettings.model_validate(
        {
            "servers": {"survival": {}, "creative": {}},
            "discord": {
                "token": "x",
                "guild": "100000000000000009",
                "channels": {"main": "100000000000000001", "news": "100000000000000002"},
            },
            **changes,
        }
    )


def hook(**then: object) -> dict[str, Any]:
    return {"in": {"shop": {"secret": "0123456789abcdef", "then": [then]}}}


@pytest.mark.parametrize(
    ("changes", "channels", "servers"),
    [
        ({}, set(), set()),
        ({"hooks": hook(post={"channel": "news", "text": "x"})}, {"100000000000000002"}, set()),
        ({"hooks": hook(say={"servers": ["creative"], "text": "x"})}, set(), {"creative"}),
        ({"hooks": hook(say={"text": "x"})}, set(), {"creative", "survival"}),
        (
            {"feeds": {"blog": {"url": "https://example.org/f", "channel": "main", "servers": ["survival"]}}},
            {"100000000000000001"},
            {"survival"},
        ),
        ({"feeds": {"blog": {"url": "https://example.org/f"}}}, set(), set()),
        (
            {
                "nameless": {
                    "url": "https://example.org",
                    "api-key": "k",
                    "announcements": "news",
                    "announce-on": ["survival"],
                }
            },
            {"100000000000000002"},
            {"survival"},
        ),
        ({"discord": None, "hooks": hook(post={"channel": "news", "text": "x"})}, set(), set()),
    ],
)
def test_the_settings_say_who_may_be_announced_to(
    changes: dict[str, Any], channels: set[str], servers: set[str]
) -> None:
    ours = settings(**changes)
    assert set(map(str, channels_announced_to(ours))) == channels
    assert set(map(str, servers_announced_to(ours))) == servers
