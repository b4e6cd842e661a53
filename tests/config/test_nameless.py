"""The block ``nameless``: what is written, and what people read about it."""
# ruff: noqa: E501 - a line of a table is one line, so that it can be compared with its neighbours

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.config.load import Loaded

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

SERVERS = """
servers:
  survival: {status: {}}
  creative: {log: {path: /srv/latest.log}}
discord:
  token: "${DISCORD_TOKEN}"
  guild: "110373943822540800"
  channels: {main: "110373943822540801"}
rooms: {main: {servers: [survival, creative], channels: [main]}}
"""
WITHOUT_DISCORD = "servers: {survival: {status: {}}}\n"
SITE = "url: https://www.example.org, api-key: abc"
GROUPS = 'groups: {"900000000000000005": vip}'

FOUND = [
    ("", []),
    ("servers: {survival: 1}, announcements: main, announce-on: [survival, creative]", []),
    (f"servers: {{survival: 1}}, group-server: survival, {GROUPS}", []),
    ("servers: {surviva: 1}", ["nameless.servers.surviva: 'surviva' is not a name under servers; did you mean 'survival'?"]),
    ("servers: {survival: 0}", ["nameless.servers.survival: 0 is not a whole number from 1 to 999999"]),
    ("announcements: news", ["nameless.announcements: 'news' is not a name under discord.channels; known are: main"]),
    ("announce-on: [hub]", ["nameless.announce-on[0]: 'hub' is not a name under servers; known are: survival, creative"]),
    ("servers: {survival: 1}, group-server: creative", ["nameless.group-server: 'creative' is not a name under nameless.servers; known are: survival"]),
    ("group-server: survival", ["nameless.group-server: 'survival' is not a name under nameless.servers; nameless.servers is empty"]),
    (GROUPS, ["nameless.groups: needs group-server; set group-server to the server that the site synchronises groups with"]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), FOUND, ids=[more[:40] for more, _ in FOUND])
def test_what_is_wrong_is_told(problems_of: Problems, more: str, expected: list[str]) -> None:
    found = problems_of(f"{SERVERS}nameless: {{{SITE}, {more}}}\n")
    assert [words.split(": ", 1)[1] for words in found] == expected


def test_groups_without_discord_are_told(problems_of: Problems) -> None:
    text = (
        f"{WITHOUT_DISCORD}nameless: {{{SITE}, servers: {{survival: 1}}, group-server: survival, {GROUPS}}}\n"
    )
    assert problems_of(text) == ["2: nameless.groups: needs the block discord, where the roles are"]


@pytest.mark.parametrize(
    ("block", "advice"),
    [
        ("url: http://www.example.org, api-key: abc", "sends the API key for everybody on the way to read"),
        ("url: http://127.0.0.1, api-key: abc, allow-private: true", None),
        (f"{SITE}, servers: {{creative: 1}}", "is never reported"),
        (f"{SITE}, servers: {{survival: 1}}", None),
    ],
)
def test_what_is_unwise_is_told(load_text: Load, block: str, advice: str | None) -> None:
    warnings = map(str, load_text(f"{SERVERS}nameless: {{{block}}}\n").warnings)
    told = [one for one in warnings if "nameless" in one.split("bridge.yml:", 1)[-1]]
    assert len(told) == (advice is not None)
    assert all(advice is not None and advice in one for one in told)
