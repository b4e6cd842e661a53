from __future__ import annotations

import re

import pytest

from bridge.config.permissions import PERMISSIONS, Permission, Who


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS["GET /secret"] = Permission(Who.EVERYONE, "")  # type: ignore[index]  # that is the claim


@pytest.mark.parametrize("key", PERMISSIONS)
def test_every_line_is_a_page_or_a_command_and_says_why(key: str) -> None:
    assert re.fullmatch(r"(GET|POST) /[a-z/{}-]*|/[a-z]+", key)
    assert len(PERMISSIONS[key].why) > 10


def test_whatever_changes_something_is_not_for_everyone() -> None:
    assert [
        key
        for key, permission in PERMISSIONS.items()
        if key.startswith("POST") and permission.who is Who.EVERYONE
    ] == []
    assert PERMISSIONS["/say"].who is Who.SAY_ROLES
