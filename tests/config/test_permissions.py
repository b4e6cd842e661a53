from __future__ import annotations

import itertools
import re

import pytest

from bridge.config.access import Bundle, Permission, bundle_of, permissions_of
from bridge.config.permissions import PERMISSIONS, Rule, Rules, Who
from bridge.config.settings import StaffSettings


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS["GET /secret"] = Rule(Who.EVERYONE, "")  # type: ignore[index]  # that is the claim


@pytest.mark.parametrize("key", PERMISSIONS)
def test_every_line_is_a_page_or_a_command_and_says_why(key: str) -> None:
    assert re.fullmatch(r"(GET|POST|DELETE) /[a-z0-9/{}.-]*|/[a-z]+", key)
    assert len(PERMISSIONS[key].why) > 10


def test_whatever_changes_something_is_not_for_everyone() -> None:
    assert [
        key
        for key, permission in PERMISSIONS.items()
        if key.startswith("POST") and permission.who is Who.EVERYONE
    ] == []
    assert PERMISSIONS["/say"].who is Permission.GAME_SAY


def test_each_rung_may_do_what_the_one_below_it_may() -> None:
    held = [permissions_of(bundle) for bundle in Bundle]
    assert held == sorted(held, key=len)
    assert all(lower < higher for lower, higher in itertools.pairwise(held))
    assert held[0] == frozenset()
    assert held[-1] == frozenset(Permission)


def test_the_highest_role_counts_and_who_runs_the_guild_runs_the_bridge() -> None:
    staff = StaffSettings.model_validate({"roles": {"1" * 18: "moderator", "2" * 18: "helper"}})
    assert bundle_of(staff, ["2" * 18, "1" * 18, "3" * 18], administrator=False) is Bundle.MODERATOR
    assert bundle_of(staff, [], administrator=False) is Bundle.PLAYER
    assert bundle_of(staff, [], administrator=True) is Bundle.ADMIN


def test_every_permission_opens_something() -> None:
    """Whoever makes a token is offered each of them."""
    asked_for = {rule.who for rule in PERMISSIONS.values()}
    named = " ".join(rule.why for rule in PERMISSIONS.values())
    assert [each for each in Permission if each not in asked_for and each not in named] == []


def test_a_permission_is_asked_for_and_nothing_else() -> None:
    rules = Rules()
    assert not rules.may_use("/say", frozenset())
    assert rules.may_use("/say", frozenset({Permission.GAME_SAY}))
    assert rules.may_use("GET /", frozenset())
    assert not rules.may_use("GET /nowhere", frozenset(Permission))
