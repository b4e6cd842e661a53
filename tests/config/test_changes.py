from __future__ import annotations

import pytest

from bridge.config.changes import RELOADABLE, Changes, compare, reloaded
from bridge.config.settings import BridgeSettings
from bridge.config.shape import every_key

SERVER = {"log": {"path": "/logs/latest.log"}, "rcon": {"password": "correct horse"}}


def settings(**more: object) -> BridgeSettings:
    discord = {"token": "secret", "guild": "1" * 18, "channels": {"main": "2" * 18}}
    base: dict[str, object] = {
        "servers": {"s": SERVER},
        "discord": discord,
        "rooms": {"r": {"servers": ["s"]}},
    }
    return BridgeSettings.model_validate({**base, **more})


def test_equal_settings_have_no_changes() -> None:
    assert compare(settings(), settings()) == Changes()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"notices": {"join": {"enabled": False}}}, "notices.join.enabled"),
        ({"relay": {"game-length": 100}}, "relay.game-length"),
        ({"logging": {"level": "debug"}}, "logging.level"),
        ({"messages": {"a": "b"}}, "messages.a"),
        ({"retention": {"chat": "1d"}}, "retention.chat"),
        ({"privacy": {"hidden-players": ["Steve"]}}, "privacy.hidden-players"),
        ({"rooms": {"r": {"servers": ["s"], "title": "Chat"}}}, "rooms.r.title"),
        ({"servers": {"s": {**SERVER, "rcon": {"password": "other"}}}}, "servers.s.rcon.password"),
    ],
)
def test_what_a_reload_may_change_is_taken_over(change: dict[str, object], key: str) -> None:
    old, new = settings(), settings(**change)
    changes = compare(old, new)
    assert key in changes.reloadable
    assert changes.restart == ()
    assert reloaded(old, new) == new


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"data": "/elsewhere"}, "data"),
        ({"website": {"port": 9}}, "website.port"),
        ({"logging": {"format": "json"}}, "logging.format"),
        ({"rooms": {"r": {"servers": ["s"], "website": "read"}}}, "rooms.r.website"),
    ],
)
def test_what_needs_a_restart_is_named_and_left_as_it_was(change: dict[str, object], key: str) -> None:
    old, new = settings(), settings(**change)
    assert compare(old, new) == Changes(restart=(key,))
    assert reloaded(old, new) == old


def test_new_servers_and_rooms_wait_for_a_restart() -> None:
    more = {"servers": {"s": {"log": {"path": "/logs/latest.log"}}, "t": {"status": {}, "title": "T"}}}
    old, new = settings(), settings(**more)
    changes = compare(old, new)
    assert "servers.t.status.port" in changes.restart
    assert changes.reloadable == ()
    assert "servers.s.rcon.password" in changes.restart
    assert list(reloaded(old, new).servers) == ["s"]


def test_secrets_are_not_in_the_changes() -> None:
    new = settings(discord={"token": "other", "guild": "1" * 18, "channels": {"main": "2" * 18}})
    changes = compare(settings(), new)
    assert changes.reloadable == ("discord.token",)
    assert "other" not in repr(changes)


def test_every_line_of_the_table_is_a_setting() -> None:
    known = {key for key, _ in every_key()}
    assert [key for key in RELOADABLE if key not in known] == []
