"""The settings as staff see them."""

from __future__ import annotations

from bridge.config.settings import BridgeSettings
from bridge.config.shown import HIDDEN, shown

SETTINGS = BridgeSettings.model_validate(
    {
        "community": {"name": "Our village"},
        "servers": {"survival": {"title": "Survival", "rcon": {"password": "hunter2"}}},
        "hooks": {
            "out": {
                "shop": {
                    "url": "https://user:pass@shop.example.org/in/t0k3n?key=t0k3n",
                    "secret": "0123456789abcdef0123456789abcdef",
                    "kinds": ["player.joined"],
                }
            }
        },
        "feeds": {"blog": {"url": "https://blog.example.org/feed.xml?token=t0k3n"}},
    }
)
ROWS = {row.key: row for row in shown(SETTINGS)}


def test_values_stand_by_their_keys_as_in_the_file() -> None:
    assert ROWS["community.name"].value == "Our village"
    assert ROWS["servers.survival.title"].value == "Survival"
    assert ROWS["website.port"].usual


def test_secrets_are_only_said_to_be_set() -> None:
    assert (ROWS["servers.survival.rcon.password"].value, ROWS["hooks.out.shop.secret"].value) == (
        HIDDEN,
    ) * 2
    told = " ".join(row.value for row in ROWS.values())
    assert [secret for secret in ("hunter2", "0123456789abcdef", "t0k3n", "pass") if secret in told] == []


def test_addresses_say_where_they_lead_without_what_may_open_the_door() -> None:
    assert ROWS["hooks.out.shop.url"].value == "https://shop.example.org/…"
    assert ROWS["feeds.blog.url"].value == "https://blog.example.org/feed.xml?…"
