"""Servers through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.events import ServerId
from bridge.features.servers import ServerView, State
from bridge.features.status.api import server_answer

if TYPE_CHECKING:
    from tests.features.conftest import House


async def test_the_community_and_its_servers_are_told(house: House) -> None:
    status = await house.ask("/api/v1/status")
    assert status["community"] == "Stonebridge"
    assert status["up"] + status["down"] + status["unknown"] == 1
    (server,) = (await house.ask("/api/v1/servers"))["servers"]
    assert (server["id"], server["title"]) == ("survival", "Survival")
    assert server["state"] == status["state"]
    assert await house.ask("/api/v1/servers/survival") == server
    await house.ask("/api/v1/servers/nowhere", status=404)


@pytest.mark.parametrize("told", [True, False])
def test_who_plays_is_told_only_where_it_may_be(told: bool) -> None:
    view = ServerView(
        id=ServerId("survival"), title="Survival", address=None, state=State.UP, online=1, names=("Nora",)
    )
    server = server_answer(view, named=told)
    assert server.online == 1
    assert server.names == (("Nora",) if told else None)
