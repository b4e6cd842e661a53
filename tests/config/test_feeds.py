"""The block ``feeds``: what people read about what they wrote."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.config.load import Loaded

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

REST = """
servers:
  survival: {status: {}}
  creative: {status: {port: 25566}}
discord:
  token: "${DISCORD_TOKEN}"
  guild: "110373943822540800"
  channels: {main: "110373943822540801"}
rooms: {main: {servers: [survival, creative], channels: [main]}}
"""
URL = "url: https://www.example.org/feed.xml"


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (f"{URL}, channel: main, servers: [survival, creative]", []),
        (
            f"{URL}, channel: man",
            ["channel: 'man' is not a name under discord.channels; did you mean 'main'?"],
        ),
        (
            f"{URL}, servers: [hub]",
            ["servers[0]: 'hub' is not a name under servers; known are: survival, creative"],
        ),
        ("channel: main", ["url: is missing; Where the feed is."]),
    ],
)
def test_what_is_wrong_is_told(problems_of: Problems, feed: str, expected: list[str]) -> None:
    found = problems_of(f"{REST}feeds: {{blog: {{{feed}}}}}\n")
    assert [words.split(": ", 1)[1] for words in found] == [f"feeds.blog.{words}" for words in expected]


@pytest.mark.parametrize(
    ("feed", "advice"),
    [
        (URL, "feeds.blog: is read, but nobody is told; give it channel, or servers"),
        (f"{URL}, channel: main", None),
        (f"{URL}, servers: [survival]", None),
        ("url: http://localhost:8000/feed, channel: main", "feeds.blog.url: is on this machine"),
        ("url: http://127.0.0.1/feed, channel: main, allow-private: true", None),
    ],
)
def test_what_is_unwise_is_told(load_text: Load, feed: str, advice: str | None) -> None:
    warnings = map(str, load_text(f"{REST}feeds: {{blog: {{{feed}}}}}\n").warnings)
    told = [one for one in warnings if "feeds.blog" in one]
    assert len(told) == (advice is not None)
    assert all(advice is not None and advice in one for one in told)
