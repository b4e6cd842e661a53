"""Programs ask for players."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.website.identity import Identity, IdentityKind

if TYPE_CHECKING:
    from tests.features.conftest import Desk

PATH = "/api/v1/players/query"


async def header(desk: Desk, *scopes: Permission) -> dict[str, str]:
    maker = Identity(kind=IdentityKind.OWNER, name="Ines", permissions=permissions_of(Bundle.ADMIN))
    made = await desk.site.tokens.create("Shop", scopes, maker=maker)
    return {"Authorization": f"Bearer {made.secret}"}


async def ask(
    desk: Desk, body: object, headers: dict[str, str] | None = None, *, path: str = PATH, status: int = 200
) -> Any:  # noqa: ANN401 - JSON
    async with desk.client.post(path, json=body, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json(content_type=None)


async def test_a_program_finds_players_by_the_same_filters(desk: Desk) -> None:
    token = await header(desk, Permission.STATISTICS_READ)
    body = {"filters": [{"filter": "play-time", "from": "2026-06-10", "at_least": 60}]}
    assert await ask(desk, body, token) == {
        "next": None,
        "total": 1,
        "players": [
            {
                "name": "Mira",
                "uuid": "aaaaaaaa-0000-4000-8000-000000000001",
                "first_seen": "2026-06-14T18:00:00Z",
                "last_seen": "2026-06-28T18:30:00Z",
                "play_time_s": 5400,
                "play_time_30_days_s": 5400,
                "sessions": 3,
                "activity_index": 3.055,
                "activity_band": "active",
            }
        ],
    }


@pytest.mark.parametrize("sort", ["name", "activity", "last-seen"])
async def test_pages_lead_on(desk: Desk, sort: str) -> None:
    token = await header(desk, Permission.STATISTICS_READ)
    names: list[str] = []
    path: str | None = f"{PATH}?limit=25"
    while path is not None:
        page = await ask(desk, {"sort": sort}, token, path=path)
        names += [player["name"] for player in page["players"]]
        path = page["next"]
        assert page["total"] == 62
    assert len(set(names)) == len(names) == 62


async def test_what_is_wrong_is_refused(desk: Desk) -> None:
    token = await header(desk, Permission.STATISTICS_READ)
    for body in (
        {"filters": [{"filter": "country"}]},
        {"filters": [{"filter": "name"}]},
        {"filters": [{"filter": "last-seen", "from": "2026-07-01", "to": "2026-06-01"}]},
        {"filters": [{"filter": "online"}] * 21},
        {"sort": "luck"},
    ):
        problem = await ask(desk, body, token, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        assert problem["errors"][0]["pointer"].startswith("#/"), body
    await ask(desk, {}, token, path=f"{PATH}?cursor=x", status=HTTPStatus.UNPROCESSABLE_ENTITY)


async def test_only_with_the_permission(desk: Desk) -> None:
    await ask(desk, {}, await header(desk, Permission.RECORDS_READ), status=HTTPStatus.FORBIDDEN)
    await ask(desk, {}, status=HTTPStatus.UNAUTHORIZED)
