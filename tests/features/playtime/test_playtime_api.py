"""Players' figures for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.website.identity import Identity, IdentityKind
from tests.features.small_log import UUIDS

if TYPE_CHECKING:
    from tests.features.conftest import Desk
    from tests.features.playtime.conftest import OpenEvening

ALL = [
    *("online", "servers", "first-seen", "last-seen", "playtime", "sessions", "streak", "deaths"),
    *("advancements", "statistics"),
]


async def ask(desk: Desk, path: str, headers: dict[str, str] | None = None, *, status: int = 200) -> Any:  # noqa: ANN401 - JSON
    async with desk.client.get(path, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json(content_type=None)


async def reader(desk: Desk) -> dict[str, str]:
    """Return the header of a program that may read players."""
    maker = Identity(kind=IdentityKind.OWNER, name="Ines", permissions=permissions_of(Bundle.ADMIN))
    made = await desk.site.tokens.create("Shop", (Permission.PLAYERS_READ,), maker=maker)
    return {"Authorization": f"Bearer {made.secret}"}


def counts(seconds: int | None, sessions: int | None, deaths: int | None, said: int | None) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "sessions": sessions,
        "deaths": deaths,
        "advancements": None if deaths is None else 0,
        "said": said,
    }


async def test_everything_that_is_counted_of_a_player(open_evening: OpenEvening) -> None:
    async with open_evening(website={"player-fields": ALL}) as desk:
        found = await ask(desk, "/api/v1/players/mira/statistics")
        secret = await ask(desk, "/api/v1/players/mira/statistics", await reader(desk))
    ever = counts(7200, 2, 1, None)
    assert found == {
        "name": "Mira",
        "uuid": None,
        "day": counts(1800, 1, 0, None),
        "week": ever,
        "month": ever,
        "all": ever,
        "servers": [{"server": "survival", "counts": ever}],
        "streak": 2,
        "longest_streak": 2,
        "place": 1,
        "ranked": 3,
        "first_seen": "2026-07-03T18:00:00Z",
        "last_seen": "2026-07-04T00:00:00Z",
        "game_seconds": None,
        "game": [],
        "observed": {"percent": 100, "since": "2026-07-03T17:00:00Z"},
    }
    assert secret["uuid"] == UUIDS["Mira"]
    assert secret["all"] == counts(7200, 2, 1, 0)


async def test_what_is_private_is_null(evening: Desk) -> None:
    found = await ask(evening, "/api/v1/players/Mira/statistics")
    assert found["all"] == counts(None, None, None, None)
    kept = ("streak", "game", "place", "ranked", "first_seen", "last_seen")
    assert {found[name] for name in kept} == {None}


@pytest.mark.parametrize(
    "changes",
    [
        {"website": {"show-players": False}},
        {"website": {"player-fields": []}},
        {"privacy": {"hidden-players": ["mira"]}},
    ],
)
async def test_who_is_not_public_is_found_only_with_the_permission(
    open_evening: OpenEvening, changes: dict[str, Any]
) -> None:
    async with open_evening(**changes) as desk:
        await ask(desk, "/api/v1/players/Mira/statistics", status=404)
        await ask(desk, "/api/v1/leaderboard", status=404)
        headers = await reader(desk)
        found = await ask(desk, "/api/v1/players/Mira/statistics", headers)
        assert found["all"]["seconds"] == 7200
        board = await ask(desk, "/api/v1/leaderboard?by=said", headers)
        assert [place["name"] for place in board["places"]] == ["Noah"]


async def test_a_leaderboard(evening: Desk) -> None:
    found = await ask(evening, "/api/v1/leaderboard?period=day&server=survival&limit=2")
    assert found == {
        "by": "seconds",
        "period": "day",
        "server": "survival",
        "places": [
            {"place": 1, "name": "Lena", "uuid": None, "value": 2700},
            {"place": 2, "name": "Mira", "uuid": None, "value": 1800},
        ],
        "observed": {"percent": 100, "since": "2026-07-03T22:00:00Z"},
    }
    await ask(evening, "/api/v1/leaderboard?by=deaths", status=404)
    await ask(evening, "/api/v1/leaderboard?server=elsewhere", status=404)
    await ask(evening, "/api/v1/leaderboard?period=year", status=422)
    with_uuids = await ask(evening, "/api/v1/leaderboard?limit=1", await reader(evening))
    assert with_uuids["places"][0]["uuid"] == UUIDS["Mira"]
