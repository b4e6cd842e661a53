"""Kinds of event as settings name them."""

from __future__ import annotations

import pytest

from bridge.config.kinds import kinds_named, known_patterns
from bridge.events import ChatBroadcast, ChatEdited, ChatEmoted, ChatRemoved, ChatSaid, PlayerJoined


def test_one_kind_or_a_whole_area_is_named() -> None:
    assert kinds_named("player.joined") == (PlayerJoined,)
    assert kinds_named("chat.*") == (ChatSaid, ChatEmoted, ChatBroadcast, ChatEdited, ChatRemoved)


@pytest.mark.parametrize("pattern", ["", "*", ".*", "player", "player.", "player.join", "pl.*", "player.j*"])
def test_nothing_else_names_a_kind(pattern: str) -> None:
    assert kinds_named(pattern) == ()


def test_everything_that_is_offered_names_something() -> None:
    assert {"chat.*", "player.joined", "hook.received"} <= set(known_patterns())
    assert all(kinds_named(pattern) for pattern in known_patterns())
