"""Players through the API: what is public, and what needs a permission."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.config.access import Permission
from bridge.events import PlayerIdentified, PlayerJoined, ServerId
from bridge.features.contract import utc_now
from bridge.simulator.game import SimGame

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
UUID = "0e6a1d6c-8a1c-4b7e-9d52-0a8c1f3d2b4a"


def joined(player: str, server: str = "survival", *, hours: int = 0) -> PlayerJoined:
    return PlayerJoined(at=AT + timedelta(hours=hours), server=ServerId(server), player=player)


async def names(house: House, path: str, headers: dict[str, str] | None = None) -> list[str]:
    """Return the names on all pages that follow each other."""
    found: list[str] = []
    next_: str | None = path
    while next_ is not None:
        page = await house.ask(next_, headers)
        found += [player["name"] for player in page["players"]]
        next_ = page["next"]
    return found


async def test_the_public_sees_the_fields_that_the_settings_name(open_house: OpenHouse) -> None:
    async with open_house(website={"player-fields": ["last-seen"]}) as house:
        await house.happen(joined("Nora"))
        page = await house.ask("/api/v1/players")
        expected: dict[str, Any] = {
            "name": "Nora",
            "uuid": None,
            "online": None,
            "servers": None,
            "first_seen": None,
            "last_seen": "2026-11-22T14:00:00Z",
        }
        assert page == {"next": None, "players": [expected]}
        assert await house.ask("/api/v1/players/Nora") == expected
        await house.ask("/api/v1/players?server=survival", status=404)


async def test_who_may_read_players_sees_every_field(house: House) -> None:
    await house.happen(
        joined("Nora"),
        PlayerIdentified(at=AT, server=ServerId("survival"), player="Nora", uuid=UUID),
        joined("Nora", "creative", hours=2),
    )
    headers = await house.token(Permission.PLAYERS_READ)
    assert await house.ask("/api/v1/players/Nora", headers) == {
        "name": "Nora",
        "uuid": UUID,
        "online": False,
        "servers": ["creative", "survival"],
        "first_seen": "2026-11-22T14:00:00Z",
        "last_seen": "2026-11-22T16:00:00Z",
    }


async def test_nobody_is_online_on_a_server_that_is_down(open_house: OpenHouse, tmp_path: Path) -> None:
    game = SimGame(tmp_path / "game", players=("Nora",))
    await game.start()
    status = {"port": game.status.port, "down-after": 1, "every": "1s", "timeout": "1s"}
    now = [utc_now()]
    async with open_house(now=lambda: now[0], servers={"survival": {"status": status}}) as house:
        server = house.parts.servers[ServerId("survival")]
        assert server.status is not None
        await house.happen(joined("Nora"))
        await server.status.check()
        assert (await house.ask("/api/v1/players/Nora"))["online"] is True
        await game.stop()
        await server.status.check()
        now[0] += timedelta(seconds=5)
        assert (await house.ask("/api/v1/players/Nora"))["online"] is False


async def test_hidden_players_are_nobody_to_the_public(open_house: OpenHouse) -> None:
    async with open_house(privacy={"hidden-players": ["nora"]}) as house:
        await house.happen(joined("Nora"), joined("Milo"))
        first = await house.ask("/api/v1/players?limit=1")
        assert [player["name"] for player in first["players"]] == ["Milo"]
        assert await house.ask(first["next"]) == {"next": None, "players": []}, "no cursor is a hidden name"
        hidden = await house.ask("/api/v1/players/Nora", status=404)
        assert hidden == await house.ask("/api/v1/players/Nobody", status=404)
        headers = await house.token(Permission.PLAYERS_READ)
        assert await names(house, "/api/v1/players?limit=1", headers) == ["Milo", "Nora"]


@pytest.mark.parametrize("website", [{"show-players": False}, {"player-fields": []}])
async def test_a_community_may_keep_its_players_to_itself(
    open_house: OpenHouse, website: dict[str, object]
) -> None:
    async with open_house(website=website) as house:
        await house.happen(joined("Nora"))
        await house.ask("/api/v1/players", status=404)
        await house.ask("/api/v1/players/Nora", status=404)
        headers = await house.token(Permission.PLAYERS_READ)
        assert await names(house, "/api/v1/players", headers) == ["Nora"]


@pytest.mark.parametrize("limit", [1, 2, 500])
async def test_pages_hold_every_name_once(house: House, limit: int) -> None:
    known = ["Alex", "amir", "Nora", "Norbert", "zoe"]
    await house.happen(*map(joined, known), joined("Nora", "creative"), joined("Elsa", "creative"))
    path = f"/api/v1/players?limit={limit}"
    assert await names(house, path) == sorted([*known, "Elsa"], key=str.lower)
    assert await names(house, f"{path}&prefix=nOR") == ["Nora", "Norbert"]
    assert await names(house, f"{path}&server=creative") == ["Elsa", "Nora"]
    assert await names(house, f"{path}&server=creative&prefix=N") == ["Nora"]
    assert await names(house, f"{path}&prefix=%25") == []


async def test_names_in_other_capitals_are_found_and_told_apart(house: House) -> None:
    await house.happen(joined("Nora"), joined("nora", hours=1), joined("Milo"))
    assert await names(house, "/api/v1/players?limit=2") == ["Milo", "Nora", "nora"]
    found = [
        (await house.ask(f"/api/v1/players/{name}"))["name"] for name in ("Nora", "nora", "NORA", "milo")
    ]
    assert found == ["Nora", "nora", "nora", "Milo"]
